"""Which fixes are proved before they are offered."""

from __future__ import annotations

from goescape.ide.fixes import Snapshot
from goescape.typecheck.objects import Func
from harness.fixes import analysed

TEXT = """package w

func small(n int) int { return n + 1 }

func expands(n int) int { return small(n) * small(n+1) }

//go:noinline
func even(n int) bool { return n == 0 || odd(n-1) }

//go:noinline
func odd(n int) bool { return n != 0 && even(n-1) }

func other(n int) bool { return even(n) }
"""


def test_the_text_that_is_analysed_again() -> None:
    snapshot = analysed(TEXT)
    # A declaration begins at its name.
    declared = [line[5:] for line in TEXT.splitlines() if line.startswith("func ")]
    size = {text.partition("(")[0]: len(text) for text in declared}
    small, expands, together = size["small"], size["expands"], size["even"] + size["odd"]
    assert _again(snapshot, "small") == small + expands
    assert _again(snapshot, "expands") == expands
    assert _again(snapshot, "even") == _again(snapshot, "odd") == together


def _again(snapshot: Snapshot, name: str) -> int:
    obj = snapshot.pkg.scope.lookup(name)
    assert isinstance(obj, Func)
    return snapshot.program.bytes_again(snapshot.package, obj)
