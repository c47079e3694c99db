"""Expressions, types and simple statements as one line of Go, the way the compiler's syntax package
prints them in messages.

Function bodies and the elements of composite literals are cut to `…`. Blanks are the printer's, not
the source's; parentheses are those of the tree.

Example: `func(a,b int)(x int){return}` is printed `func(a, b int) (x int) {…}`.

Source: cmd/compile/internal/syntax/printer.go: String, ShortForm (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable

from goescape.syntax import ast


def expr_string(node: ast.Expr) -> str:
    """The text of an expression or a type."""
    out: list[str] = []
    _expr(node, out)
    return "".join(out)


def stmt_string(stmt: ast.Node) -> str:
    """The text of a simple statement; of a compound one its keyword."""
    if isinstance(stmt, ast.Expr):
        return expr_string(stmt)
    if isinstance(stmt, ast.ExprStmt):
        return expr_string(stmt.x)
    if isinstance(stmt, ast.SendStmt):
        return f"{expr_string(stmt.chan)} <- {expr_string(stmt.value)}"
    if isinstance(stmt, ast.AssignStmt):
        if stmt.rhs is None:
            return expr_string(stmt.lhs) + stmt.op * 2
        op = stmt.op if stmt.op == ":=" else stmt.op + "="
        return f"{expr_string(stmt.lhs)} {op} {expr_string(stmt.rhs)}"
    if isinstance(stmt, ast.RangeClause):
        if stmt.lhs is None:
            return f"range {expr_string(stmt.x)}"
        op = ":=" if stmt.define else "="
        return f"{expr_string(stmt.lhs)} {op} range {expr_string(stmt.x)}"
    if isinstance(stmt, ast.CallStmt):
        return f"{stmt.tok} {expr_string(stmt.call)}"
    if isinstance(stmt, ast.ReturnStmt):
        return "return" if stmt.results is None else f"return {expr_string(stmt.results)}"
    if isinstance(stmt, ast.BranchStmt):
        return stmt.tok if stmt.label is None else f"{stmt.tok} {stmt.label.value}"
    if isinstance(stmt, ast.EmptyStmt):
        return ""
    return "{…}" if isinstance(stmt, ast.BlockStmt) else type(stmt).__name__


def _expr(node: ast.Node, out: list[str]) -> None:
    printer = _PRINTERS.get(type(node))
    if printer is not None:
        printer(node, out)


def _list(nodes: list[ast.Expr], out: list[str]) -> None:
    for i, node in enumerate(nodes):
        if i:
            out.append(", ")
        _expr(node, out)


def _operation(node: ast.Operation, out: list[str]) -> None:
    spine: list[ast.Operation] = []
    x: ast.Expr = node
    while isinstance(x, ast.Operation) and x.y is not None:
        spine.append(x)
        x = x.x
    if isinstance(x, ast.Operation):
        out.append(x.op)
        _expr(x.x, out)
    else:
        _expr(x, out)
    while spine:
        op = spine.pop()
        assert op.y is not None
        out.append(f" {op.op} ")
        _expr(op.y, out)


def _func_lit(node: ast.FuncLit, out: list[str]) -> None:
    _expr(node.type, out)
    out.append(" {…}" if node.body.list else " {}")


def _composite(node: ast.CompositeLit, out: list[str]) -> None:
    if node.type is not None:
        _expr(node.type, out)
    out.append("{…}" if node.elem_list else "{}")


def _around(before: str, after: str, field: str) -> Callable[[ast.Node, list[str]], None]:
    def show(node: ast.Node, out: list[str]) -> None:
        out.append(before)
        _expr(getattr(node, field), out)
        out.append(after)

    return show


def _selector(node: ast.SelectorExpr, out: list[str]) -> None:
    _expr(node.x, out)
    out.append("." + node.sel.value)


def _index(node: ast.IndexExpr, out: list[str]) -> None:
    _expr(node.x, out)
    out.append("[")
    _expr(node.index, out)
    out.append("]")


def _slice(node: ast.SliceExpr, out: list[str]) -> None:
    _expr(node.x, out)
    out.append("[")
    i, j, k = node.index
    if i is not None:
        _expr(i, out)
    out.append(":")
    if j is not None:
        _expr(j, out)
    if k is not None:
        out.append(":")
        _expr(k, out)
    out.append("]")


def _assert(node: ast.AssertExpr, out: list[str]) -> None:
    _expr(node.x, out)
    out.append(".(")
    _expr(node.type, out)
    out.append(")")


def _guard(node: ast.TypeSwitchGuard, out: list[str]) -> None:
    if node.lhs is not None:
        out.append(node.lhs.value + " := ")
    _expr(node.x, out)
    out.append(".(type)")


def _call(node: ast.CallExpr, out: list[str]) -> None:
    _expr(node.fun, out)
    out.append("(")
    _list(node.arg_list, out)
    out.append("...)" if node.has_dots else ")")


def _key_value(node: ast.KeyValueExpr, out: list[str]) -> None:
    _expr(node.key, out)
    out.append(": ")
    _expr(node.value, out)


def _array(node: ast.ArrayType, out: list[str]) -> None:
    out.append("[")
    if node.len is None:
        out.append("...")
    else:
        _expr(node.len, out)
    out.append("]")
    _expr(node.elem, out)


def _map(node: ast.MapType, out: list[str]) -> None:
    out.append("map[")
    _expr(node.key, out)
    out.append("]")
    _expr(node.value, out)


def _chan(node: ast.ChanType, out: list[str]) -> None:
    out.append({"": "chan ", "send": "chan<- ", "recv": "<-chan "}[node.dir])
    if node.dir == "" and isinstance(node.elem, ast.ChanType) and node.elem.dir == "recv":
        out.append("(")
        _expr(node.elem, out)
        out.append(")")
    else:
        _expr(node.elem, out)


def _struct(node: ast.StructType, out: list[str]) -> None:
    out.append("struct{")
    fields = node.field_list
    i = 0
    while i < len(fields):
        if i:
            out.append("; ")
        j = i + 1
        if fields[i].name is None:
            _expr(fields[i].type, out)
        else:
            while j < len(fields) and fields[j].name and fields[j].type is fields[i].type:
                j += 1
            out.append(", ".join(f.name.value for f in fields[i:j] if f.name is not None))
            out.append(" ")
            _expr(fields[i].type, out)
        tag = node.tag_list[i] if i < len(node.tag_list) else None
        if tag is not None:
            out.append(" " + tag.value)
        i = j
    out.append("}")


def _interface(node: ast.InterfaceType, out: list[str]) -> None:
    out.append("interface{")
    for i, method in enumerate(node.method_list):
        if i:
            out.append("; ")
        if method.name is not None and isinstance(method.type, ast.FuncType):
            out.append(method.name.value)
            _signature(method.type, out)
        else:
            _expr(method.type, out)
    out.append("}")


def _func_type(node: ast.FuncType, out: list[str]) -> None:
    out.append("func")
    _signature(node, out)


def _signature(node: ast.FuncType, out: list[str]) -> None:
    _params(node.param_list, out)
    results = node.result_list
    if results:
        out.append(" ")
        if len(results) == 1 and results[0].name is None:
            _expr(results[0].type, out)
        else:
            _params(results, out)


def _params(fields: list[ast.Field], out: list[str]) -> None:
    out.append("(")
    for i, field in enumerate(fields):
        if i:
            out.append(", ")
        if field.name is not None:
            out.append(field.name.value)
            if i + 1 < len(fields):
                following = fields[i + 1]
                if following.name is not None and following.type is field.type:
                    continue
            out.append(" ")
        _expr(field.type, out)
    out.append(")")


_PRINTERS: dict[type[ast.Node], Callable[..., None]] = {
    ast.BadExpr: lambda node, out: out.append("<bad expr>"),
    ast.Name: lambda node, out: out.append(node.value),
    ast.BasicLit: lambda node, out: out.append(node.value),
    ast.FuncLit: _func_lit,
    ast.CompositeLit: _composite,
    ast.ParenExpr: _around("(", ")", "x"),
    ast.SelectorExpr: _selector,
    ast.IndexExpr: _index,
    ast.SliceExpr: _slice,
    ast.AssertExpr: _assert,
    ast.TypeSwitchGuard: _guard,
    ast.CallExpr: _call,
    ast.Operation: _operation,
    ast.KeyValueExpr: _key_value,
    ast.ListExpr: lambda node, out: _list(node.elem_list, out),
    ast.ArrayType: _array,
    ast.SliceType: _around("[]", "", "elem"),
    ast.DotsType: _around("...", "", "elem"),
    ast.StructType: _struct,
    ast.FuncType: _func_type,
    ast.InterfaceType: _interface,
    ast.MapType: _map,
    ast.ChanType: _chan,
}
