"""`goescape cache`: what is kept between runs, seen, emptied and filled.

Exit codes: 0, or 2 when the store cannot be used, or a package cannot be analysed.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import TextIO

from goescape.load import LoadFailure
from goescape.workspace.parallel import CheckRequest, check
from goescape.workspace.result import Problem
from goescape.workspace.store import Store

from goescape_server.cli.progress import ProgressBar


def info(directory: str, out: TextIO, errors: TextIO) -> int:
    """Say where the store is, how large, and what is in it; what keeps it from being written to is said,
    and is no failure."""
    path = Path(directory)
    store = Store(None if _may_begin(path) else path)
    found = store.info()
    print(f"directory  {directory}", file=out)
    print(f"size       {_bytes(found.size)} of at most {_bytes(found.limit)}", file=out)
    print(f"packages   {found.packages}", file=out)
    print(f"functions  {found.functions}", file=out)
    if found.packages:
        first, last = map(_day, (found.oldest_use, found.newest_use))
        print(f"last used  {first}" + (f" to {last}" if first != last else ""), file=out)
    reads = store.reads
    status = _done(store, errors)
    return 0 if reads else status


def clear(directory: str, errors: TextIO) -> int:
    """Forget everything."""
    path = Path(directory)
    if _may_begin(path):
        return 0
    store = Store(path)
    store.clear()
    return _done(store, errors)


def _may_begin(path: Path) -> bool:
    """Whether there is nothing yet, and nothing in the way of a directory."""
    nearest = next(p for p in (path, *path.absolute().parents) if p.exists())
    return nearest != path and nearest.is_dir() and os.access(nearest, os.W_OK)


def warm(request: CheckRequest, jobs: int, out: TextIO, errors: TextIO) -> int:
    """Learn what callers need of the packages that the request names, and of all they import."""
    known = 0
    problems: list[Problem] = []
    try:
        with ProgressBar() as bar:
            for result in check(request, jobs, bar):
                known += not result.problems
                problems += result.problems
    except LoadFailure as e:
        print(e, file=errors)
        return 2
    for problem in problems:
        print(problem, file=errors)
    print(f"{known} package{'' if known == 1 else 's'} known", file=out)
    return _done(Store(Path(request.store)), errors) or (2 if problems else 0)


def _done(store: Store, errors: TextIO) -> int:
    trouble = store.trouble
    store.close()
    if trouble:
        print(f"warning: {trouble}", file=errors)
    return 2 if trouble else 0


def _bytes(n: int) -> str:
    size = float(n)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _day(seconds: int) -> str:
    return datetime.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d")
