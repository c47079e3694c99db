"""Every fact the checker records about library packages is the one go/types finds.

Compared are the mode, type and constant value of each expression, what each name defines or refers
to (with the place of its declaration), the path of each selection, and the type arguments of each
instance. Left out is what the compiler's checker records differently from go/types on purpose: the
type of nil, the length in place of a ranged array, labels, the operand of `x++`, and which of
several values of a constant expression repeated by iota is kept.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from goescape.source.positions import Pos
from goescape.syntax import ast
from goescape.syntax.positions import text_start
from goescape.typecheck.constant import const_string
from goescape.typecheck.typestring import type_string
from harness.oracle import Target, environment, goroot
from harness.typecheck import Packages

FIXTURE = Path(__file__).parents[1] / "fixtures" / "typefacts"
PACKAGES = os.environ.get(
    "GOESCAPE_TYPE_FACTS", "encoding/json go/types iter maps net/netip slices strconv sync time"
).split()

_MODES = {"variable": "value", "mapindex": "value", "commaok": "value", "commaerr": "value"}
_KINDS = {"field": "0", "method value": "1", "method expr": "2"}

Fact = tuple[str, ...]


def facts_of_go() -> set[Fact]:
    env = environment(Target())
    program = Path(env["GOCACHE"]).parent / "typefacts"
    go = str(goroot() / "bin" / "go")
    subprocess.run([go, "build", "-o", str(program), "."], cwd=FIXTURE, env=env, check=True)
    done = subprocess.run([str(program), *PACKAGES], env=env, capture_output=True, check=True)
    assert done.stderr == b""
    facts: set[Fact] = set()
    for line in done.stdout.decode().splitlines():
        fact = tuple(line.split("\t"))
        if fact[4] == "type" and (
            fact[5] == "nilvalue" or (fact[5] == "typexpr" and fact[6].startswith("func("))
        ):
            continue
        if fact[4] in ("def", "use") and fact[6] == "invalid type":
            continue
        facts.add(fact)
    return facts


def facts_of_ours(packages: Packages, path: str) -> Iterator[Fact]:
    checker = packages.load(path).checker
    assert checker is not None
    checker.check_all()
    assert checker.errors == []
    positions, info = packages.positions, checker.info

    def place(pos: Pos) -> tuple[str, str]:
        file = positions.file(pos)
        return (Path(file.path).name, str(positions.offset(pos))) if file else ("", "0")

    def fact(n: ast.Node, *words: str) -> Fact:
        return (path, *place(text_start(n)), str(positions.offset(n.end)), *words)

    for e, tv in info.types.items():
        text = type_string(tv.type)
        if isinstance(e, ast.ListExpr) or tv.mode == "nilvalue":
            continue
        if tv.mode == "typexpr" and text.startswith("func("):
            continue  # the two trees begin function types differently
        value = "" if tv.value is None else const_string(tv.value)
        yield fact(e, "type", _MODES.get(tv.mode, tv.mode), text, value)
    for n, obj in info.defs.items():
        if obj is not None and type_string(obj.type) != "invalid type":
            yield fact(n, "def", obj.name, type_string(obj.type))
    for n, obj in info.uses.items():
        if type_string(obj.type) != "invalid type":
            yield fact(n, "use", obj.name, type_string(obj.type), ":".join(place(obj.pos)))
    for s, sel in info.selections.items():
        index = f"[{' '.join(map(str, sel.index))}]"
        yield fact(
            s,
            "selection",
            _KINDS[sel.kind],
            index,
            str(sel.indirect).lower(),
            type_string(sel.recv),
            type_string(sel.obj.type),
        )
    for n, inst in info.instances.items():
        targs = "; ".join(type_string(t) for t in inst.targs)
        yield fact(n, "instance", targs, type_string(inst.type))


def expected(fact: Fact, others: set[Fact], nodes: dict[Fact, Fact]) -> bool:
    """Whether the two checkers differ about `fact` on purpose."""
    if fact in others:
        return True
    if fact[4] != "type":
        return False
    other = nodes.get(fact[:5])
    if other is None:
        # The 1 of `x++`; a union, for which go/types makes a node without a place.
        return (fact[5], fact[7]) == ("constant", "1") or fact[5] == "typexpr"
    if (fact[5], fact[7]) == ("constant", "1") and int(fact[3]) - int(fact[2]) == 1:
        return True  # the 1 of `x++` stands where x does
    modes = {fact[5], other[5]}
    return modes == {"constant"} or (modes == {"constant", "value"} and "[" in fact[6] + other[6])


@pytest.mark.std
def test_the_facts_are_those_of_go_types() -> None:
    packages = Packages()
    theirs = facts_of_go()
    ours = {fact for path in PACKAGES for fact in facts_of_ours(packages, path)}
    by_node = [{f[:5]: f for f in facts if f[4] == "type"} for facts in (ours, theirs)]
    missing = sorted(f for f in theirs if not expected(f, ours, by_node[0]))
    invented = sorted(f for f in ours if not expected(f, theirs, by_node[1]))
    assert missing == []
    assert invented == []
    assert len(theirs) > 1000 * len(PACKAGES)
