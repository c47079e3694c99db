"""The tree of a file is the compiler's, node by node and position by position."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from goescape.source.file import SourceFile
from goescape.source.mention import spelled
from goescape.source.positions import Positions
from goescape.syntax import ast
from goescape.syntax.parse import ParsedFile, parse_file
from harness.oracle import goroot
from harness.syntax_dump import (
    FIXTURES,
    RECORDED,
    build_dumper,
    compiler_dumps,
    dump,
    lower_all,
)


def parse(text: str | bytes) -> tuple[ParsedFile, Positions]:
    positions = Positions()
    data = text.encode() if isinstance(text, str) else text
    return parse_file(SourceFile("x.go", data), positions), positions


def errors(text: str | bytes) -> list[str]:
    """The errors of a file as "line:col: message", bodies lowered."""
    parsed, positions = parse(text)
    lower_all(parsed)
    found = []
    for e in parsed.file.errors:
        line, col = parsed.source.line_col(positions.offset(e.pos))
        found.append(f"{line}:{col}: {spelled(e.msg, positions)}")
    return found


def body(parsed: ParsedFile, name: str) -> list[ast.Stmt]:
    for decl in parsed.file.decl_list:
        if isinstance(decl, ast.FuncDecl) and decl.name.value == name:
            assert decl.body is not None
            return decl.body.list
    raise AssertionError(name)


@pytest.mark.parametrize("name", ["expressions", "statements", "types"])
def test_tree_is_the_compilers(name: str) -> None:
    recorded = (FIXTURES / (name + RECORDED)).read_text()
    assert dump(name + ".go", (FIXTURES / (name + ".go")).read_bytes()) == recorded


def test_errors_are_the_compilers() -> None:
    recorded = (FIXTURES / ("errors" + RECORDED)).read_text().splitlines()
    ours = dump("errors.go", (FIXTURES / "errors.go").read_bytes()).splitlines()
    assert [x for x in ours if x[:3] == "ERR"] == [x for x in recorded if x[:3] == "ERR"]


@pytest.mark.std
def test_library_is_the_compilers() -> None:
    """Every file of the toolchain's source that the compiler accepts."""
    sys.setrecursionlimit(20_000)  # as the entry points do
    files = [str(path) for path in sorted((goroot() / "src").rglob("*.go")) if path.is_file()]
    with tempfile.TemporaryDirectory() as scratch:
        program = build_dumper(Path(scratch))
        for i in range(0, len(files), 200):
            for name, text in compiler_dumps(program, files[i : i + 200], Path(scratch)).items():
                if "\nERR " not in "\n" + text:
                    assert dump(name, Path(name).read_bytes()) == text, name


def test_half_typed_selector_keeps_its_operand() -> None:
    parsed, _ = parse("package p\n\nfunc f() {\n\tx.\n}\n\nfunc g() { y() }\n")
    (stmt,) = body(parsed, "f")
    assert isinstance(stmt, ast.ExprStmt) and isinstance(stmt.x, ast.SelectorExpr)
    assert stmt.x.sel.value == "_"
    assert len(body(parsed, "g")) == 1


def test_broken_function_leaves_its_neighbours_alone() -> None:
    text = "package p\n\nfunc f() {\n\tif x {\n\ta(\n}\n\nfunc g(a int) { y() }\n\nvar v int\n"
    parsed, _ = parse(text)
    names = [d.name.value for d in parsed.file.decl_list if isinstance(d, ast.FuncDecl)]
    assert names == ["f", "g"]
    assert isinstance(parsed.file.decl_list[-1], ast.VarDecl)
    assert len(body(parsed, "g")) == 1


@pytest.mark.parametrize(
    "body",
    [
        "var x *int = new(1)\nreturn x",
        "\tx := new(1)\n\ttype (\n\t)\n\t_ = func(\nfunc(),\n) {\nconst c = 1\ntype t int\nfunc() { }()\n}",
        "\tnew(1)\n}; func g() {\nvar x = func() {\nvar y = 1\n}\nfunc(a int) T {\nreturn y\n}(x)",
    ],
)
def test_declarations_in_the_first_column_belong_to_the_function_that_reads_well(body: str) -> None:
    text = f"package p\n\nfunc f() *int {{\n{body}\n}}\n\nfunc (t T) M[P any]() {{\ntype p *P\n}}\n"
    parsed, _ = parse(text)
    assert errors(text) == []
    assert {type(d) for d in parsed.file.decl_list} == {ast.FuncDecl}


def test_declarations_in_the_first_column_are_tried_once() -> None:
    """Nested as deeply as it may be: reading each anew would take hours."""
    lines = "var a = func() {\n" * 900 + "x := new(1)\n" * 10_000 + "}\n" * 899
    assert errors(f"package p\n\nfunc f() {{\n{lines}x = \n")


def test_missing_brace_is_worded_as_by_the_compiler() -> None:
    text = "package p\n\nfunc f() {\n\tif x {\n}\n\nfunc g() {}\n"
    assert errors(text) == ["7:6: syntax error: unexpected name g, expected ("]


def test_constructs_newer_than_the_grammar() -> None:
    """`new` of a value (go1.26) and methods with type parameters (go1.27)."""
    text = (
        "package p\n\ntype T struct{}\n\nfunc (t T) M[P, Q any](x P) Q {\n\treturn *new(f(x))\n}\n\n"
        "func f() { p := new(1 + 2); _ = p }\n"
    )
    parsed, _ = parse(text)
    assert errors(text) == []
    method = parsed.file.decl_list[1]
    assert isinstance(method, ast.FuncDecl)
    assert [f.name.value for f in method.tparam_list if f.name] == ["P", "Q"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("package p\n\0\n", ["2:1: invalid NUL character"]),
        ("package p\n// \xff\n".encode("latin-1"), ["2:4: invalid UTF-8 encoding"]),
        ("\ufeffpackage p\n\n// \ufeff\n", ["3:4: invalid BOM in the middle of the file"]),
        (
            "package p\n\nvar x\u0660y, z\u00b2 int\n",
            ["3:12: invalid character U+00B2 '²' in identifier"],
        ),
        ("// c\n\nvar x int\n", ["3:1: syntax error: package statement must be first"]),
        ("package p; /* open", ["1:12: comment not terminated"]),
        ("package p\n\nvar s = `open\n", ["3:9: string not terminated"]),
        ("package p\n//line x.go:0\n", ["2:13: invalid line number: 0"]),
        (
            "package p\n\nfunc f() {\n\t//go:noinline\n\tx()\n}\n",
            ["4:4: misplaced compiler directive"],
        ),
    ],
)
def test_errors_below_the_grammar(text: str | bytes, expected: list[str]) -> None:
    assert errors(text) == expected


def test_carriage_returns_stay_in_raw_strings() -> None:
    parsed, _ = parse("package p\r\n\r\nvar s = `a\r\nb`\r\n")
    (decl,) = parsed.file.decl_list
    assert isinstance(decl, ast.VarDecl) and isinstance(decl.values, ast.BasicLit)
    assert decl.values.value == "`a\r\nb`"


def test_directives_belong_to_what_follows() -> None:
    text = (
        "//go:build go1.21\n\npackage p\n\n//go:noinline\n// c\n//go:nosplit\nfunc f() {}\n\n"
        "//go:linkname g h.i\nfunc g()\n\nvar (\n\t//go:embed x\n\tv string\n)\n"
    )
    parsed, _ = parse(text)
    f, g, v = parsed.file.decl_list
    assert f.pragma.flags == {"noinline", "nosplit"}
    assert [text for _, text in parsed.file.pragmas] == ["go:linkname g h.i"]
    assert g.pragma.flags == {"linkname"}
    assert v.pragma.flags == {"embed"}
    assert parsed.file.go_version == "go1.21"


N = 20_000


@pytest.mark.parametrize(
    "text",
    [
        "var x = " + "(" * N + "1" + ")" * N,
        "var x = " + "f(" * N + ")" * N,
        "var x = " + "!" * N + "y",
        "var x = []T" + "{" * N + "}" * N,
        "var x " + "[]" * N + "int",
        "var x " + "func() " * N + "int",
        "type T " + "struct { a " * N + "int" + "}" * N,
        "func f() { " + "if a {" * N + "}" * N + " }",
    ],
    ids=lambda text: text[:14],
)
def test_nesting_is_refused_beyond_a_depth(text: str) -> None:
    found = errors(f"package p\n\n{text}\n\nfunc g() {{}}\n")
    assert [e.split(": ", 1)[1] for e in found] == ["nesting too deep"]


@pytest.mark.parametrize(
    "text",
    [
        "var x = " + "a+" * N + "b",
        "var x = a" + ".b" * N,
        "var x = f" + "()" * N,
        "func f() { if a {}" + " else if b {}" * N + " }",
    ],
    ids=lambda text: text[:14],
)
def test_length_is_no_depth(text: str) -> None:
    assert errors(f"package p\n\n{text}\n") == []
