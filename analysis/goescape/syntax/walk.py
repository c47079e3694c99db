"""Every node below a node, in source order of the compiler's own walk.

`children` gives the direct ones; `walk` all of them, the node first, with an explicit stack so that
no depth of nesting is too much. A function declaration's body is lowered by walking into it.

Trap: fields declared in one list share their type node; it is visited once per list.

Source: cmd/compile/internal/syntax/walk.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from goescape.syntax import ast


def children(node: ast.Node) -> list[ast.Node]:
    """The nodes directly below `node`, in order."""
    find = _CHILDREN.get(type(node))
    return [] if find is None else [child for child in find(node) if child is not None]


def walk(node: ast.Node) -> Iterator[ast.Node]:
    """`node` and everything below it, parents first."""
    stack = [node]
    pop = stack.pop
    find = _CHILDREN.get
    while stack:
        current = pop()
        yield current
        below = find(type(current))
        if below is not None:
            stack += [child for child in reversed(below(current)) if child is not None]


def local_type_decls(d: ast.Decl) -> list[ast.TypeDecl]:
    """The type declarations in function bodies of `d`, in source order."""
    if type(d) is ast.FuncDecl:
        roots: list[ast.Node] = [d.body] if d.body is not None else []
    elif type(d) is ast.VarDecl and d.values is not None:
        roots = [n.body for n in walk(d.values) if type(n) is ast.FuncLit]
    else:
        return []
    return list({n: None for r in roots for n in walk(r) if type(n) is ast.TypeDecl})


def _fields(fields: list[ast.Field]) -> list[ast.Node | None]:
    found: list[ast.Node | None] = []
    for i, field in enumerate(fields):
        found.append(field)
        if i and field.type is fields[i - 1].type:
            found[-1] = field.name
    return found


def _struct(n: ast.StructType) -> list[ast.Node | None]:
    found = _fields(n.field_list)
    last: ast.BasicLit | None = None
    for tag in n.tag_list:
        if tag is not None and tag is not last:
            found.append(tag)
            last = tag
    return found


def _values(*parts: object) -> list[ast.Node | None]:
    found: list[ast.Node | None] = []
    for part in parts:
        if isinstance(part, list):
            found.extend(part)
        elif part is None or isinstance(part, ast.Node):
            found.append(part)
    return found


_CHILDREN: dict[type[ast.Node], Callable[..., list[ast.Node | None]]] = {
    ast.File: lambda n: [n.pkg_name, *n.decl_list],
    ast.ImportDecl: lambda n: [n.local_pkg_name, n.path],
    ast.ConstDecl: lambda n: [*n.name_list, n.type, n.values],
    ast.TypeDecl: lambda n: [n.name, *_fields(n.tparam_list), n.type],
    ast.VarDecl: lambda n: [*n.name_list, n.type, n.values],
    ast.FuncDecl: lambda n: [n.recv, n.name, *_fields(n.tparam_list), n.type, n.body],
    ast.CompositeLit: lambda n: [n.type, *n.elem_list],
    ast.KeyValueExpr: lambda n: [n.key, n.value],
    ast.FuncLit: lambda n: [n.type, n.body],
    ast.ParenExpr: lambda n: [n.x],
    ast.SelectorExpr: lambda n: [n.x, n.sel],
    ast.IndexExpr: lambda n: [n.x, n.index],
    ast.SliceExpr: lambda n: [n.x, *n.index],
    ast.AssertExpr: lambda n: [n.x, n.type],
    ast.TypeSwitchGuard: lambda n: [n.lhs, n.x],
    ast.Operation: lambda n: [n.x, n.y],
    ast.CallExpr: lambda n: [n.fun, *n.arg_list],
    ast.ListExpr: lambda n: n.elem_list,
    ast.ArrayType: lambda n: [n.len, n.elem],
    ast.SliceType: lambda n: [n.elem],
    ast.DotsType: lambda n: [n.elem],
    ast.StructType: _struct,
    ast.Field: lambda n: [n.name, n.type],
    ast.InterfaceType: lambda n: n.method_list,
    ast.FuncType: lambda n: [
        *_fields(n.tparam_list),
        *_fields(n.param_list),
        *_fields(n.result_list),
    ],
    ast.MapType: lambda n: [n.key, n.value],
    ast.ChanType: lambda n: [n.elem],
    ast.LabeledStmt: lambda n: [n.label, n.stmt],
    ast.BlockStmt: lambda n: n.list,
    ast.ExprStmt: lambda n: [n.x],
    ast.SendStmt: lambda n: [n.chan, n.value],
    ast.DeclStmt: lambda n: n.decl_list,
    ast.AssignStmt: lambda n: [n.lhs, n.rhs],
    ast.BranchStmt: lambda n: [n.label],
    ast.CallStmt: lambda n: [n.call],
    ast.ReturnStmt: lambda n: [n.results],
    ast.IfStmt: lambda n: [n.init, n.cond, n.then, n.els],
    ast.ForStmt: lambda n: [n.init, n.cond, n.post, n.body],
    ast.SwitchStmt: lambda n: [n.init, n.tag, *n.body],
    ast.SelectStmt: lambda n: n.body,
    ast.RangeClause: lambda n: [n.lhs, n.x],
    ast.CaseClause: lambda n: [n.cases, *n.body],
    ast.CommClause: lambda n: [n.comm, *n.body],
}
