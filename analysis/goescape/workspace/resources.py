"""What an analysis takes of its process: a deep stack, and memory.

Example: `with_deep_stack(lambda: program.check(package))` bears Go that nests a thousand levels deep.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

STACK_BYTES = 512 * 1024 * 1024
"""Stack of the thread that analyses: Go code may nest deeply."""

RECURSION_LIMIT = 60_000


def with_deep_stack(work: Callable[[], T]) -> T:
    """Run `work` in a thread whose stack bears deeply nested Go, and give its result."""
    done: list[Any] = []

    def run() -> None:
        try:
            done.append((True, work()))
        except BaseException as e:
            done.append((False, e))

    sys.setrecursionlimit(RECURSION_LIMIT)
    before = threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=run, name="goescape-analysis")
    thread.start()
    threading.stack_size(before)
    thread.join()
    ok, value = done[0]
    if not ok:
        raise value
    return value  # type: ignore[no-any-return]


def resident_bytes() -> int:
    """The resident memory of this process, 0 where that cannot be learnt."""
    try:
        with open("/proc/self/statm", "rb") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0
