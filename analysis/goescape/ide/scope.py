"""Whose code a file is: one's own, generated, or of the library.

What nobody is going to change is not worth a remark. The library is the toolchain's, the module cache,
and vendor folders, unless one of them is what the user works on.

Source: go/ast.IsGenerated (go1.27); `go help generate`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence

_GENERATED = re.compile(rb"^// Code generated .* DO NOT EDIT\.\r?$", re.MULTILINE)
_PACKAGE = re.compile(rb"^package\b", re.MULTILINE)


def is_generated(text: bytes) -> bool:
    """Whether the file says that it is generated, above its package clause."""
    clause = _PACKAGE.search(text)
    return _GENERATED.search(text, 0, clause.start() if clause else len(text)) is not None


def is_outside(path: str, library: Iterable[str], roots: Sequence[str]) -> bool:
    """Whether the file belongs to the library: it lies in one of the `library` directories or in a
    vendor folder, and no root of the workspace lies there with it. A file without a workspace is
    its own folder's."""
    own = [root for root in roots or (os.path.dirname(path),) if _is_in(path, root)]
    areas = [directory for directory in library if directory and _is_in(path, directory)]
    vendor = f"{os.sep}vendor{os.sep}"
    if vendor in path:
        areas.append(path[: path.rindex(vendor) + len(vendor) - 1])
    return any(not any(_is_in(root, area) for root in own) for area in areas)


def _is_in(path: str, directory: str) -> bool:
    directory = directory.rstrip(os.sep)
    return path == directory or path.startswith(directory + os.sep)
