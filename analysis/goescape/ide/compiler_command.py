"""The command line that makes the compiler print what is found here."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from goescape.workspace.session import Target


def compiler_command(path: str, target: Target, names: Sequence[str] = ()) -> str:
    """For the package of the file at `path`, built for `target`; nothing is written but messages. `names` are
    those of its files if it belongs to no module: go finds no such package by its directory.

    Example: `GOOS=windows go build -C /w -o /dev/null -gcflags=-m=2 .`
    """
    folder, name = os.path.split(path)
    words = [f"{k}={shlex.quote(v)}" for k, v in (("GOOS", target.goos), ("GOARCH", target.goarch)) if v]  # fmt: skip
    words += ["go", *(("test", "-C") if name.endswith("_test.go") else ("build", "-C"))]
    words.append(shlex.quote(folder))
    words += ["-c"] if name.endswith("_test.go") else []
    words += ["-o", os.devnull]
    if target.tags:
        words.append(shlex.quote("-tags=" + ",".join(target.tags)))
    words += ["-gcflags=-m=2" if target.inline else "'-gcflags=-m=2 -l'"]
    words += map(shlex.quote, names or ["."])
    return " ".join(words)
