"""Where a broken invariant of ours is reported.

Under tests (`GOESCAPE_STRICT=1`) a report raises, so that no test passes over it; in the product it
is logged with its position and the feature that noticed it gives up.
"""

from __future__ import annotations

import logging
import os

_log = logging.getLogger("goescape")


class Bug(AssertionError):
    """A broken invariant of goescape itself; raised under tests only."""


def configure_log() -> None:
    """For processes that people watch: the log goes to the file that GOESCAPE_LOG names, and
    nowhere without it."""
    path = os.environ.get("GOESCAPE_LOG")
    root = logging.getLogger("goescape")
    handler = logging.FileHandler(path) if path else logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(process)d %(name)s %(message)s"))
    root.addHandler(handler)
    root.propagate = False
    root.setLevel(logging.DEBUG if path else logging.ERROR)


def report(msg: str, pos: int = 0) -> None:
    """Report that something impossible happened at `pos` (a `Pos`, 0 for none)."""
    text = f"{msg} (position {pos:#x})" if pos else msg
    if os.environ.get("GOESCAPE_STRICT"):
        raise Bug(text)
    _log.error("bug: %s", text)
