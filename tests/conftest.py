"""What holds for every test."""

from __future__ import annotations

import logging

import pytest


@pytest.fixture(autouse=True)
def log_as_in_a_new_process() -> None:
    """A command run inside the test process sends the log elsewhere: not for the next test."""
    log = logging.getLogger("goescape")
    log.propagate = True
    log.setLevel(logging.NOTSET)
    log.handlers.clear()
