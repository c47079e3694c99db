"""Go's own library type-checks without an error, whole or piece by piece."""

from __future__ import annotations

import random

import pytest
from goescape.load.package import LoadedPackage
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.checker import Checker
from goescape.typecheck.info import TypeAndValue
from goescape.typecheck.objects import Const, Func, Var
from goescape.typecheck.typestring import type_string
from harness.typecheck import Packages

FEW = ("errors", "internal/abi", "maps", "sort", "sync")


def check_piece_by_piece(checker: Checker, seed: int) -> None:
    """Ask for every object, body and initialiser singly, in some order."""
    objects = list(checker.obj_map)
    random.Random(seed).shuffle(objects)
    for obj in objects:
        if isinstance(obj, Func):
            checker.check_body(obj)
        elif isinstance(obj, (Const, Var)):
            checker.check_init(obj)
        else:
            assert obj.type.underlying is not None
        assert not (checker.delayed or checker.obj_path or checker.untyped or checker.busy)


def facts(packages: Packages, checker: Checker) -> list[tuple[str, int, str, str, str, object]]:
    """The type table, with everything written out. Without the constants' initialisers: one that
    several constants share is recorded as for the last of them that was asked for."""
    shared = {
        node
        for file in checker.files
        for decl in file.decl_list
        if isinstance(decl, ast.ConstDecl)
        for node in walk(decl)
    }

    types = checker.info.types.items()

    def fact(pos: int, kind: str, tv: TypeAndValue) -> tuple[str, int, str, str, str, object]:
        file = packages.positions.file(pos)
        assert file is not None
        offset = packages.positions.offset(pos)
        return file.path, offset, kind, tv.mode, type_string(tv.type), repr(tv.value)

    return sorted(fact(e.pos, type(e).__name__, tv) for e, tv in types if e not in shared)


def test_order_of_asking_does_not_matter() -> None:
    whole, pieces = Packages(), Packages()
    for path in FEW:
        first, second = whole.load(path).checker, pieces.load(path).checker
        assert first is not None and second is not None
        first.check_all()
        check_piece_by_piece(second, seed=3)
        assert whole.describe(first) == []
        assert pieces.describe(second) == []
        assert facts(whole, first) == facts(pieces, second)


def test_only_what_is_named_is_declared() -> None:
    packages = Packages()
    text = (
        b'package p; import "bufio"; var size = bufio.MaxScanTokenSize\n'
        b"func f(r *bufio.Reader) {}; func g() { undefined() }"
    )
    checker = packages.declare_text({"p.go": text})
    f, g, size = (checker.pkg.scope.elems[name] for name in ("f", "g", "size"))
    assert isinstance(f, Func) and isinstance(size, Var)
    checker.check_body(f)
    checker.check_init(size)
    assert packages.describe(checker) == [] and g.typ is None
    bufio = packages.packages["bufio"].checker
    assert bufio is not None
    declared = {obj.name for obj in bufio.obj_map if obj.typ is not None}
    assert declared == {"Reader", "MaxScanTokenSize"}


@pytest.mark.std
@pytest.mark.parametrize("goarch", ["amd64", "386", "arm64"])
def test_library_and_commands_have_no_type_errors(goarch: str) -> None:
    packages = Packages(goarch)
    wrong: list[str] = []
    for loaded in packages.loader.load(["std", "cmd"]):
        assert isinstance(loaded, LoadedPackage)
        if not loaded.files or loaded.import_path in ("unsafe", "builtin"):
            continue
        checker = packages.declare(loaded).checker
        assert checker is not None
        checker.check_all()
        wrong += packages.describe(checker)
    assert wrong == []
