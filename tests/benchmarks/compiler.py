"""What the compiler takes for an edit, asked as gopls asks it.

Example: `go_test(goroot() / "src/net/http/server.go").wall` is some seconds.
"""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from harness.oracle import goroot


class Spent(NamedTuple):
    """Seconds: until the answer was there, and of the processor."""

    wall: float
    cpu: float


def go_test(path: Path) -> Spent:
    """What `go test -c` with compiler details takes for the package of a file of GOROOT after an edit of
    that file, all else being built."""
    with tempfile.TemporaryDirectory() as tmp:
        edited = Path(tmp) / path.name
        edited.write_bytes(path.read_bytes() + b"\nfunc edited9() *int { return new(int) }\n")
        overlay = Path(tmp) / "overlay.json"
        overlay.write_text(f'{{"Replace": {{"{path}": "{edited}"}}}}')
        package = path.parent.relative_to(goroot() / "src").as_posix()
        command = [
            str(goroot() / "bin" / "go"), "test", "-c", "-vet=off", f"-gcflags=-json=0,{tmp}/details",
            "-o", os.devnull,
        ]  # fmt: skip
        environment = {
            **os.environ,
            "GOTOOLCHAIN": "local",
            "GOPROXY": "off",
            "GOFLAGS": "-mod=mod",
        }
        subprocess.run([*command, package], env=environment, check=True)
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run([*command, f"-overlay={overlay}", package], env=environment, check=True)
        wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
