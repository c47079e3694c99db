"""What the checker found out, as side tables over the tree.

Source: cmd/compile/internal/types2/api.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from goescape.syntax import ast
    from goescape.typecheck.objects import Object, Var
    from goescape.typecheck.scope import Scope
    from goescape.typecheck.types import Type


class TypeAndValue:
    """`mode`: "novalue", "builtin", "typexpr", "constant", "variable", "mapindex", "value",
    "nilvalue", "commaok", "commaerr", "cgofunc". `value` is set for constants (see `constant`)."""

    __slots__ = ("mode", "type", "value")

    def __init__(self, mode: str, type: Type, value: Any = None) -> None:
        self.mode, self.type, self.value = mode, type, value

    @property
    def is_type(self) -> bool:
        return self.mode == "typexpr"

    @property
    def is_builtin(self) -> bool:
        return self.mode == "builtin"

    @property
    def is_void(self) -> bool:
        return self.mode == "novalue"


class Instance:
    """The type arguments of a generic function or type at a use of its name, and the result."""

    __slots__ = ("targs", "type")

    def __init__(self, targs: list[Type], type: Type) -> None:
        self.targs, self.type = targs, type


class Selection:
    """`kind`: "field", "method value", "method expr". `index` is the path of field indices, the
    last one the field's or method's; `indirect` if a pointer was followed on the way."""

    __slots__ = ("index", "indirect", "kind", "obj", "recv")

    def __init__(
        self, kind: str, recv: Type, obj: Object, index: tuple[int, ...], indirect: bool
    ) -> None:
        self.kind, self.recv, self.obj, self.index, self.indirect = kind, recv, obj, index, indirect


class Initializer:
    """`lhs = rhs` of package-level variables, in `Info.init_order`."""

    __slots__ = ("lhs", "rhs")

    def __init__(self, lhs: list[Var], rhs: ast.Expr) -> None:
        self.lhs, self.rhs = lhs, rhs


class Info:
    """The tables of one package. `types` has every expression but names that are only defined;
    constants and untyped expressions have their final types. A type-switch clause's variable is
    in `implicits` under its clause. `defs` and `uses` are by `Name` node. `file_versions` gives
    each `File`'s language version. `range_funcs` lists the clauses that range over a function;
    `rewrites` is for the rewriter of such loops to remember what it did."""

    __slots__ = (
        "defs",
        "file_versions",
        "implicits",
        "init_order",
        "instances",
        "range_funcs",
        "rewrites",
        "scopes",
        "selections",
        "types",
        "uses",
    )

    def __init__(self) -> None:
        self.types: dict[ast.Expr, TypeAndValue] = {}
        self.instances: dict[ast.Name, Instance] = {}
        self.defs: dict[ast.Name, Object | None] = {}
        self.uses: dict[ast.Name, Object] = {}
        self.implicits: dict[ast.Node, Object] = {}
        self.selections: dict[ast.SelectorExpr, Selection] = {}
        self.scopes: dict[ast.Node, Scope] = {}
        self.init_order: list[Initializer] = []
        self.file_versions: dict[ast.File, str] = {}
        self.range_funcs: list[ast.RangeClause] = []
        self.rewrites: dict[ast.Node, Any] = {}
