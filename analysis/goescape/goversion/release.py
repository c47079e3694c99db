"""What differs between Go releases, as data.

A `Release` is one minor release of the compiler with the limits and rules that were in force. The
analysis asks it and never compares versions itself. Which language a file is written in is another
matter: that is the `go` line of its module.

Invariants
  - fields say what is true of a release, in the words of the rule; None means the rule is absent;
  - `release_for` knows every minor from `OLDEST` to `NEWEST`; a newer toolchain gets the newest rules,
    an older one the oldest.

Example: `release_for("go1.27.3").max_stack_var_size` is 131072; that of go1.23 is 10 MiB.

Source: cmd/compile/internal/{ir/cfg.go,escape,devirtualize,inline} of the releases named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

OLDEST = 19
NEWEST = 27

_KIB = 1 << 10
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Release:
    """The rules of one release; sizes in bytes, both limits are inclusive."""

    minor: int
    """27 for go1.27 and its patch releases: no patch release changed an answer."""

    max_stack_var_size: int = 128 * _KIB
    """The largest explicit variable on the stack; parameters and results are exempt."""
    max_implicit_stack_var_size: int = 64 * _KIB
    """The largest `new`, `&T{}`, constant `make`, closure and method value on the stack."""
    max_capture_by_value: int = 128
    """The largest variable that a literal captures by value."""
    n_result_leaks: int = 5
    """How many results a parameter's tag can name."""

    tracks_mutation: bool = True
    """The mutator and callee locations exist, and with them zero-copy conversions and literals
    whose results may stay on the stack."""
    follows_captured_callees: bool = True
    """A call of a captured variable is a call of what that variable was defined with."""
    literal_results_may_stay: bool = True
    """A literal may return the address of a variable around it, as long as all its calls are known
    (before: as long as it is called where it stands)."""
    drops_dead_locals: bool = True
    """Assignments to locals that are never read are dropped before the analysis."""
    loop_variables_per_iteration: bool = True
    """Loop variables can be new in every iteration, if the language version says so."""
    plain_literals_are_functions: bool = True
    """A literal that captures nothing has its own batch and tags."""
    append_has_location: bool = True
    """The store that append may allocate is a location, with messages of its own."""
    make_of_unknown_size_may_stay: bool = True
    """A size that is not constant is no reason for the heap; zero-sized elements are."""
    follows_constant_variables: bool = True
    """Sizes and converted values that are provably constant are replaced by the constant."""
    boxes_static_literals_for_free: bool = True
    """A literal of constants goes into an interface as read-only data."""
    follows_len_of_literal: bool = True
    """So is `len` of a variable defined by a slice literal."""
    direct_iface_by_size: bool = True
    """Any one-word type made of a pointer goes into an interface without a copy."""
    keeps_loop_values_alive: bool = True
    """In `for b.Loop()` bodies calls keep values alive without letting them escape."""
    skips_loop_bodies: bool = False
    """Nothing is expanded in `for b.Loop()` bodies, and that is said."""
    several_callees: bool = True
    """A call of a variable assigned only known functions is a call of all of them."""
    merges_concrete_types: bool = True
    """Devirtualization looks at all assignments of an interface variable."""
    escape_non_string: bool = True
    """`internal/abi.EscapeNonString` sends pointers but those of strings to the heap."""
    inline_literal_budget: int = 800
    """What a literal may cost to be inlined at its only call."""
    inline_literal_factor: int = 2
    """How much more than a function a literal may cost at any other call."""
    inline_param_call_cost: int = 17
    """The extra cost of calling a parameter or a captured variable."""
    inlines_defer_in_range: bool = False
    """A function with a defer statement in a range-over-func body can be inlined."""
    discounts_slicing: bool = True
    """Bounds that change nothing (`s[0:]`, `s[:len(s)]`) cost nothing."""
    inlines_recursion: bool = True
    """Functions that call themselves can be inlined, once per chain."""
    heap_objects_have_headers: bool = True
    """Objects with pointers that are not small have a header on the heap."""
    names_literals_where_written: bool = True
    """A literal in a range-over-func body is named after that body, a literal's copy after the function
    it was copied from (before: both after the function they end up in, copies with all
    expansions on the way)."""
    names_function_in_notes: bool = True
    """Explanations name the function, and draw flow with an arrow."""
    throw_is_costly: bool = False
    """A call of `throw` in `runtime` costs what no function can afford."""
    no_escape_is_free: bool = True
    """A call of `internal/abi.NoEscape` costs nothing."""
    asserts_by_descriptors: bool = False
    """Assertions of interfaces with methods, and cases of switches on their types, take the type's
    descriptor as an operand like those to a type parameter, which is said, and counted."""
    shape_sum_mask: bytes | None = b"\xff"
    """With what the beginning of the sum that stands for a long name of a shape is combined (xor); None:
    long names stand for themselves."""
    recover_takes_frame: bool = False
    """A call of `recover` has the frame of its function as an operand, which `defer` keeps."""
    joins_line_directives: bool = True
    """A relative file name in a `//line` directive names a file beside the one it is in."""
    uses_default_profile: bool = True
    """`default.pgo` beside a main package changes what is inlined and made static."""

    @property
    def name(self) -> str:
        return f"go1.{self.minor}"


def _history() -> dict[int, Release]:
    """Every release, each made from the one after it."""
    r27 = Release(27)
    r26 = replace(
        r27,
        minor=26,
        several_callees=False,
        names_literals_where_written=False,
        joins_line_directives=False,
    )
    r25 = replace(
        r26,
        minor=25,
        follows_len_of_literal=False,
        direct_iface_by_size=False,
        keeps_loop_values_alive=False,
        skips_loop_bodies=True,
        inlines_defer_in_range=True,
        merges_concrete_types=False,
        discounts_slicing=False,
        recover_takes_frame=True,
    )
    r24 = replace(
        r25,
        minor=24,
        append_has_location=False,
        make_of_unknown_size_may_stay=False,
        follows_constant_variables=False,
        boxes_static_literals_for_free=False,
        escape_non_string=False,
        names_function_in_notes=False,
        shape_sum_mask=b"\x01",
    )
    r23 = replace(
        r24,
        minor=23,
        max_stack_var_size=10 * _MIB,
        skips_loop_bodies=False,
        plain_literals_are_functions=False,
        drops_dead_locals=False,
        inline_literal_budget=80,
        inline_literal_factor=1,
        inline_param_call_cost=57,
        inlines_recursion=False,
        shape_sum_mask=b"\xff" * 32,
        asserts_by_descriptors=True,
        no_escape_is_free=False,
        throw_is_costly=True,
    )
    r22 = replace(r23, minor=22)
    r21 = replace(
        r22,
        minor=21,
        heap_objects_have_headers=False,
        n_result_leaks=7,
        tracks_mutation=False,
        follows_captured_callees=False,
        literal_results_may_stay=False,
        loop_variables_per_iteration=False,
        shape_sum_mask=None,
    )
    r20 = replace(r21, minor=20, uses_default_profile=False)
    r19 = replace(r20, minor=19)
    return {r.minor: r for r in (r27, r26, r25, r24, r23, r22, r21, r20, r19)}


_RELEASES = _history()
_VERSION = re.compile(r"(?:go)?1\.(\d+)")


def release_for(version: str) -> Release:
    """The release that `version` ("go1.27.3", "1.26", "go1.28rc1") belongs to; the newest one if it
    cannot be read."""
    match = _VERSION.match(version)
    minor = int(match.group(1)) if match else NEWEST
    return _RELEASES[min(max(minor, OLDEST), NEWEST)]
