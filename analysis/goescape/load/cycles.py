"""Packages that import each other in a circle.

Invariants
  - the library has no cycles and is not searched;
  - each package is entered once, in the order of import paths, so the answer does not vary;
  - a cycle is an error of the root from which it was found, and told once.

Example: if `a` imports `b` and `b` imports `a`, package `a` gets the error "package a",
"imports b from a.go", "imports a from b.go: import cycle not allowed", on three lines.

Source: cmd/go/internal/load/pkg.go reusePackage (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from goescape.load.errors import LoadError, PackageError
from goescape.load.package import LoadedPackage


def report_cycles(
    roots: list[LoadedPackage],
    find: Callable[[str], LoadedPackage | LoadError],
    where: Callable[[LoadedPackage, str], str],
) -> None:
    """Give the first package found on each import cycle an error that shows it. `find` gives the package
    of an id, `where` the name of the file in which a package imports an id."""
    done: set[str] = set()
    for root in roots:
        if root.id in done or root.is_std:
            continue
        path: list[str] = [root.id]
        on_path = {root.id}
        stack = [iter(sorted(root.imports.values()))]
        while stack:
            for child in stack[-1]:
                if child in on_path:
                    _report(root, [*path[path.index(child) :], child], find, where)
                    continue
                if child in done:
                    continue
                package = find(child)
                if isinstance(package, LoadError) or package.is_std:
                    done.add(child)
                    continue
                path.append(child)
                on_path.add(child)
                stack.append(iter(sorted(package.imports.values())))
                break
            else:
                stack.pop()
                done.add(path[-1])
                on_path.discard(path.pop())


def _report(
    root: LoadedPackage,
    cycle: list[str],
    find: Callable[[str], LoadedPackage | LoadError],
    where: Callable[[LoadedPackage, str], str],
) -> None:
    text = f"package {cycle[0]}"
    for importer, imported in pairwise(cycle):
        package = find(importer)
        file = where(package, imported) if isinstance(package, LoadedPackage) else ""
        text += f"\n\timports {imported}" + (f" from {file}" if file else "")
    text += ": import cycle not allowed"
    if not any(e.message == text for e in root.errors):
        root.errors.append(PackageError(text, "cycle"))
