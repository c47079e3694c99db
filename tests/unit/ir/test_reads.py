"""What readers lead to is found out once, and again when one of them is read anew."""

from __future__ import annotations

from goescape.ir.func import Func
from goescape.ir.nodes import Name
from goescape.ir.reads import Reads
from goescape.typecheck.types import Pointer, Type
from goescape.typecheck.universe import TYP
from hypothesis import given
from hypothesis import strategies as st

N_TYPES, N_FUNCS = 8, 3
NODES = st.integers(0, N_TYPES + N_FUNCS - 1)


def read(reads: Reads, reader: object, what: list[object]) -> None:
    """Let `reader` read `what`, and nothing else."""
    reads.forget_reads(reader)
    before = reads._read_for(reader)
    assert reads._reader is not None
    reads._reader.update(what)
    reads._reader = before


def searched(reads: Reads, roots: list[object]) -> set[object]:
    """The functions that `roots` lead to, and all that was passed on the way."""
    assert reads.reads is not None
    seen: set[object] = set()
    stack = list(roots)
    while stack:
        x = stack.pop()
        if x not in seen:
            seen.add(x)
            if not isinstance(x, Func):
                stack += reads.reads.get(x, ())
    return seen


@given(
    st.lists(st.tuples(st.integers(0, N_TYPES - 1), st.lists(NODES, max_size=3)), max_size=25),
    st.lists(NODES, min_size=1, max_size=3),
)
def test_what_is_needed_is_what_a_search_finds(
    steps: list[tuple[int, list[int]]], roots: list[int]
) -> None:
    types: list[Type] = [Pointer(TYP["int"]) for _ in range(N_TYPES)]
    funcs = [Func(0, Name(0, f"f{i}", None, None, "PFUNC")) for i in range(N_FUNCS)]
    nodes: list[object] = [*types, *funcs]
    reads = Reads()
    reads.record_reads()
    for reader, what in steps:
        read(reads, types[reader], [nodes[i] for i in what])
        wanted: list[object] = [nodes[i] for i in roots]
        assert reads.needed_of(wanted) == searched(reads, wanted) & set(funcs)


def test_nothing_is_left_of_types_that_nobody_reads() -> None:
    reads = Reads()
    reads.record_reads()
    func = Func(0, Name(0, "f", None, None, "PFUNC"))
    used = Pointer(TYP["int"])
    read(reads, used, [TYP["int"]])
    read(reads, func, [used])
    for _ in range(300):
        mine, inner = Pointer(TYP["int"]), Pointer(TYP["int"])
        read(reads, mine, [inner, used])
        read(reads, inner, [mine])
    assert reads.needed_of([mine]) == frozenset()
    assert reads.swept() == {used, TYP["int"]}
    assert reads.reads is not None and reads.reads.keys() == {None, func, used}
    assert mine not in reads._led
    assert reads.swept() is None
