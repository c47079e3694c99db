"""Paths as the go command prints them: relative to the working directory where that is shorter.

Source: cmd/go/internal/base/path.go (ShortPath).
"""

from __future__ import annotations

import os


def short_path(path: str, cwd: str) -> str:
    """`path` relative to `cwd`, if that is shorter than itself."""
    try:
        relative = os.path.relpath(path, cwd)
    except ValueError:  # another drive
        return path
    return relative if len(relative) < len(path) else path
