"""What was expanded in a text, or copied from it, is let go of with the text."""

from __future__ import annotations

import gc

from goescape.source.file import SourceFile
from goescape.source.positions import BASE_SHIFT, InlineSite, Positions

PATH = "x.go"


def callee_func() -> None:
    """Stands for what is called."""


def test_a_text_that_is_no_more_leaves_nothing_of_what_was_expanded_in_it() -> None:
    others = {id(o) for o in gc.get_objects() if isinstance(o, InlineSite)}
    positions = Positions()
    file = SourceFile(PATH, b"package p\n")
    callee = positions.new_base(file, 0)
    for _ in range(200):
        caller = positions.new_base(file, 0)
        site = positions.inline_site(caller + 3, "f", callee_func, 0)
        copied = positions.inlined(callee + 5, site)
        inner = positions.inline_site(copied, "g", callee_func, 1)
        deeper = positions.inlined(callee + 7, inner)
        assert positions.outermost(deeper) == caller + 3 and positions.site(deeper) is inner
        assert positions.inline_site(caller + 3, "f", callee_func, 2) is site
        positions.retire(caller)
        assert positions.site(deeper) is None and positions.offset(deeper) == 7
        assert (gone := positions.file(deeper)) is not None and gone.path == PATH
    del site, inner
    gc.collect()
    left = [o for o in gc.get_objects() if isinstance(o, InlineSite) and id(o) not in others]
    assert len(left) < 100


def test_a_copy_is_made_anew_when_what_it_was_copied_from_is_no_more() -> None:
    positions = Positions()
    file = SourceFile(PATH, b"package p\n")
    callee, caller = positions.new_base(file, 0), positions.new_base(file, 0)
    site = positions.inline_site(caller, "f", callee_func, 0)
    old = positions.inlined(callee, site)
    assert positions.inlined(callee, site) == old
    positions.retire(callee)
    newer = positions.new_base(file, 0)
    new = positions.inlined(newer, site)
    assert new >> BASE_SHIFT != old >> BASE_SHIFT
    assert positions.outermost(new) == caller and positions.original(new) == newer


def test_what_is_expanded_in_a_copy_goes_with_what_it_was_copied_from() -> None:
    positions = Positions()
    file = SourceFile(PATH, b"package p\n")
    caller, inner = positions.new_base(file, 0), positions.new_base(file, 0)
    before = {id(o) for o in gc.get_objects() if isinstance(o, InlineSite)}
    for n in range(200):
        middle = positions.new_base(file, 0)
        site = positions.inline_site(caller, "f", callee_func, 0)
        call = positions.inlined(middle, site)
        deep = positions.inline_site(call, "g", callee_func, n)
        deeper = positions.inlined(inner, deep)
        other = positions.inlined(inner, site)
        assert positions.outermost(deeper) == caller and positions.original(deeper) == inner
        positions.retire(middle)
        assert positions.site(call) is None and positions.site(deeper) is None
        assert positions.site(other) is site and positions.inlined(inner, site) == other
        assert site.bases == [inner >> BASE_SHIFT]
    del deep
    gc.collect()
    left = [o for o in gc.get_objects() if isinstance(o, InlineSite) and id(o) not in before]
    assert len(left) < 100
