"""Edits as people make them, on real files: for tests that compare, and for benchmarks that time.

An `Edit` is drawn by hypothesis and applied to whatever the text is by then: offsets are fractions
of a function's body, so that an edit means something after any other.

Example: `Edit("insert", 0.5, 0, "}")` puts a brace into the middle of the first function.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

_FUNCTION = re.compile(rb"^func .*\{$", re.M)

SNIPPETS = (
    "}", "{", "(", ")", "x", "\n", '"', "`", "/*", "// 世界 𝒳\n", "return", "&", "*", ";", "+1", "nil", "if true {\n",
    "\n\tx9 := new(int)\n\t_ = x9\n", "func() {}()\n", "\n\tgo func() { _ = recover() }()\n", "\nfunc extra() *int { return new(int) }\n",
    "\n\tdefer println(1)\n", "\nvar y8 = 1\n", "for {}\n", " panic(1);", "\n\ttype t9 struct{ p *int }\n\tlocal9(t9{})\n",
)  # fmt: skip

KINDS = (
    "insert",
    "insert",
    "insert",
    "delete",
    "delete",
    "cut line",
    "double line",
    "paste",
    "undo",
    "undo",
)


DECLARATIONS = (
    "func fresh9(p *int) *int { return p }\n", "func init() { println(1) }\n", "func fresh9(", "func fresh9(p *int", "func fresh9() {",
    "func fresh9() int {\n\treturn used9\n}\n", "var used9 = 1\n", "const used9 = 2\n", "var used9 = new(int)\n", "func used9() {}\n", "type used9 int\n",
    "func (t *%s) fresh9(p *int) int { return *p }\n", "func (t *%s) String() string { return \"\" }\n", "func (t %s) Len() int { return 1 }\n",
    "var _ interface{ Len() int } = (*%s)(nil)\n", "type alias9 = %s\n", "type wide9 struct { a [2]%s; p *int }\n", "func take9(t %s) any { return t }\n",
    "func generic9[T any](t T) *T { return &t }\nvar made9 = generic9(1)\n", "var len = func(any) int { return 3 }\n", "type int string\n", "var _ = fmt.Sprint(1)\n", 'import "fmt"\n',
    "func local9[T any](t T) any {\n\ttype pair struct{ a, b T }\n\treturn &pair{t, t}\n}\n",
    "const (\n\ta9 = iota\n\tb9\n)\nvar arr9 [b9]*int\n", "//go:noinline\n", "// comment\n", "\n", "var", "type x9 struct {",
)  # fmt: skip
"""What is put between declarations; `%s` is a type that the file declares."""

HEADERS = ("x9 int, ", "x9 *int, ", "x9 ", "_ string, ", "*", "[]", ", ", ")", "(")
"""What is put into the parameters of a function."""

SPACES = (
    "\n", " ", "\t", "\n\n\t\t", " /* c */ ", " // c", "\n\t// 世界\n", "//", "/* c\n */", "\n\t//goescape:ignore because\n",
)  # fmt: skip
"""What means nothing between tokens, mostly."""

SPACE_KINDS = ("space", "space", "space", "end line", "end line", "indent", "dedent", "insert", "undo", "undo", "undo")  # fmt: skip

DECLARATION_KINDS = (
    "declare", "declare", "undeclare", "header", "header", "header delete", "rename", "cut any line",
    "double any line", "delete anywhere", "insert", "undo", "undo", "undo",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """`kind` is one of `KINDS`, `SPACE_KINDS` or `DECLARATION_KINDS`; `where` and `other` are fractions of the file's functions and of
    their bodies; `text` is what is inserted."""

    kind: str
    where: float
    inside: float
    other: float
    text: str


def edits() -> st.SearchStrategy[Edit]:
    fraction = st.floats(0, 0.999)
    return st.builds(
        Edit, st.sampled_from(KINDS), fraction, fraction, fraction, st.sampled_from(SNIPPETS)
    )


def declaration_edits() -> st.SearchStrategy[Edit]:
    """Edits of what stands outside of bodies, mostly."""
    fraction = st.floats(0, 0.999)
    one = [
        st.builds(
            Edit,
            st.just(kind),
            fraction,
            fraction,
            fraction,
            st.sampled_from(_TEXTS.get(kind, ("",))),
        )
        for kind in DECLARATION_KINDS
    ]
    return st.one_of(one)


def spacing_edits() -> st.SearchStrategy[Edit]:
    """Edits of blanks and comments, mostly."""
    fraction = st.floats(0, 0.999)
    return st.one_of([
        st.builds(Edit, st.just(kind), fraction, fraction, fraction, st.sampled_from(_TEXTS.get(kind, SPACES)))
        for kind in SPACE_KINDS
    ])  # fmt: skip


_TEXTS = {"declare": DECLARATIONS, "header": HEADERS, "insert": SNIPPETS}


def bodies(text: bytes) -> list[tuple[int, int]]:
    """From the line of each function to its closing brace; the whole text if there is none."""
    found = []
    for m in _FUNCTION.finditer(text):
        end = text.find(b"\n}", m.start())
        found.append((m.start(), end if end >= 0 else len(text)))
    return found or [(0, len(text))]


def apply(edit: Edit, text: bytes, undo: list[bytes]) -> bytes:
    """The text after `edit`; `undo` are earlier texts, the newest last."""
    if edit.kind == "undo":
        return undo.pop() if undo else text
    undo.append(text)
    if edit.kind in _ELSEWHERE:
        return _ELSEWHERE[edit.kind](edit, text)
    at = _place(text, edit.where, edit.inside)
    line = text.rfind(b"\n", 0, at) + 1
    end = text.find(b"\n", at) + 1 or len(text)
    if edit.kind == "insert":
        return text[:at] + edit.text.encode() + text[at:]
    if edit.kind == "delete":
        return text[:at] + text[at + 1 + int(edit.other * 6) :]
    if edit.kind == "cut line":
        return text[:line] + text[end:]
    if edit.kind == "double line":
        return text[:end] + text[line:end] + text[end:]
    other = _place(text, edit.other, edit.inside)
    start = text.rfind(b"\n", 0, other) + 1
    stop = text.find(b"\n", other) + 1 or len(text)
    return text[:line] + text[start:stop] + text[line:]


def _place(text: bytes, which: float, inside: float) -> int:
    found = bodies(text)
    start, end = found[int(which * len(found))]
    return start + int(inside * (end - start))


# --- declarations --------------------------------------------------------------------------------


def _function(edit: Edit, text: bytes) -> tuple[int, int]:
    found = bodies(text)
    return found[int(edit.where * len(found))]


def _declare(edit: Edit, text: bytes) -> bytes:
    """Before a function."""
    start, _ = _function(edit, text)
    types = [m[1] for m in re.finditer(rb"^type (\w+) \w", text, re.M)] or [b"T"]
    name = types[int(edit.other * len(types))]
    return text[:start] + edit.text.encode().replace(b"%s", name) + text[start:]


def _undeclare(edit: Edit, text: bytes) -> bytes:
    start, end = _function(edit, text)
    return text[:start] + text[end + 3 :]


def _parameters(edit: Edit, text: bytes) -> int:
    start, _ = _function(edit, text)
    line = text[start : text.find(b"\n", start)]
    m = re.match(rb"func (\([^)]*\) )?\w+(\[[^\]]*\])?\(", line)
    return start + (m.end() if m else len(line))


def _header(edit: Edit, text: bytes) -> bytes:
    at = _parameters(edit, text)
    new = edit.text.encode()
    if text[at : at + 1] == b")":
        new = new.rstrip(b", ")
    return text[:at] + new + text[at:]


def _header_delete(edit: Edit, text: bytes) -> bytes:
    start, _ = _function(edit, text)
    end = text.find(b"\n", start)
    at = start + int(edit.inside * (end - start))
    return text[:at] + text[at + 1 + int(edit.other * 4) :]


def _rename(edit: Edit, text: bytes) -> bytes:
    """The word in front of the parameters."""
    at = _parameters(edit, text) - 1
    return text[:at] + b"9" + text[at:]


def _line(edit: Edit, text: bytes) -> tuple[int, int]:
    at = int(edit.inside * len(text))
    return text.rfind(b"\n", 0, at) + 1, text.find(b"\n", at) + 1 or len(text)


def _cut_any_line(edit: Edit, text: bytes) -> bytes:
    line, end = _line(edit, text)
    return text[:line] + text[end:]


def _double_any_line(edit: Edit, text: bytes) -> bytes:
    line, end = _line(edit, text)
    return text[:end] + text[line:end] + text[end:]


def _delete_anywhere(edit: Edit, text: bytes) -> bytes:
    at = int(edit.inside * len(text))
    return text[:at] + text[at + 1 + int(edit.other * 3) :]


# --- blanks ----------------------------------------------------------------------------------------


def _space(edit: Edit, text: bytes) -> bytes:
    """At the next blank."""
    at = _place(text, edit.where, edit.inside)
    while at < len(text) and text[at] not in b" \t\n":
        at += 1
    return text[:at] + edit.text.encode() + text[at:]


def _end_line(edit: Edit, text: bytes) -> bytes:
    at = text.find(b"\n", _place(text, edit.where, edit.inside))
    return text[:at] + edit.text.encode() + text[at:]


def _indent(edit: Edit, text: bytes) -> bytes:
    start, end = _function(edit, text)
    return text[:start] + text[start:end].replace(b"\n\t", b"\n\t\t") + text[end:]


def _dedent(edit: Edit, text: bytes) -> bytes:
    start, end = _function(edit, text)
    return text[:start] + re.sub(rb"\n\s+", b"\n", text[start:end]) + text[end:]


_ELSEWHERE: dict[str, Callable[[Edit, bytes], bytes]] = {
    "declare": _declare,
    "undeclare": _undeclare,
    "header": _header,
    "header delete": _header_delete,
    "rename": _rename,
    "cut any line": _cut_any_line,
    "double any line": _double_any_line,
    "delete anywhere": _delete_anywhere,
    "space": _space,
    "end line": _end_line,
    "indent": _indent,
    "dedent": _dedent,
}
