"""`--format=gc`: line for line what `go build -gcflags=-m` prints.

Each package that has something to say is headed by `# import/path`; its lines keep the compiler's
own order and repeats; paths are shortened as the go command shortens them.
"""

from __future__ import annotations

from goescape.workspace.result import PackageResult


def render(result: PackageResult, cwd: str) -> str:
    """The output for one package; empty when the compiler would print nothing."""
    if not result.lines:
        return ""
    return "\n".join([f"# {result.import_path}", *result.printed(cwd), ""])
