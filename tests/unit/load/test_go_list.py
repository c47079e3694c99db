"""The library and the commands, file by file and import by import, as `go list` sees them."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest
from goescape.load import DiskFileSystem, LoadedPackage, Loader, discover
from harness.oracle import Target, environment, goroot

FIELDS = "ImportPath,Name,Dir,GoFiles,Imports,ImportMap"


def go_list(target: Target, *words: str) -> dict[str, dict[str, Any]]:
    done = subprocess.run(
        [str(goroot() / "bin" / "go"), "list", "-e", f"-json={FIELDS}", *words],
        cwd=goroot(), env=environment(target), capture_output=True, text=True, check=False,
    )  # fmt: skip
    decoder, at, found = json.JSONDecoder(), 0, {}
    text = done.stdout.strip()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found[value["ImportPath"]] = value
        while at < len(text) and text[at].isspace():
            at += 1
    return found


def facts(listed: dict[str, Any]) -> tuple[str, list[str], dict[str, str]]:
    imports = {path: path for path in listed.get("Imports", []) if path != "C"}
    for source, resolved in listed.get("ImportMap", {}).items():
        imports.pop(resolved, None)
        imports[source] = resolved
    files = [os.path.join(listed["Dir"], name) for name in listed.get("GoFiles", [])]
    return listed["Name"], files, imports


def ours(p: LoadedPackage) -> tuple[str, list[str], dict[str, str]]:
    return p.name, p.files, p.imports


@pytest.mark.parametrize(
    ("target", "tests", "patterns"),
    [
        (Target(), False, ["std", "cmd/..."]),
        (Target("windows", "arm64"), False, ["std"]),
        (Target("js", "wasm"), False, ["std"]),
        (Target(), True, ["fmt", "net/...", "internal/...", "cmd/go"]),
    ],
)
def test_files_and_imports_are_those_of_go_list(
    target: Target, tests: bool, patterns: list[str]
) -> None:
    fs = DiskFileSystem()
    loader = Loader(fs, discover(fs, environment(target)))
    packages = {p.id: p for p in loader.load(patterns, str(goroot()), tests=tests)}
    listed = go_list(target, *(["-test"] if tests else []), *patterns)
    if not tests:
        assert packages.keys() == listed.keys()
    else:
        # Instead of a package with tests we give its variant; the generated main is not ours.
        assert packages.keys() <= listed.keys()
        assert {id for id in listed if " [" in id and "_test [" in id} <= packages.keys()
    # cmd/compile is built with a profile, whose variants have names of their own; unsafe has no
    # files for the compiler.
    for id in packages.keys() - {"cmd/compile", "unsafe"}:
        assert ours(packages[id]) == facts(listed[id]), id
