"""Every node below a node, in source order of the compiler's own walk.

`children` gives the direct ones; `walk` all of them, the node first, with an explicit stack so that
no depth of nesting is too much. A function declaration's body is lowered by walking into it.

Trap: fields declared in one list share their type node; it is visited once per list.

Source: cmd/compile/internal/syntax/walk.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from goescape.syntax import ast

_FIELDS: dict[type[ast.Node], tuple[str, ...]] = {
    ast.File: ("pkg_name", "*decl_list"),
    ast.ImportDecl: ("local_pkg_name", "path"),
    ast.ConstDecl: ("*name_list", "type", "values"),
    ast.TypeDecl: ("name", "=tparam_list", "type"),
    ast.VarDecl: ("*name_list", "type", "values"),
    ast.FuncDecl: ("recv", "name", "=tparam_list", "type", "body"),
    ast.CompositeLit: ("type", "*elem_list"),
    ast.KeyValueExpr: ("key", "value"),
    ast.FuncLit: ("type", "body"),
    ast.ParenExpr: ("x",),
    ast.SelectorExpr: ("x", "sel"),
    ast.IndexExpr: ("x", "index"),
    ast.SliceExpr: ("x", "?index"),
    ast.AssertExpr: ("x", "type"),
    ast.TypeSwitchGuard: ("lhs", "x"),
    ast.Operation: ("x", "y"),
    ast.CallExpr: ("fun", "*arg_list"),
    ast.ListExpr: ("*elem_list",),
    ast.ArrayType: ("len", "elem"),
    ast.SliceType: ("elem",),
    ast.DotsType: ("elem",),
    ast.StructType: ("=field_list", "?tag_list"),
    ast.Field: ("name", "type"),
    ast.InterfaceType: ("*method_list",),
    ast.FuncType: ("=tparam_list", "=param_list", "=result_list"),
    ast.MapType: ("key", "value"),
    ast.ChanType: ("elem",),
    ast.LabeledStmt: ("label", "stmt"),
    ast.BlockStmt: ("*list",),
    ast.ExprStmt: ("x",),
    ast.SendStmt: ("chan", "value"),
    ast.DeclStmt: ("*decl_list",),
    ast.AssignStmt: ("lhs", "rhs"),
    ast.BranchStmt: ("label",),
    ast.CallStmt: ("call",),
    ast.ReturnStmt: ("results",),
    ast.IfStmt: ("init", "cond", "then", "els"),
    ast.ForStmt: ("init", "cond", "post", "body"),
    ast.SwitchStmt: ("init", "tag", "*body"),
    ast.SelectStmt: ("*body",),
    ast.RangeClause: ("lhs", "x"),
    ast.CaseClause: ("cases", "*body"),
    ast.CommClause: ("comm", "*body"),
}
"""The fields that hold children. A star marks lists; `?` lists of what may be missing, or is there
several times in a row; `=` lists of fields."""


def children(node: ast.Node) -> list[ast.Node]:
    """The nodes directly below `node`, in order."""
    found: list[ast.Node] = []
    push_children(node, found)
    found.reverse()
    return found


def push_children(node: ast.Node, stack: list[ast.Node]) -> None:
    """Put the same on `stack`, so that the first one is on top."""
    push = _PUSH.get(node.__class__)
    if push is not None:
        push(node, stack)


def walk(node: ast.Node) -> Iterator[ast.Node]:
    """`node` and everything below it, parents first."""
    stack = [node]
    pop = stack.pop
    push = _PUSH.get
    while stack:
        current = pop()
        yield current
        below = push(current.__class__)
        if below is not None:
            below(current, stack)


def local_type_decls(d: ast.Decl) -> list[ast.TypeDecl]:
    """The type declarations in function bodies of `d`, in source order."""
    if type(d) is ast.FuncDecl:
        roots: list[ast.Node] = [d.body] if d.body is not None else []
    elif type(d) is ast.VarDecl and d.values is not None:
        roots = [n.body for n in walk(d.values) if type(n) is ast.FuncLit]
    else:
        return []
    return list({n: None for r in roots for n in walk(r) if type(n) is ast.TypeDecl})


def _push_fields(fields: list[ast.Field], stack: list[ast.Node]) -> None:
    """The type of several names is below the first of them."""
    for i in range(len(fields) - 1, -1, -1):
        field = fields[i]
        if i and field.type is fields[i - 1].type:
            if field.name is not None:
                stack.append(field.name)
        else:
            stack.append(field)


def _push_some(nodes: list[ast.Node | None], stack: list[ast.Node]) -> None:
    """Without what is missing, and repeated."""
    for i in range(len(nodes) - 1, -1, -1):
        node = nodes[i]
        if node is not None and not (i and node is nodes[i - 1]):
            stack.append(node)


def _compile(cls: type[ast.Node]) -> Callable[[Any, list[ast.Node]], None]:
    """What puts the children of a `cls` on a stack, the first one on top, made for its fields."""
    lines = []
    for f in reversed(_FIELDS[cls]):
        if f[0] == "*":
            lines += [f"x = n.{f[1:]}", "if x: stack += x[::-1]"]
        elif f[0] == "=":
            lines += [f"if n.{f[1:]}: fields(n.{f[1:]}, stack)"]
        elif f[0] == "?":
            lines += [f"some(n.{f[1:]}, stack)"]
        else:
            lines += [f"x = n.{f}", "if x is not None: stack.append(x)"]
    scope: dict[str, Any] = {"fields": _push_fields, "some": _push_some}
    exec("\n    ".join(["def push(n, stack):", *lines]), scope)
    found: Callable[[Any, list[ast.Node]], None] = scope["push"]
    return found


_PUSH = {cls: _compile(cls) for cls in _FIELDS}
