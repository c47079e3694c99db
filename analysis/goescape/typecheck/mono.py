"""Generic code that would instantiate itself without end.

The compiler makes code per instance, so a package must not need infinitely many. The graph has a
vertex per type parameter (and per type declared inside generic code), and an edge wherever one
flows into another: of weight 0 if it is passed as it is, 1 if it is passed wrapped, as `map[A]B`.
A cycle of positive weight is an error.

Example: `func f[A any]() { f[*A]() }`.

Source: cmd/compile/internal/types2/mono.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.syntax.positions import start_pos
from goescape.typecheck.objects import Package, TypeName
from goescape.typecheck.types import (
    Array,
    Chan,
    Interface,
    Map,
    Named,
    Pointer,
    Signature,
    Slice,
    Struct,
    Tuple,
    Type,
    TypeParam,
    unalias,
)
from goescape.typecheck.typeset import type_set
from goescape.typecheck.typestring import relative_to, type_string

if TYPE_CHECKING:
    from goescape.typecheck.checker import Checker


class _Vertex:
    """`weight`: of the heaviest known path to here; `pre`: the last edge of that path; `len`: its
    number of edges."""

    __slots__ = ("len", "obj", "pre", "weight")

    def __init__(self, obj: TypeName) -> None:
        self.obj = obj
        self.weight = self.pre = self.len = 0


class _Edge:
    __slots__ = ("dst", "pos", "src", "typ", "weight")

    def __init__(self, dst: int, src: int, weight: int, pos: Pos, typ: Type) -> None:
        self.dst, self.src, self.weight, self.pos, self.typ = dst, src, weight, pos, typ


class MonoGraph:
    __slots__ = ("canon", "edges", "index", "vertices")

    def __init__(self) -> None:
        self.vertices: list[_Vertex] = []
        self.edges: list[_Edge] = []
        # A method's receiver type parameter stands for that of the receiver's type.
        self.canon: dict[TypeParam, TypeParam] = {}
        self.index: dict[TypeName, int] = {}

    def record_canon(self, mpar: TypeParam, tpar: TypeParam) -> None:
        self.canon[mpar] = tpar

    def record_instance(
        self,
        pkg: Package,
        pos: Pos,
        tparams: Sequence[TypeParam],
        targs: Sequence[Type],
        xlist: Sequence[ast.Expr],
    ) -> None:
        """`targs` were given for `tparams`, the first of them by the expressions `xlist`."""
        for i, tpar in enumerate(tparams):
            self._assign(pkg, start_pos(xlist[i]) if i < len(xlist) else pos, tpar, targs[i])

    def _assign(self, pkg: Package, pos: Pos, tpar: TypeParam, targ: Type) -> None:
        # A cycle cannot leave the package: generic types are no type arguments.
        if tpar.obj.pkg is not pkg:
            return
        todo: list[Type] = [targ]
        seen: set[Type] = set()
        while todo:
            typ = unalias(todo.pop())
            if isinstance(typ, TypeParam):
                self._flow(self._tparam_vertex(typ), typ, tpar, targ, pos)
            elif isinstance(typ, Named):
                src = self._local_named_vertex(pkg, typ.orig)
                if src >= 0:
                    self._flow(src, typ, tpar, targ, pos)
                todo += reversed(typ.targs)
            elif isinstance(typ, (Array, Chan, Pointer, Slice)):
                todo.append(typ.elem)
            elif isinstance(typ, Map):
                todo += (typ.elem, typ.key)
            elif isinstance(typ, Interface):
                if typ not in seen:
                    seen.add(typ)
                    todo += [m.type for m in reversed(type_set(typ).methods)]
            elif isinstance(typ, Signature):
                todo += (typ.results, typ.params)
            elif isinstance(typ, Tuple):
                todo += [v.type for v in reversed(typ.vars)]
            elif isinstance(typ, Struct):
                todo += [f.type for f in reversed(typ.fields)]

    def _flow(self, src: int, typ: Type, tpar: TypeParam, targ: Type, pos: Pos) -> None:
        weight = 0 if typ is targ else 1
        self.edges.append(_Edge(self._tparam_vertex(tpar), src, weight, pos, targ))

    def _local_named_vertex(self, pkg: Package, named: Named) -> int:
        """The vertex of a type declared inside generic code; -1 for others."""
        obj = named.obj
        root = pkg.scope
        if obj.pkg is not pkg or obj.parent is root:
            return -1
        known = self.index.get(obj)
        if known is not None:
            return known
        idx = -1
        scope = obj.parent
        while scope is not None and scope is not root:
            for elem in scope.elems.values():
                # Inside one function positions compare as they are.
                if isinstance(elem, TypeName) and not elem.is_alias and elem.pos < obj.pos:
                    tpar = elem.typ
                    if isinstance(tpar, TypeParam):
                        if idx < 0:
                            idx = len(self.vertices)
                            self.vertices.append(_Vertex(obj))
                        self.edges.append(_Edge(idx, self._tparam_vertex(tpar), 1, obj.pos, tpar))
            scope = scope.parent
        self.index[obj] = idx
        return idx

    def _tparam_vertex(self, tpar: TypeParam) -> int:
        obj = self.canon.get(tpar, tpar).obj
        idx = self.index.get(obj)
        if idx is None:
            idx = self.index[obj] = len(self.vertices)
            self.vertices.append(_Vertex(obj))
        return idx

    def forget(self, start: Pos, end: Pos) -> None:
        """What was recorded between two positions of one declaration does not hold any more."""
        self.edges = [e for e in self.edges if not start <= e.pos <= end]
        for v in self.vertices:
            v.weight = v.pre = v.len = 0

    def find_cycle(self) -> int:
        """A vertex behind a cycle of positive weight; -1 as long as what was recorded has none.
        Takes up where it last ended, so that asking again costs one look at each edge."""
        # Bellman-Ford for the heaviest paths, until nothing changes or a path is too long.
        vertices = self.vertices
        again = True
        while again:
            again = False
            for i, edge in enumerate(self.edges):
                src, dst = vertices[edge.src], vertices[edge.dst]
                weight = src.weight + edge.weight
                if weight <= dst.weight:
                    continue
                dst.pre = i
                dst.len = src.len + 1
                if dst.len >= len(vertices):
                    return edge.dst
                dst.weight = weight
                again = True
        return -1


def monomorph(check: Checker) -> None:
    """Report the first cycle of positive weight."""
    v = check.mono.find_cycle()
    if v >= 0:
        _report_loop(check, v)


def _report_loop(check: Checker, v: int) -> None:
    graph = check.mono
    stack: list[int] = []
    seen: set[int] = set()
    # The path ends at v and contains a cycle, but v need not be on it.
    while v not in seen:
        stack.append(v)
        seen.add(v)
        v = graph.edges[graph.vertices[v].pre].src
    del stack[: stack.index(v)]
    err = check.new_error("InvalidInstanceCycle")
    err.addf(graph.vertices[v].obj, "instantiation cycle:")
    qf = relative_to(check.pkg)
    for v in stack:
        edge = graph.edges[graph.vertices[v].pre]
        obj = graph.vertices[edge.dst].obj
        what = "implicitly parameterized by" if isinstance(obj.typ, Named) else "instantiated as"
        err.addf(edge.pos, f"%s {what} %s", obj.name, type_string(edge.typ, qf))
    err.report()
