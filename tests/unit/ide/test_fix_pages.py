"""Every fix says what it does, when it is offered, and what it means for the program."""

from __future__ import annotations

import pytest
from goescape.ide.fixes import pages
from goescape.report import rules


@pytest.mark.parametrize("code", pages.names())
def test_a_page(code: str) -> None:
    text = pages.page(code)
    assert text is not None and text.startswith(f"# {code}\n\n")
    assert "When it is offered" in text and "behaviour" in text
    assert pages.summary(code).endswith(".")
    assert code not in rules.names()


def test_no_page() -> None:
    assert pages.page("nothing") is None
