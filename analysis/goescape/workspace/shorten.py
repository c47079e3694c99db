"""Paths in the compiler's output as the go command shortens them.

The compiler prints absolute paths. The go command then replaces the package's directory, and each
directory above it, by its path relative to the working directory wherever that is shorter, at the
start of a line, also of an indented one, and behind a blank.

Example: in `/m`, a message of the package in `/m/sub` is printed as `sub/x.go:1:2: …`, one of the
package in `/m` itself as `./x.go:1:2: …`.

Source: cmd/go/internal/work/shell.go reportCmd, cmd/go/internal/base/path.go ShortPath (go1.27).
"""

from __future__ import annotations

import os


class Shortener:
    """Shortens the lines of one package, in `directory`, for the working directory `cwd`."""

    __slots__ = ("_pairs",)

    def __init__(self, directory: str, cwd: str) -> None:
        self._pairs: list[tuple[str, str]] = []
        while directory:
            try:
                short = os.path.relpath(directory, cwd)
            except ValueError:  # Another drive.
                break
            if len(short) < len(directory):
                self._pairs.append((directory, short))
            parent = os.path.dirname(directory)
            if parent == directory:
                break
            directory = parent

    def line(self, text: str) -> str:
        """One printed line with its paths shortened."""
        for old, new in self._pairs:
            if old in text:
                text = text.replace(" " + old, " " + new)
                for indent in ("", "\t"):
                    if text.startswith(indent + old):
                        text = indent + new + text[len(indent + old) :]
        return text
