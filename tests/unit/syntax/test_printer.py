"""Expressions print as the compiler's messages show them; branches find their targets."""

from __future__ import annotations

import pytest
from goescape.source.file import SourceFile
from goescape.source.positions import Positions
from goescape.syntax import ast
from goescape.syntax.branches import check_branches
from goescape.syntax.parse import parse_file
from goescape.syntax.printer import expr_string
from goescape.syntax.walk import walk


def expression(text: str) -> ast.Expr:
    parsed = parse_file(SourceFile("x.go", f"package p\n\nvar _ = {text}\n".encode()), Positions())
    (decl,) = parsed.file.decl_list
    assert isinstance(decl, ast.VarDecl) and decl.values is not None
    return decl.values


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("a+b*-c", "a + b * -c"),
        ("func(a,b int,c ...T)(x int){return}", "func(a, b int, c ...T) (x int) {…}"),
        ("func(){}", "func() {}"),
        ("T[int,string]{1,2}", "T[int, string]{…}"),
        ("[]T{}", "[]T{}"),
        ("x[1:2:3]", "x[1:2:3]"),
        ("f(a,b...)", "f(a, b...)"),
        ("(<-chan int)(x.(T))", "(<-chan int)(x.(T))"),
        ("chan (<-chan int)(nil)", "chan (<-chan int)(nil)"),
        ("struct{a,b int `t`;T}{}", "struct{a, b int `t`; T}{}"),
        ("interface{M(int)error;~int|T}(x)", "interface{M(int) error; ~int | T}(x)"),
        ("map[string][]int{}", "map[string][]int{}"),
    ],
)
def test_expression_text(text: str, printed: str) -> None:
    assert expr_string(expression(text)) == printed


def test_branch_targets() -> None:
    text = (
        "package p\n\nfunc f() {\nL:\n\tfor {\n\t\tswitch {\n\t\tcase a:\n\t\t\tbreak\n\t\tdefault:\n"
        "\t\t\tcontinue\n\t\t}\n\t\tbreak L\n\t}\n\tgoto L\n}\n"
    )
    parsed = parse_file(SourceFile("x.go", text.encode()), Positions())
    (decl,) = parsed.file.decl_list
    assert isinstance(decl, ast.FuncDecl) and decl.body is not None
    targets = check_branches(decl.body).targets
    found = [
        (node.tok, type(targets[node]).__name__)
        for node in walk(decl.body)
        if isinstance(node, ast.BranchStmt)
    ]
    assert found == [
        ("break", "SwitchStmt"), ("continue", "ForStmt"), ("break", "ForStmt"),
        ("goto", "LabeledStmt"),
    ]  # fmt: skip
