"""Annotated programs get exactly the messages that they announce."""

from __future__ import annotations

import pytest
from harness.escape import unmatched


@pytest.mark.parametrize(
    ("name", "inline"), [("flows", False), ("calls", False), ("inlined", True)]
)
def test_every_message_is_announced_and_every_announcement_comes_true(
    name: str, inline: bool
) -> None:
    extra, missing = unmatched(name, inline)
    assert (extra, missing) == ([], [])
