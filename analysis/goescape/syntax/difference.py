"""Where two texts differ, one being the other after an edit.

Example: `difference(b"f(a)", b"f(a, b)")` is `(3, 3, 6)`: at 3, nothing became three bytes.
"""

from __future__ import annotations


def difference(old: bytes, new: bytes) -> tuple[int, int, int] | None:
    """Where two texts differ: (start, end in `old`, end in `new`); None if they are equal."""
    if old == new:
        return None
    limit = min(len(old), len(new))
    start = _common_prefix(old, new, limit)
    limit -= start
    tail = _common_suffix(old, new, limit)
    return start, len(old) - tail, len(new) - tail


def _common_prefix(a: bytes, b: bytes, limit: int) -> int:
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_suffix(a: bytes, b: bytes, limit: int) -> int:
    low, high = 0, limit
    la, lb = len(a), len(b)
    while low < high:
        middle = (low + high + 1) // 2
        if a[la - middle : la - low] == b[lb - middle : lb - low]:
            low = middle
        else:
            high = middle - 1
    return low
