"""One finding per construct of the source, however often it is compiled.

Generic code is compiled once per shape of its type arguments, and each copy has its findings. To a
reader they are one, with a list of the instances it holds for. The functions that only forward to
such a copy have no code of their own: what is found in them by inlining is found in the copy too.

Invariants
  - findings of different verdicts at one place stay apart, each with its instances;
  - the order is that of the first finding of each construct; nothing is lost but other instances.

Example: `func f[T any](x T) *T { return &x }`, instantiated for int and string, has one finding
"moved to heap: x" with the instances `[int]` and `[string]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from goescape.report.finding import Finding
from goescape.report.generic import generic_name

SHAPE = "go.shape."

MAX_INSTANCES = 5
"""So many instances are named."""


@dataclass(frozen=True, slots=True)
class Construct:
    """`finding` speaks for all; its texts are without the marks of shapes. `instances` are the type
    arguments it holds for, as `[int]`; empty for code that is not generic."""

    finding: Finding
    instances: tuple[str, ...] = ()


def constructs(findings: Iterable[Finding]) -> list[Construct]:
    """The constructs of some findings."""
    found: list[Finding] = []
    instances: list[dict[str, None]] = []
    at: dict[tuple[object, ...], int] = {}
    nth: dict[tuple[object, ...], int] = {}
    for f in findings:
        if not f.instance:
            found.append(f)
            instances.append({})
            continue
        if is_forwarded(f):
            continue
        # Several things may be found at one place of an instance: they come in one order.
        place = (f.place, f.code, generic_name(f.function), f.inlined_from)
        n = nth[place, f.instance] = nth.get((place, f.instance), -1) + 1
        i = at.setdefault((place, n), len(found))
        if i == len(found):
            found.append(f)
            instances.append({})
        instances[i][f.instance.replace(SHAPE, "")] = None
    return [Construct(_plain(f), tuple(names)) for f, names in zip(found, instances, strict=True)]


def is_forwarded(f: Finding) -> bool:
    """Whether it is found in a function that only forwards to the copy for a shape."""
    return bool(f.instance) and SHAPE not in f.instance and bool(f.inlined_from)


def _plain(f: Finding) -> Finding:
    if not f.instance:
        return f
    return replace(
        f,
        message=f.message.replace(SHAPE, ""),
        subject=f.subject.replace(SHAPE, ""),
        function=generic_name(f.function),
        instance="",
        flow=tuple(
            replace(s, text=s.text.replace(SHAPE, ""), flow=s.flow.replace(SHAPE, ""))
            for s in f.flow
        ),
    )


def instances_text(instances: Sequence[str]) -> str:
    """`[int]`, `[string]` and 3 more instances."""
    shown = list(instances[:MAX_INSTANCES])
    if len(instances) > MAX_INSTANCES:
        shown.append(f"{len(instances) - MAX_INSTANCES} more instances")
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
