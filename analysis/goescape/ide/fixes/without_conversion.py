"""Do without the conversion.

`string(b)` copies the text of b, to the heap if it has more than 32 bytes or must outlive the function. In many
places it need not be made: most functions for strings have a twin for bytes, and the compiler compares, looks up
and switches on `string(b)` without a copy if the conversion stands right there.

When it is offered
  - `w.WriteString(string(b))` becomes `w.Write(b)`;
  - `append(s, string(b)...)`, `append(s, []byte(t)...)` and `copy` of these take b and t as they are;
  - `strings.F(string(b), ...)`, `utf8.F...InString(string(b))` and `MatchString(string(b))` become their
    twins, if the other arguments are of the same type there, or constants, and nobody is called who
    could write to b meanwhile;
  - `s := string(b)`, where s is only compared, looked up in maps and switched on: `string(b)` then
    stands there itself, and no comment speaks of s. Between the declaration and the last use nothing may be called or assigned
    that could change b, and no other goroutine may be waited for;
  - the call is not one of `defer` or `go`, which would find b changed.

The behaviour stays the same for functions of the library, `bytes.Buffer` and `strings.Builder`. It
changes when another writer's `Write` does other things than its `WriteString`.

Source: cmd/compile/internal/walk/{order,switch}.go (OBYTES2STRTMP) (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.layout import respaced
from goescape.ide.fixes.lines import without_line
from goescape.ide.fixes.snapshot import Path, Snapshot, is_local, unparen
from goescape.ide.fixes.write_string import SAME, full_name
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.lookup import lookup_field_or_method
from goescape.typecheck.objects import Func, Object, Var
from goescape.typecheck.predicates import identical, is_string
from goescape.typecheck.types import (
    Array,
    Basic,
    Chan,
    Interface,
    Map,
    Signature,
    Slice,
    Struct,
    Type,
    TypeParam,
    unalias,
)

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "without-conversion"

_WRITER = "the writer's Write does something else than its WriteString"

_SAME_ARGUMENTS = frozenset(
    "ContainsAny ContainsFunc ContainsRune IndexAny IndexByte IndexFunc IndexRune LastIndexAny "
    "LastIndexByte LastIndexFunc".split()
)
"""Functions of strings whose twin in bytes takes the same further arguments."""

_ONE_TEXT = frozenset("Contains Count EqualFold HasPrefix HasSuffix Index LastIndex".split())
"""Those whose further argument is bytes, too."""

_UTF8 = {
    "DecodeLastRuneInString": "DecodeLastRune",
    "DecodeRuneInString": "DecodeRune",
    "FullRuneInString": "FullRune",
    "RuneCountInString": "RuneCount",
    "ValidString": "Valid",
}

_COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if not finding.subject.startswith(("string(", "[]byte(", "([]byte)(")):
        return
    path = snapshot.path_of(finding)
    while path and not isinstance(path[-1], ast.CallExpr):
        path.pop()
    made = path[-1] if path else None
    if not isinstance(made, ast.CallExpr) or not snapshot.is_type(made.fun):
        return
    if len(path) < 3 or len(made.arg_list) != 1 or not isinstance(path[0], ast.FuncDecl):
        return
    (x,) = made.arg_list
    to_string = _is_string(snapshot.type(made)) and is_bytes(snapshot.type(x))
    to_bytes = is_bytes(snapshot.type(made)) and _is_string(snapshot.type(x))
    if not (to_string or to_bytes) or snapshot.constant(x) is not None:
        return
    if isinstance(path[-3], ast.CallStmt):
        return  # What is deferred, or run by another goroutine, finds the bytes changed.
    fix = _appended(snapshot, path, made, x)
    if fix is None and to_string:
        fix = _twin(snapshot, path, x) or _in_place(snapshot, path, made, x)
    if fix is not None:
        yield fix


def _is_string(t: Type | None) -> bool:
    return t is not None and is_string(t) and isinstance(unalias(t), Basic)


def is_bytes(t: Type | None) -> bool:
    """Whether `t` is a slice of bytes that has no name of its own."""
    t = unalias(t) if t is not None else None
    elem = unalias(t.elem) if isinstance(t, Slice) else None
    return isinstance(elem, Basic) and elem.kind == "uint8"


def _appended(snapshot: Snapshot, path: Path, made: ast.CallExpr, x: ast.Expr) -> Fix | None:
    """The last argument of `append` or `copy`: text as it is."""
    call = path[-2]
    if not isinstance(call, ast.CallExpr) or call.arg_list[-1] is not made:
        return None
    builtin = snapshot.builtin(call)
    if (builtin == "append" and not call.has_dots) or builtin not in ("append", "copy"):
        return None
    if len(call.arg_list) != 2 or not is_bytes(snapshot.type(call.arg_list[0])):
        return None
    file = snapshot.path_of_node(made)
    start, end = snapshot.span(made)
    edit = Edit(file, start, end, snapshot.source(x))
    return Fix(CODE, f"{builtin.capitalize()} the text as it is", (edit,))


def _twin(snapshot: Snapshot, path: Path, x: ast.Expr) -> Fix | None:
    """The only or first argument of a function or method that has a twin for bytes."""
    made, call = path[-1], path[-2]
    if not isinstance(call, ast.CallExpr) or not isinstance(call.fun, ast.SelectorExpr):
        return None
    if snapshot.has_comment(call):
        return None
    if snapshot.calls(call, "io", "WriteString") and call.arg_list[-1] is made:
        return _written(snapshot, call, x)
    if not call.arg_list or call.arg_list[0] is not made:
        return None
    fun, file, others = call.fun, snapshot.path_of_node(call), call.arg_list[1:]
    name = fun.sel.value
    texts = [snapshot.source(x)]
    needs: tuple[tuple[str, str], ...] = ()
    caveat = ""
    if snapshot.calls(call, "strings", *_SAME_ARGUMENTS, *_ONE_TEXT):
        for other in others:
            text = snapshot.source(other)
            if snapshot.calls_something(other) or not _is_harmless(snapshot, other):
                return None  # It may write to the bytes.
            if name in _ONE_TEXT:
                if not isinstance(snapshot.constant(other), str):
                    return None
                text = f"[]byte({text})"
            texts.append(text)
        package = snapshot.package_name(file, "bytes", path[0])
        new, needs = f"{package}.{name}", ((file, "bytes"),)
        if not package or snapshot.pkg.scope.lookup("byte") is not None:
            return None
    elif snapshot.calls(call, "unicode/utf8", *_UTF8):
        new = f"{snapshot.source(fun.x)}.{_UTF8[name]}"
    elif name in ("WriteString", "MatchString") and not others:
        t = snapshot.type(fun.x)
        found = _method(snapshot, t, {"WriteString": "Write", "MatchString": "Match"}[name])
        if (
            t is None
            or snapshot.is_type(fun.x)
            or not _are_twins(_method(snapshot, t, name), found)
        ):
            return None
        assert found is not None
        owner = full_name(t)
        if owner not in (*SAME, "regexp.Regexp"):
            if name == "MatchString":
                return None
            caveat = _WRITER
        new = f"{snapshot.source(fun.x)}.{found.name}"
    else:
        return None
    start, end = snapshot.span(call)
    text = f"{new}({', '.join(texts)})"
    return Fix(
        CODE,
        f"Do without the conversion: `{new}`",
        (Edit(file, start, end, text),),
        caveat,
        needs=needs,
    )


def _is_harmless(snapshot: Snapshot, x: ast.Expr) -> bool:
    """Whether an argument is no function, or one of another package, which does not know the bytes."""
    t = snapshot.type(x)
    if t is None or not isinstance(t.underlying, Signature):
        return True
    obj = snapshot.object(x.sel) if isinstance(x, ast.SelectorExpr) else None
    return isinstance(obj, Func) and obj.pkg is not snapshot.pkg and not _is_method(obj)


def _is_method(obj: Func) -> bool:
    return isinstance(obj.type, Signature) and obj.type.recv is not None


def _written(snapshot: Snapshot, call: ast.CallExpr, x: ast.Expr) -> Fix | None:
    """`io.WriteString(w, string(b))`."""
    if len(call.arg_list) != 2:
        return None
    writer = call.arg_list[0]
    text = snapshot.source(writer)
    if isinstance(writer, ast.Operation):
        text = f"({text})"
    start, end = snapshot.span(call)
    edit = Edit(
        snapshot.path_of_node(call), start, end, f"{text}.Write({respaced(snapshot, x, 1)})"
    )
    t = snapshot.type(writer)
    caveat = "" if t is not None and full_name(t) in SAME else _WRITER
    return Fix(CODE, f"Do without the conversion: `{text}.Write`", (edit,), caveat)


def _method(snapshot: Snapshot, t: Type | None, name: str) -> Func | None:
    if t is None:
        return None
    found, _, _ = lookup_field_or_method(unalias(t), True, snapshot.pkg, name)
    return found if isinstance(found, Func) else None


def _are_twins(a: Func | None, b: Func | None) -> bool:
    """Whether two methods differ in that one takes a string and the other bytes."""
    one, two = (m.type if m is not None else None for m in (a, b))
    if not isinstance(one, Signature) or not isinstance(two, Signature):
        return False
    results = [v.type for v in one.results.vars], [v.type for v in two.results.vars]
    return (
        len(one.params.vars) == len(two.params.vars) == 1
        and not one.variadic
        and not two.variadic
        and _is_string(one.params.vars[0].type)
        and is_bytes(two.params.vars[0].type)
        and len(results[0]) == len(results[1])
        and all(map(identical, *results))
    )


def _in_place(snapshot: Snapshot, path: Path, made: ast.CallExpr, x: ast.Expr) -> Fix | None:
    """The initial value of a variable that is only looked at where no copy is needed."""
    stmt, block = path[-2], path[-3]
    if not isinstance(stmt, ast.AssignStmt) or stmt.op != ":=" or stmt.rhs is not made:
        return None
    obj = snapshot.info.defs.get(stmt.lhs) if isinstance(stmt.lhs, ast.Name) else None
    if not isinstance(block, ast.BlockStmt | ast.CaseClause | ast.CommClause):
        return None
    if not isinstance(obj, Var):
        return None
    uses = snapshot.uses_in(path[0], obj)
    if not uses or not all(_is_free(snapshot, use) for use in uses):
        return None
    sources = _variables(snapshot, x)
    if sources is None or _may_change(snapshot, path[0], stmt, uses, sources):
        return None
    text = snapshot.source(made)
    declaration = without_line(snapshot, stmt)
    if declaration is None:
        return None
    file = snapshot.path_of_node(stmt)
    edits = [declaration, *(Edit(file, *snapshot.span(use), text) for use in uses)]
    return Fix(CODE, f"Convert in place: `{text}`", tuple(edits), is_safe_bet=len(uses) == 1)


def _is_free(snapshot: Snapshot, use: ast.Name) -> bool:
    """Whether a conversion at the place of `use` copies nothing."""
    above = snapshot.parents(use)
    parent = above[-1] if above else None
    if isinstance(parent, ast.Operation) and parent.y is not None:
        return parent.op in _COMPARISONS
    if isinstance(parent, ast.SwitchStmt):
        return parent.tag is use
    if isinstance(parent, ast.IndexExpr) and parent.index is use:
        t = snapshot.type(parent.x)
        if not isinstance(t.underlying if t is not None else None, Map):
            return False
        outer = above[-2]
        if isinstance(outer, ast.AssignStmt):
            return outer.rhs is parent
        return not isinstance(
            outer, ast.ListExpr | ast.RangeClause | ast.IndexExpr | ast.SelectorExpr
        )
    return False


def _variables(snapshot: Snapshot, x: ast.Expr) -> list[Object] | None:
    """The local variables that an expression is made of; None if there is more in it."""
    x = unparen(x)
    if isinstance(x, ast.SliceExpr):
        found = _variables(snapshot, x.x)
        for index in x.index:
            if index is not None and snapshot.constant(index) is None:
                more = _variables(snapshot, index)
                if more is None or isinstance(unparen(index), ast.SliceExpr):
                    return None
                found = found + more if found is not None else None
        return found
    obj = snapshot.object(x)
    return [obj] if isinstance(obj, Var) and is_local(obj) else None


def _may_change(
    snapshot: Snapshot,
    root: ast.Node,
    stmt: ast.Stmt,
    uses: list[ast.Name],
    sources: list[Object],
) -> bool:
    """Whether something between a declaration and the last use may write to what was converted, or
    mean another variable by its name."""
    _, start = snapshot.span(stmt)
    end = start
    for use in uses:
        for n in (*snapshot.parents(use), use):
            first, last = snapshot.span(n)
            if isinstance(n, ast.Expr | ast.ForStmt) and first > start:
                if isinstance(n, ast.FuncLit):
                    return True
                # An operand on the right may be evaluated first; what comes later in a round is before the next one.
                end = max(end, last)
    names = {obj.name for obj in sources}
    for n in walk(root):
        if not start <= snapshot.offset(n.pos) < end:
            continue
        if isinstance(
            n, ast.LabeledStmt | ast.FuncLit | ast.CallStmt | ast.SendStmt | ast.SelectStmt
        ):
            return True
        if isinstance(n, ast.RangeClause) and _waits(snapshot, n):
            return True
        if isinstance(n, ast.CallExpr) and snapshot.calls_something(n):
            return True
        if isinstance(n, ast.Operation) and n.y is None and n.op in ("<-", "&"):
            return True
        if isinstance(n, ast.AssignStmt | ast.RangeClause) and n.lhs is not None:
            targets = n.lhs.elem_list if isinstance(n.lhs, ast.ListExpr) else [n.lhs]
            for target in targets:
                if not isinstance(target, ast.Name) or target.value in names:
                    return True
                if target not in snapshot.info.defs and _is_sliceable(snapshot.type(target)):
                    return True  # The bytes may be in it.
        if isinstance(n, ast.Name) and n.value in names and n in snapshot.info.defs:
            return True
    return False


def _is_sliceable(t: Type | None) -> bool:
    """Whether there may be an array in a value of type `t`, of which somebody has a slice."""
    if t is None or isinstance(unalias(t), TypeParam):
        return True
    return isinstance(t.underlying, Array | Struct)


def _waits(snapshot: Snapshot, clause: ast.RangeClause) -> bool:
    """Whether others run between the rounds of a loop: it ranges over a channel or a function."""
    t = snapshot.type(clause.x)
    return t is None or isinstance(t.underlying, Chan | Signature | Interface)
