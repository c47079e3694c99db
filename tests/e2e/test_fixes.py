"""Every example of the texts that can be fixed is fixed by a code action; the text after it, whole.

The texts are those of `fixtures/recorded/seed_examples`, analysed without inlining, as they were written
about. What comes of each lies in `fixtures/fixed`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from goescape.ide.fixes.edit import Edit, apply
from goescape.source.file import SourceFile
from harness.editor import Editor, capabilities, project, serving
from harness.fixes import gofmt
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.std]

FIXTURES = Path(__file__).parents[1] / "fixtures"

client = serving(
    lambda: lsp.InitializeParams(
        capabilities=capabilities(pull=True), initialization_options={"inline": False}
    )
)

older = serving(
    lambda: lsp.InitializeParams(
        capabilities=capabilities(pull=True),
        initialization_options={"inline": False, "goVersion": "1.24"},
    )
)

CASES = [
    ("examples", "p := Point", "Return the value from `E1`"),
    ("examples", "make([]int, 0, n)", "Use the constant capacity 64"),
    ("examples", "make([]byte, 65*1024)", "Fit the limit: 65536 elements"),
    ("examples", "x)\n}\n", "Say it without fmt"),
    ("examples_variants", "n)\n}\n\n// \"A read", "Say it without fmt"),
    ("examples_variants", "b [9", "Fit the limit: 131072 elements"),
    ("slice_non_constant_param", "make([]int32, varSize)", "Use an array of 64 elements"),
    ("slice_non_constant_param", "make([]int32, varSize, varSize)", "Use an array of 64 elements"),
    ("slice_non_constant_param", "make([]int32, constSize, v", "Use the constant capacity 64"),
    ("sink", "makeRecord(i))\n\t}\n}\n\nfunc benchTyped", "Keep the concrete type: `v Record`"),
    ("example2", "z S", "Take a pointer to `z`"),
    ("example3", "y int", "Take a pointer to `y`"),
    ("closure_function", "y := 1\n\t\t\t\t// x is", "Pass `x` to the literal"),
    ("argument_injection", "make([]byte, 16)\n\tn", "Let the caller of `Next` provide"),
    ("huge_objects_over_limits", "make([]int32, 0, 17*1000)", "Fit the limit: 16384 elements"),
    ("slice_variable_cap_foo2", "make([]int, 0, initSize)", "Use the constant capacity 64"),
    ("del", "make([]int, 10000)", "Fit the limit: 8192 elements"),
    ("del", "s1 := [2]int{1,2}    // yes", "Return the value from `f5`"),
    ("del", "y := x              // yes // line 45", "Return the value from `f8`"),
    ("example2", "z S", "Return the value from `ref`"),
    ("return_values", "x1 := &t", "Return the value from `f1`"),
    ("input_parameters", "x1 *int) **int", "Return the value from `f1`"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "marker", "title"), CASES)
async def test_an_example_is_fixed(
    client: LanguageClient, tmp_path: Path, name: str, marker: str, title: str
) -> None:
    same = [marker for n, marker, t in CASES if (n, t) == (name, title)]
    number = f"-{same.index(marker) + 1}" if same[0] != marker else ""
    await _is_fixed(client, tmp_path, name, marker, title, number)


async def test_a_size_is_made_a_constant_where_the_release_needs_it(
    older: LanguageClient, tmp_path: Path
) -> None:
    title = "Make `varSize` a constant"
    await _is_fixed(older, tmp_path, "slice_non_constant_size", "make([]int32, varSize)", title)


async def test_everything_safe_at_once(client: LanguageClient, tmp_path: Path) -> None:
    text = """package w

import "fmt"

func f(n int, s string) {
	fmt.Println(n)
	fmt.Println(s)
}
"""
    editor = Editor(client, project(tmp_path))
    editor.open(text)
    (action,) = await editor.actions(0, 0, "source.fixAll.goescape")
    assert _applied(text, action) == text.replace("fmt", "os", 1).replace(
        "\tfmt.Println(s)", '\tos.Stdout.WriteString(s + "\\n")'
    ).replace('"os"', '(\n\t"os"\n\t"strconv"\n)').replace(
        "\tfmt.Println(n)",
        "\tos.Stdout.Write(append(strconv.AppendInt(make([]byte, 0, 32), int64(n), 10), '\\n'))",
    )


@pytest.mark.parametrize(
    ("name", "marker"),
    [
        ("basic_concept", "v := 0"),
        ("examples", "v\n}"),
        ("examples", "n := 0"),
        ("map_key_value", "k2 := 0"),
        ("return_values", "make(map"),
        ("return_values", "[]int{}"),
    ],
)
async def test_nothing_is_offered_where_nothing_can_be_proved(
    client: LanguageClient, tmp_path: Path, name: str, marker: str
) -> None:
    text = (FIXTURES / "recorded" / "seed_examples" / name / f"{name}.go").read_text()
    editor = Editor(client, project(tmp_path))
    editor.open(text)
    line, column = _position(text, marker)
    titles = [a.title for a in await editor.actions(line, column, "quickfix")]
    assert not [t for t in titles if "behaviour" in t]


async def _is_fixed(
    client: LanguageClient, tmp_path: Path, name: str, marker: str, title: str, number: str = ""
) -> None:
    text = (FIXTURES / "recorded" / "seed_examples" / name / f"{name}.go").read_text()
    after = await _after(Editor(client, project(tmp_path)), text, marker, title)
    golden = FIXTURES / "fixed" / f"{name}.{_code(title)}{number}.txt"
    assert after == golden.read_text()
    if gofmt(text) == text:
        assert gofmt(after) == after


async def _after(editor: Editor, text: str, marker: str, title: str) -> str:
    """The text after the one action at the marker whose title begins like that."""
    editor.open(text)
    line, column = _position(text, marker)
    found = await editor.actions(line, column, "quickfix")
    (action,) = [a for a in found if a.title.startswith(title)]
    assert "behaviour" in action.title and "go1." in action.title
    assert not (action.is_preferred and "changes behaviour" in action.title)
    return _applied(text, action)


def _applied(text: str, action: lsp.CodeAction) -> str:
    assert action.edit is not None and action.edit.changes is not None
    ((_, edits),) = action.edit.changes.items()
    file = SourceFile("w.go", text.encode())
    plain = [
        Edit(
            "w.go",
            file.editor_offset(e.range.start.line, e.range.start.character),
            file.editor_offset(e.range.end.line, e.range.end.character),
            e.new_text,
        )
        for e in edits
    ]
    return apply(text.encode(), plain).decode()


def _position(text: str, marker: str) -> tuple[int, int]:
    at = text.index(marker)
    return text.count("\n", 0, at), at - text.rfind("\n", 0, at) - 1


def _code(title: str) -> str:
    return "-".join(title.partition(":")[0].replace("`", "").lower().split()[:7])
