"""What lies where in a stretch whose blanks have changed."""

from __future__ import annotations

from goescape.source.bend import Bend, Change
from goescape.source.file import SourceFile
from goescape.source.positions import BASE_SHIFT, Positions

WAS = b"f( x)\n\ty\n"
NOW = b"f(x) // c\n\n y\n"


def bent(text: bytes) -> Bend:
    """The stretch `WAS` as `text`."""
    was, now = ([t.index(token) for token in (b"f", b"(", b"x", b")", b"y")] for t in (WAS, text))
    return Bend(WAS, was, text, now)


def test_what_lies_in_a_token_or_ends_it_goes_with_it() -> None:
    bend = bent(NOW)
    assert [bend.offset(WAS.index(t)) for t in (b"f", b"x", b"y")] == [0, 2, NOW.index(b"y")]
    assert bend.offset(WAS.index(b")") + 1) == NOW.index(b")") + 1
    assert bend.offset(len(WAS) - 1) == NOW.index(b"y") + 1


def test_a_change_tells_ends_from_beginnings() -> None:
    other = bent(b"f(   x)\n\ty\n")
    change = Change(bent(NOW), other)  # What is one place in `NOW` are two.
    assert (change.end(2), change.start(2)) == (2, 5)
    assert change.at(2, 1) == other.text.index(b"y")
    back = Change(other, None)
    assert (back.end(2), back.start(5), back.at(1, 1)) == (2, 3, WAS.index(b"y"))


def test_positions_go_through_the_bend() -> None:
    positions = Positions()
    base = positions.new_base(SourceFile("x.go", b"\n" + WAS), 1)
    pos = base + WAS.index(b"y")
    number = base >> BASE_SHIFT
    assert positions.bends([number]) == ()
    positions.move_base(base, SourceFile("x.go", b"\n\n" + NOW), 2)
    positions.bend(base, bend := bent(NOW))
    assert positions.offset(pos) == 2 + NOW.index(b"y")
    assert positions.bends([number, number]) == (bend, bend)
    positions.bend(base, None)
    assert positions.offset(pos) == 2 + WAS.index(b"y")
    positions.bend(base, bend)
    positions.retire(base)
    assert positions.bends([number]) == ()
