"""Package variables that need no code.

`init` has one assignment per initialiser. Many can be carried out by the linker: constants,
addresses of package variables, functions, and literals made of such. They are removed, and whatever
would have been said about them is not. Of a literal with some parts that need code, only those parts
remain, as assignments to places in static data.

Invariants
  - what is removed has no effects but the initialisation itself;
  - a copy of another variable's value is static only as long as nothing that ran before may have
    changed that variable.

Example: `var a = []*int{nil, new(int)}` leaves `(*int)(m..stmp_0@8) = new(int)`.

Source: cmd/compile/internal/staticinit/sched.go, cmd/internal/obj/fips140.go (go1.27).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from goescape.ir.convert import assign_conv
from goescape.ir.func import Func
from goescape.ir.nodes import (
    BLANK_NODE,
    AddrExpr,
    AssignListStmt,
    AssignOpStmt,
    AssignStmt,
    BasicLit,
    BinaryExpr,
    CallExpr,
    ClosureExpr,
    CompLitExpr,
    ConvExpr,
    IndexExpr,
    InlinedCallExpr,
    KeyExpr,
    LinksymOffsetExpr,
    MakeExpr,
    Name,
    Node,
    SelectorExpr,
    StarExpr,
    StructKeyExpr,
    is_blank,
)
from goescape.ir.op import (
    OADD,
    OADDR,
    OADDSTR,
    OAND,
    OANDAND,
    OANDNOT,
    OAPPEND,
    OARRAYLIT,
    OAS,
    OAS2,
    OAS2DOTTYPE,
    OAS2FUNC,
    OAS2MAPR,
    OAS2RECV,
    OASOP,
    OBITNOT,
    OBYTES2STR,
    OCALLFUNC,
    OCALLINTER,
    OCAP,
    OCLEAR,
    OCLOSURE,
    OCOMPLEX,
    OCONV,
    OCONVIFACE,
    OCONVNOP,
    OCOPY,
    ODEREF,
    ODIV,
    ODOT,
    OEQ,
    OGE,
    OGT,
    OIMAG,
    OINDEX,
    OINLCALL,
    OKEY,
    OLE,
    OLEN,
    OLINKSYMOFFSET,
    OLITERAL,
    OLSH,
    OLT,
    OMAKECHAN,
    OMAKEMAP,
    OMAPLIT,
    OMETHEXPR,
    OMOD,
    OMUL,
    ONAME,
    ONE,
    ONEG,
    ONEW,
    ONIL,
    ONOT,
    OOR,
    OOROR,
    OPLUS,
    OPTRLIT,
    OREAL,
    ORSH,
    ORUNES2STR,
    ORUNESTR,
    OSLICELIT,
    OSTR2BYTES,
    OSTR2RUNES,
    OSTRUCTKEY,
    OSTRUCTLIT,
    OSUB,
    OTYPE,
    OXOR,
    Op,
)
from goescape.ir.shapes import has_shape
from goescape.ir.static_value import is_zero, outer_value
from goescape.ir.typefmt import path_prefix
from goescape.ir.typeinfo import elem, is_interface, kind, under
from goescape.ir.visit import walk
from goescape.source.positions import Pos
from goescape.typecheck import constant
from goescape.typecheck.predicates import identical
from goescape.typecheck.types import Array, Slice, Struct, Type

if TYPE_CHECKING:
    from goescape.ir.unit import Unit
    from goescape.typecheck.objects import Var

_LITERALS: frozenset[Op] = frozenset({OARRAYLIT, OSLICELIT, OMAPLIT, OSTRUCTLIT})
_HARMLESS: frozenset[Op] = frozenset({
    ONAME, OTYPE, OLITERAL, ONIL, OADD, OSUB, OOR, OXOR, OADDSTR, OADDR, OANDAND, OBYTES2STR, ORUNES2STR,
    OSTR2BYTES, OSTR2RUNES, OCAP, OMAPLIT, OSTRUCTLIT, OARRAYLIT, OSLICELIT, OPTRLIT, OCONV, OCONVIFACE, OCONVNOP,
    ODOT, OEQ, ONE, OLT, OLE, OGT, OGE, OKEY, OSTRUCTKEY, OLEN, OMUL, OLSH, ORSH, OAND, OANDNOT, ONEW, ONOT,
    OBITNOT, OPLUS, ONEG, OOROR, ORUNESTR, OREAL, OIMAG, OCOMPLEX,
})  # fmt: skip
_ASSIGN_LISTS: frozenset[Op] = frozenset({OAS2, OAS2DOTTYPE, OAS2FUNC, OAS2MAPR, OAS2RECV})
_MAP_INIT_SIZE = 20
"""Initialisers of maps with at least so many nodes get a function of their own."""


class Schedule:
    """Works off the statements of `init`: `out` collects those that need code."""

    __slots__ = (
        "copying",
        "fips",
        "n_names",
        "out",
        "plain",
        "plans",
        "pos",
        "seen_mutation",
        "temps",
        "unit",
    )

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.out: list[Node] = []
        self.plans: dict[Node, list[tuple[int, Node]]] = {}
        self.temps: dict[Node, Name] = {}
        self.copying: set[Name] = set()  # variables whose values are being looked at
        self.plain: set[Name] = set()  # variables whose copies are constants
        self.seen_mutation = False
        self.n_names = 0
        self.pos: Pos = 0
        path = unit.pkg.path
        self.fips = not path.endswith("_test") and (
            path == "crypto/internal/fips140" or path.startswith("crypto/internal/fips140/")
        )

    def static_init(self, n: Node) -> None:
        """Take the next statement."""
        if not self._try(n):
            self.out.append(n)

    def _try(self, n: Node) -> bool:
        op = n.op
        if op is OAS:
            assert isinstance(n, AssignStmt)
            lhs, rhs = [n.x], n.y
        elif op in _ASSIGN_LISTS and op is not OAS2:
            assert isinstance(n, AssignListStmt)
            lhs, rhs = n.lhs, n.rhs[0]
        else:
            return False
        if rhs is None:
            return True
        if not self.seen_mutation:
            self.seen_mutation = may_modify_pkg_var(rhs, self.unit)
        if all(map(is_blank, lhs)) and not any_side_effects(rhs):
            return True
        if len(lhs) > 1:
            return False
        name = lhs[0]
        self.pos = n.pos
        return isinstance(name, Name) and self.static_assign(name, 0, rhs, name.type)

    # --- assignments -----------------------------------------------------------------------------

    def place(self, pos: Pos, name: Name, offset: int, typ: Type | None) -> Node:
        """The place at `offset` in static data, as a destination or value."""
        owner = name.pkg or self.unit.pkg
        return LinksymOffsetExpr(
            OLINKSYMOFFSET, pos, typ, f"{path_prefix(owner)}.{name.name}", offset
        )

    def static_name(self, typ: Type) -> Name:
        """New static data of type `typ`."""
        name = Name(self.pos, f".stmp_{self.n_names}", self.unit.pkg, typ, "PEXTERN")
        self.n_names += 1
        return name

    def _assign(self, pos: Pos, a: Name, offset: int, v: Node) -> None:
        if self.static_assign(a, offset, v, v.type):
            return
        lhs: Node = BLANK_NODE if is_blank(a) else self.place(pos, a, offset, v.type)
        as_ = AssignStmt(OAS, pos, lhs, v)
        as_.syn = v.syn
        self.out.append(as_)

    def static_copy(self, dst: Name, offset: int, rn: Name, typ: Type | None) -> bool:
        """Initialise with the value of the variable or function `rn`."""
        if rn.cls == "PFUNC":
            return True
        if rn.cls != "PEXTERN" or rn.pkg is not self.unit.pkg:
            return False
        defn = rn.defn
        if defn is None or defn.op is not OAS or kind(rn.type) == "TSTRING" or self.seen_mutation:
            return False
        assert isinstance(defn, AssignStmt)
        r = defn.y
        if r is None:
            return False
        while r.op is OCONVNOP and not _same(r.type, typ):
            assert isinstance(r, ConvExpr)
            r = r.x
        op = r.op
        if op is OMETHEXPR:
            assert isinstance(r, SelectorExpr) and r.func_name is not None
            r = r.func_name
            op = ONAME
        if op is ONAME:
            assert isinstance(r, Name)
            if r in self.copying:
                return False  # an initialisation cycle, which is an error
            self.copying.add(r)
            copied = r in self.plain or self.static_copy(dst, offset, r, typ)
            self.copying.discard(r)
            if copied:
                if r in self.plain:
                    self.plain.add(rn)
                return True
            target: Node = dst
            if offset != 0 or not _same(typ, dst.type):
                target = self.place(self.pos, dst, offset, typ)
            self.out.append(AssignStmt(OAS, self.pos, target, assign_conv(self.pos, r, typ)))
            return True
        if op is ONIL or op is OLITERAL:
            if r is defn.y:
                self.plain.add(rn)
            return True
        if op is OADDR:
            assert isinstance(r, AddrExpr)
            return isinstance(r.x, Name) and r.x.cls == "PEXTERN"
        if op is OPTRLIT:
            assert isinstance(r, AddrExpr)
            return r.x.op in _LITERALS and r in self.temps
        if op is OSLICELIT:
            return r in self.temps
        if op is OARRAYLIT or op is OSTRUCTLIT:
            for at, e in self.plans.get(r, ()):
                if e.op is OLITERAL or e.op is ONIL:
                    continue
                x = e
                if x.op is OMETHEXPR:
                    assert isinstance(x, SelectorExpr) and x.func_name is not None
                    x = x.func_name
                if isinstance(x, Name) and self.static_copy(dst, offset + at, x, e.type):
                    continue
                left = self.place(self.pos, dst, offset + at, e.type)
                right = self.place(self.pos, rn, at, e.type)
                self.out.append(AssignStmt(OAS, self.pos, left, right))
            return True
        return False

    def static_assign(self, dst: Name, offset: int, r: Node | None, typ: Type | None) -> bool:
        """Initialise `dst` at `offset` with `r`, of type `typ`; False if that needs code."""
        while r is not None and r.op is OCONVNOP:
            r = r.x  # type: ignore[attr-defined]
        if r is None:
            return True
        op = r.op
        if op is ONAME:
            assert isinstance(r, Name)
            return not self.fips and self.static_copy(dst, offset, r, typ)
        if op is OMETHEXPR:
            assert isinstance(r, SelectorExpr)
            return (
                not self.fips
                and r.func_name is not None
                and self.static_copy(dst, offset, r.func_name, typ)
            )
        if op is ONIL:
            return True
        if op is OLITERAL:
            return is_zero(r) or not (self.fips and kind(r.type) == "TSTRING")
        if op is OADDR or op is OPTRLIT:
            return not self.fips and self._address(r)
        if op is OSTR2BYTES:
            assert isinstance(r, ConvExpr)
            return not self.fips and dst.cls == "PEXTERN" and r.x.op is OLITERAL
        if op is OSLICELIT:
            if self.fips:
                return False
            assert isinstance(r, CompLitExpr) and r.type is not None
            self._init_plan(r)
            dst = self.temps[r] = self.static_name(Array(elem(r.type), r.len))
            offset = 0
        if op is OSLICELIT or op is OARRAYLIT or op is OSTRUCTLIT:
            assert isinstance(r, CompLitExpr)
            self._init_plan(r)
            for at, e in self.plans[r]:
                if (e.op is OLITERAL and not self.fips) or e.op is ONIL:
                    continue
                self._set_pos(e)
                self._assign(self.pos, dst, offset + at, e)
            return True
        if op is OCLOSURE:
            assert isinstance(r, ClosureExpr)
            return not self.fips and not r.func.closure_vars
        if op is OCONVIFACE:
            return not self.fips and self._interface(dst, offset, r)
        if op is OINLCALL:
            assert isinstance(r, InlinedCallExpr)
            return not self.fips and self._inlined_call(dst, offset, r, typ)
        return False

    def _set_pos(self, n: Node) -> None:
        if n.pos and n.op is not ONAME:
            self.pos = n.pos

    def _address(self, r: Node) -> bool:
        assert isinstance(r, AddrExpr)
        if r.op is OADDR:
            name = static_loc(r.x)
            if name is not None and name.cls == "PEXTERN":
                return True
        if r.x.op in _LITERALS:
            assert r.x.type is not None
            a = self.temps[r] = self.static_name(r.x.type)
            self._assign(self.pos, a, 0, r.x)
            return True
        return False

    def _interface(self, dst: Name, offset: int, r: Node) -> bool:
        val = r
        while val.op is OCONVIFACE:
            val = val.x  # type: ignore[attr-defined]
        if is_interface(val.type):
            return val.op is ONIL
        if has_shape(val.type):
            return False
        assert val.type is not None
        typeinfo = self.unit.typeinfo
        if typeinfo.is_direct_iface(val.type):
            if val.op is ONIL:
                return True
            self._set_pos(val)
            self._assign(self.pos, dst, offset + typeinfo.ptr_size, val)
        else:
            a = self.temps[val] = self.static_name(val.type)
            self._assign(self.pos, a, 0, val)
        return True

    # --- literals --------------------------------------------------------------------------------

    def _init_plan(self, n: CompLitExpr) -> None:
        """List the parts of a literal that are not zero, with their offsets."""
        if n in self.plans:
            return
        plan: list[tuple[int, Node]] = []
        self.plans[n] = plan
        assert n.type is not None
        u = under(n.type)
        if n.op is OARRAYLIT or n.op is OSLICELIT:
            assert isinstance(u, Array | Slice)
            size = self.unit.typeinfo.size(u.elem)
            k = 0
            for a in n.list:
                if isinstance(a, KeyExpr):
                    if isinstance(a.key, BasicLit):
                        k = int(a.key.val)
                    a = a.value
                self._add_value(plan, k * size, a)
                k += 1
        elif n.op is OSTRUCTLIT:
            assert isinstance(u, Struct)
            for a in n.list:
                assert isinstance(a, StructKeyExpr)
                if a.field.name != "_":
                    self._add_value(plan, self._field_offset(u, a.field), a.value)

    def _field_offset(self, u: Struct, field: Var) -> int:
        """The offset of `field`, which may be promoted from an embedded struct."""
        offsets = self.unit.host.sizes.offsetsof(u.fields)
        for i, f in enumerate(u.fields):
            if f is field or (f.name == field.name and f.pos == field.pos):
                return offsets[i]
        for i, f in enumerate(u.fields):
            inner = under(f.type)
            if f.embedded and isinstance(inner, Struct):
                at = self._field_offset(inner, field)
                if at >= 0:
                    return offsets[i] + at
        return -1

    def _add_value(self, plan: list[tuple[int, Node]], offset: int, n: Node) -> None:
        if is_zero(n):
            return
        if n.op is OARRAYLIT or n.op is OSTRUCTLIT:
            assert isinstance(n, CompLitExpr)
            self._init_plan(n)
            plan += [(offset + at, e) for at, e in self.plans[n]]
            return
        plan.append((offset, n))

    # --- inlined calls ---------------------------------------------------------------------------

    def _inlined_call(
        self, dst: Name, offset: int, call: InlinedCallExpr, typ: Type | None
    ) -> bool:
        """`f(c)` where f's body is one return: its value with the arguments in place of the
        parameters."""
        from goescape.ir.staticinit_inline import inlined_value

        value = inlined_value(call)
        return value is not None and self.static_assign(dst, offset, value, typ)


def _same(x: Type | None, y: Type | None) -> bool:
    return x is y or (x is not None and y is not None and identical(x, y))


def static_loc(n: Node | None) -> Name | None:
    """The variable in which `n` is a fixed place."""
    while n is not None:
        op = n.op
        if op is ONAME:
            assert isinstance(n, Name)
            return n
        if op is OMETHEXPR:
            assert isinstance(n, SelectorExpr)
            return n.func_name
        if op is ODOT:
            n = n.x  # type: ignore[attr-defined]
        elif op is OINDEX:
            assert isinstance(n, IndexExpr)
            if kind(n.x.type) == "TSLICE" or not isinstance(n.index, BasicLit):
                return None
            n = n.x
        else:
            return None
    return None


def is_side_effect(n: Node) -> bool:
    """Whether executing `n` itself, not what it is made of, might be noticed."""
    op = n.op
    if op in _HARMLESS:
        return False
    if op is ODIV or op is OMOD:
        assert isinstance(n, BinaryExpr)
        return not isinstance(n.y, BasicLit) or constant.sign(n.y.val) == 0
    if op is OMAKECHAN or op is OMAKEMAP:
        assert isinstance(n, MakeExpr)
        # Without a size, the compiler has a zero here.
        return n.len is not None and (
            not isinstance(n.len, BasicLit) or constant.sign(n.len.val) != 0
        )
    return True


def any_side_effects(n: Node) -> bool:
    return any(map(is_side_effect, walk([n])))


def may_modify_pkg_var(n: Node, unit: Unit) -> bool:
    """Whether evaluating `n` may change a variable of the package."""

    def safe(lhs: Node) -> bool:
        outer = outer_value(lhs)
        while outer.op is ODEREF:
            assert isinstance(outer, StarExpr)
            outer = outer.x
        return isinstance(outer, Name) and not (outer.cls == "PEXTERN" and outer.pkg is unit.pkg)

    for x in walk([n]):
        op = x.op
        if op is OCALLFUNC or op is OCALLINTER:
            if not _is_func_pc(x):
                return True
        elif op is OAPPEND or op is OCLEAR or op is OCOPY:
            return True
        elif op is OASOP or op is OAS:
            assert isinstance(x, AssignOpStmt | AssignStmt)
            if not safe(x.x):
                return True
        elif op in _ASSIGN_LISTS:
            assert isinstance(x, AssignListStmt)
            if not all(map(safe, x.lhs)):
                return True
    return False


def _is_func_pc(n: Node) -> bool:
    """Whether `n` asks for the address of a function's code, which the compiler answers itself."""
    if (
        not isinstance(n, CallExpr)
        or n.op is not OCALLFUNC
        or not isinstance(n.fun, Name)
        or n.fun.pkg is None
    ):
        return False
    return n.fun.pkg.path == "internal/abi" and n.fun.name in ("FuncPCABI0", "FuncPCABIInternal")


def outline_map_inits(unit: Unit, init: Func) -> list[Func]:
    """Move big initialisers of maps in `init` to functions of their own, `map.init.0` and so on."""
    from goescape.typecheck.types import Signature, Tuple

    out: list[Func] = []
    for i, n in enumerate(init.body):
        if not _is_big_map(n):
            continue
        sig = Signature(None, Tuple([]), Tuple([]), False)
        name = Name(n.pos, f"map.init.{len(out)}", unit.pkg, sig, "PFUNC")
        fn = Func(n.pos, name)
        fn.judged = True  # to inline it would defeat the point
        fn.unit = unit
        fn.syn = n.syn
        fn.body = [n]
        init.body[i] = CallExpr(OCALLFUNC, n.pos, None, name, [])
        out.append(fn)
    return out


def _is_big_map(n: Node) -> bool:
    if n.op is not OAS:
        return False
    assert isinstance(n, AssignStmt)
    x = n.x
    if is_blank(x) or not isinstance(x, Name) or kind(x.type) != "TMAP" or n.y is None:
        return False
    size = 0
    for _ in walk([n.y]):
        size += 1
    return size >= _MAP_INIT_SIZE and not any_side_effects(n.y)


__all__ = [
    "Schedule",
    "any_side_effects",
    "is_side_effect",
    "may_modify_pkg_var",
    "outline_map_inits",
]
