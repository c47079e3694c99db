"""Loading in memory: modules, workspaces, vendoring, patterns, variants, and what is broken."""

from __future__ import annotations

import pytest
from goescape.load import goflags
from goescape.load.environment import Environment, discover
from goescape.load.errors import LoadError, LoadFailure
from goescape.load.filesystem import DiskFileSystem, Entry, MemoryFileSystem
from goescape.load.loader import LoadedPackage, Loader
from harness.oracle import goroot

GOROOT = {
    "/go/VERSION": "go1.27.3\ntime 2026\n",
    "/go/src/runtime/runtime.go": "package runtime",
    "/go/src/fmt/fmt.go": 'package fmt\nimport "errors"',
    "/go/src/errors/errors.go": "package errors",
    "/go/src/builtin/builtin.go": "package builtin",
    "/go/src/net/net.go": 'package net\nimport "golang.org/x/dns"',
    "/go/src/net/cgo.go": 'package net\nimport "C"',
    "/go/src/net/net_windows.go": "package net",
    "/go/src/vendor/golang.org/x/dns/dns.go": "package dns",
    "/go/src/cmd/tool/main.go": 'package main\nimport "golang.org/x/mod"',
    "/go/src/cmd/vendor/golang.org/x/mod/mod.go": "package mod",
    "/go/src/testing/testing.go": "package testing",
}


def env(files: dict[str, str], **variables: str) -> tuple[MemoryFileSystem, Environment]:
    fs = MemoryFileSystem({**GOROOT, **files})
    base = {"GOROOT": "/go", "GOOS": "linux", "GOARCH": "amd64", "CGO_ENABLED": "0", "HOME": "/h"}
    return fs, discover(fs, {**base, **variables})


def load(
    files: dict[str, str], *args: str, cwd: str = "/w", tests: bool = False, **variables: str
) -> list[LoadedPackage]:
    loader = Loader(*env(files, **variables))
    return loader.load(list(args), cwd, tests=tests)


def ids(packages: list[LoadedPackage]) -> list[str]:
    return [p.id for p in packages]


def errors(packages: list[LoadedPackage]) -> str:
    return "\n".join(str(e) for p in packages for e in p.errors)


MODULE = {
    "/w/go.mod": "module example.com/w\n\ngo 1.21\n",
    "/w/a.go": 'package w\nimport ("fmt"; "example.com/w/sub")',
    "/w/sub/b.go": "package sub",
    "/w/sub/_c.go": "package nothing",
    "/w/sub/testdata/x.go": "package x",
    "/w/nested/go.mod": "module other",
    "/w/nested/n.go": "package n",
    "/w/vendored/vendor/v/v.go": "package v",
}


def test_dots_cover_the_module_and_stop_at_nested_modules() -> None:
    packages = load(MODULE, "./...")
    assert ids(packages) == ["example.com/w", "example.com/w/sub"]
    assert packages[0].imports == {"fmt": "fmt", "example.com/w/sub": "example.com/w/sub"}
    assert packages[0].go_version == "go1.21"
    assert packages[0].files == ["/w/a.go"]
    assert not errors(packages)


def test_library_patterns_and_vendored_imports() -> None:
    assert ids(load({}, "std")) == [
        "errors", "fmt", "net", "runtime", "testing", "vendor/golang.org/x/dns",
    ]  # fmt: skip
    assert ids(load({}, "cmd/...")) == ["cmd/tool"]
    (net,) = load({}, "net")
    assert net.imports == {"golang.org/x/dns": "vendor/golang.org/x/dns"}
    assert net.files == ["/go/src/net/net.go"] and net.is_std and net.go_version == "go1.27"
    (tool,) = load({}, "cmd/tool")
    assert tool.imports == {"golang.org/x/mod": "cmd/vendor/golang.org/x/mod"}
    assert tool.compile_path == "main"


def test_platform_and_cgo_choose_files() -> None:
    (net,) = load({}, "net", GOOS="windows")
    assert net.files == ["/go/src/net/net.go", "/go/src/net/net_windows.go"]
    # The library is always taken without cgo; others' files count, and are marked.
    (net,) = load({}, "net", CGO_ENABLED="1")
    assert net.files == ["/go/src/net/net.go"]
    mine = {"/w/go.mod": "module w", "/w/a.go": "package w", "/w/Z.go": 'package w\nimport "C"'}
    (package,) = load(mine, ".", CGO_ENABLED="1")
    assert package.files == ["/w/a.go", "/w/Z.go"] and package.cgo_files == ["/w/Z.go"]
    (package,) = load(mine, ".")
    assert package.files == ["/w/a.go"] and package.cgo_files == []


@pytest.mark.parametrize(
    ("top", "taken"),
    [
        ("//go:build linux\n\n", True),
        ("//go:build !linux\n\n", False),
        ("//go:build go1.27 && !go1.28\n\n", True),
        ("//go:build unix && (amd64 || never)\n\n", True),
        ("//go:build goexperiment.jsonv2\n\n", True),
        ("//go:build mine\n\n", True),
        ("// +build windows\n\n", False),
        ("// +build windows linux,amd64\n\n", True),
        ("// +build windows\n", True),  # no blank line: an ordinary comment
        ("/* x */ //go:build windows\n\n", True),
        ("//go:build ignore\n// +build linux\n\n", False),
    ],
)
def test_build_constraints(top: str, taken: bool) -> None:
    files = {"/w/go.mod": "module w", "/w/a.go": "package w", "/w/b.go": f"{top}package w"}
    (package,) = load(files, ".", GOFLAGS="-tags=mine")
    assert ("/w/b.go" in package.files) is taken


def test_go_env_file_is_read() -> None:
    fs, environment = env(
        {"/h/.config/go/env": "GOFLAGS=-tags=x,y\nGOEXPERIMENT=arenas\nGOAMD64=v3\n"}
    )
    assert environment.tags == ("x", "y")
    for tag in ("goexperiment.arenas", "amd64.v2", "amd64.v3", "go1.27", "unix", "gc"):
        assert environment.has_tag(tag)
    assert not environment.has_tag("amd64.v4") and not environment.has_tag("cgo")
    assert discover(fs, {"GOROOT": "/go", "GOENV": "off", "HOME": "/h"}).tags == ()


def test_toolchain_is_found_through_links() -> None:
    fs = MemoryFileSystem({**GOROOT, "/go/bin/go": "\x7fELF"}, {"/usr/bin/go": "../../go/bin/go"})
    assert discover(fs, {"PATH": "/usr/bin"}).goroot == "/go"
    with pytest.raises(LoadFailure, match="not a Go toolchain"):
        discover(fs, {"GOROOT": "/nowhere"})
    with pytest.raises(LoadFailure, match="unsupported GOOS/GOARCH pair linux/vax"):
        discover(fs, {"GOROOT": "/go"}, goos="linux", goarch="vax")


CACHE = "/h/go/pkg/mod"
DEPENDENCIES = {
    f"{CACHE}/cache/download/example.com/!up/@v/v1.0.0.mod": "module example.com/Up\ngo 1.16",
    f"{CACHE}/cache/download/example.com/!up/@v/v1.2.0.mod": "module example.com/Up\ngo 1.18",
    f"{CACHE}/example.com/!up@v1.2.0/up.go": "package up",
    f"{CACHE}/example.com/!up@v1.0.0/up.go": "package up",
    f"{CACHE}/cache/download/example.com/mid/@v/v1.0.0.mod": (
        "module example.com/mid\ngo 1.16\nrequire example.com/Up v1.2.0"
    ),
    f"{CACHE}/example.com/mid@v1.0.0/mid.go": 'package mid\nimport "example.com/Up"',
    "/w/a.go": 'package w\nimport ("example.com/mid"; "example.com/Up")',
}


def place(loader: Loader, path: str) -> str:
    found = loader.package(path)
    return found.dir if isinstance(found, LoadedPackage) else found.error.message


def loader_for(mod: str, **files: str) -> Loader:
    loader = Loader(*env({**DEPENDENCIES, "/w/go.mod": mod, **files}))
    loader.load(["./..."], "/w")
    return loader


def test_minimal_version_selection_takes_the_newest_asked_for() -> None:
    old = loader_for("module w\ngo 1.16\nrequire example.com/mid v1.0.0")
    assert place(old, "example.com/Up") == f"{CACHE}/example.com/!up@v1.2.0"
    package = old.package("example.com/Up")
    assert isinstance(package, LoadedPackage) and package.go_version == "go1.18"


def test_replace_and_exclude() -> None:
    both = "module w\ngo 1.16\nrequire (\n\texample.com/mid v1.0.0 // indirect\n\texample.com/Up v1.0.0\n)\n"
    excluded = loader_for(both + "exclude example.com/Up v1.2.0")
    assert place(excluded, "example.com/Up") == f"{CACHE}/example.com/!up@v1.0.0"
    local = loader_for(
        both + "replace example.com/Up => ../up",
        **{"/up/go.mod": "module x", "/up/u.go": "package up"},
    )
    assert place(local, "example.com/Up") == "/up"
    gone = loader_for(both + "replace example.com/Up => ../gone")
    assert "replacement directory ../gone" in place(gone, "example.com/Up")


def test_missing_module_names_the_import_and_the_place() -> None:
    loader = loader_for("module w\ngo 1.20\nrequire example.com/mid v1.9.0")
    text = errors(loader.load(["."], "/w"))
    assert "/w/a.go:2:9: no required module provides package example.com/mid" in text
    assert f"{CACHE}/example.com/mid@v1.9.0 does not exist" in text
    found = loader.package("nosuch/thing")
    assert isinstance(found, LoadError)
    assert found.error.message == "package nosuch/thing is not in std (/go/src/nosuch/thing)"


def test_vendor_directory() -> None:
    files = {
        "/w/go.mod": "module w\ngo 1.23\nrequire example.com/v v1.0.0",
        "/w/a.go": 'package w\nimport ("example.com/v"; "example.com/stray")',
        "/w/vendor/modules.txt": "# example.com/v v1.0.0\n## explicit; go 1.19\nexample.com/v\n",
        "/w/vendor/example.com/v/v.go": "package v",
        "/w/vendor/example.com/stray/s.go": "package stray",
    }
    loader = Loader(*env(files))
    (package,) = loader.load(["./..."], "/w")
    assert package.imports == {"example.com/v": "example.com/v"}
    vendored = loader.package("example.com/v")
    assert isinstance(vendored, LoadedPackage) and vendored.go_version == "go1.19"
    assert [p.id for p in loader.load(["example.com/v..."], "/w")] == ["example.com/v"]
    assert "missing from vendor/modules.txt" in errors([package])


def test_workspace() -> None:
    files = {
        "/w/go.work": "go 1.22\nuse (\n\t./a\n\t./b\n)\n",
        "/w/a/go.mod": "module a.com\ngo 1.22",
        "/w/a/a.go": 'package a\nimport "b.com/sub"',
        "/w/b/go.mod": "module b.com\ngo 1.20",
        "/w/b/sub/b.go": "package sub",
    }
    loader = Loader(*env(files))
    (package,) = loader.load(["."], "/w/a")
    assert not package.errors
    sub = loader.imported(package, "b.com/sub")
    assert isinstance(sub, LoadedPackage) and sub.dir == "/w/b/sub" and sub.go_version == "go1.20"


def test_gopath_mode_with_vendor() -> None:
    files = {
        "/h/go/src/p/p.go": 'package p\nimport ("q"; "r")',
        "/h/go/src/q/q.go": "package q",
        "/h/go/src/p/vendor/r/r.go": "package r",
    }
    (package,) = load(files, "p", GO111MODULE="off")
    assert package.imports == {"q": "q", "r": "p/vendor/r"}
    (package,) = load(files, ".", cwd="/h/go/src/p", GO111MODULE="off")
    assert package.import_path == "p"


def test_test_variants() -> None:
    files = {
        "/w/go.mod": "module w",
        "/w/p/p.go": "package p",
        "/w/p/in_test.go": 'package p\nimport "testing"',
        "/w/p/out_test.go": 'package p_test\nimport ("w/p"; "w/q"; "fmt")',
        "/w/q/q.go": 'package q\nimport "w/p"',
    }
    loader = Loader(*env(files))
    packages = loader.load(["./..."], "/w", tests=True)
    assert ids(packages) == ["w/p [w/p.test]", "w/p_test [w/p.test]", "w/q"]
    inside, outside, _ = packages
    assert inside.files == ["/w/p/p.go", "/w/p/in_test.go"] and inside.import_path == "w/p"
    assert outside.name == "p_test" and outside.import_path == "w/p_test"
    assert outside.imports == {
        "w/p": "w/p [w/p.test]", "w/q": "w/q [w/p.test]", "fmt": "fmt",
    }  # fmt: skip
    between = loader.package("w/q [w/p.test]")
    assert isinstance(between, LoadedPackage)
    assert between.imports == {"w/p": "w/p [w/p.test]"}


def test_loose_files_keep_their_order_and_ignore_constraints() -> None:
    files = {"/l/b.go": "//go:build ignore\n\npackage main", "/l/a_windows.go": "package main"}
    (package,) = load(files, "b.go", "./a_windows.go", cwd="/l")
    assert package.id == "command-line-arguments"
    assert package.files == ["/l/b.go", "/l/a_windows.go"]
    assert package.go_version == "go1.27" and not package.errors


def test_overlay_adds_a_file_and_changes_imports() -> None:
    loader = Loader(*env(MODULE))
    (package,) = loader.load(["./sub"], "/w")
    assert package.imports == {}
    assert not loader.set_overlay("/w/sub/b.go", b"package sub\n\nvar x = 1\n")
    assert loader.read("/w/sub/b.go") == b"package sub\n\nvar x = 1\n"
    assert not loader.set_overlay("/w/sub/b.go", b"package sub\n\nvar x1 = 1\n")
    assert loader.set_overlay("/w/sub/b.go", b'package sub\nimport "fmt"\n')
    assert loader.set_overlay("/w/sub/new.go", b'package sub\nimport "errors"\n')
    (package,) = loader.load(["./sub"], "/w")
    assert package.imports == {"fmt": "fmt", "errors": "errors"}
    assert package.files == ["/w/sub/b.go", "/w/sub/new.go"]
    loader.set_overlay("/w/sub/new.go", None)
    (package,) = loader.load(["./sub"], "/w")
    assert package.files == ["/w/sub/b.go"]


BROKEN = {
    "/w/go.mod": "module w",
    "/w/two/a.go": "package a",
    "/w/two/b.go": "package b",
    "/w/empty/readme": "",
    "/w/other/x_windows.go": "package other",
    "/w/onlytest/x_test.go": "package onlytest",
    "/w/c1/c.go": 'package c1\nimport "w/c2"',
    "/w/c2/c.go": 'package c2\nimport "w/c1"',
    "/w/bad/b.go": "func",
}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("./two", "found packages a (a.go) and b (b.go) in /w/two"),
        ("./empty", "no Go files in /w/empty"),
        ("./other", "package w/other: build constraints exclude all Go files in /w/other"),
        ("./onlytest", "package w/onlytest: no non-test Go files in /w/onlytest"),
        (
            "./c1",
            "package w/c1\n\timports w/c2 from c.go\n\timports w/c1 from c.go: import cycle not allowed",
        ),
        ("./gone", "directory /w/gone not found"),
        ("./bad", "expected 'package'"),
        ("/elsewhere", "directory /elsewhere not found"),
        ("w/nope", "no required module provides package w/nope"),
        ("nope.go", "nope.go: no such file"),
        ("nope", "package nope is not in std (/go/src/nope)"),
        ("", 'invalid package: ""'),
        ("@foo", 'invalid package: "@foo" (no path@version is taken here)'),
        ("w/two@v1", 'invalid package: "w/two@v1" (no path@version is taken here)'),
        ("./two@v1", "directory /w/two@v1 not found"),
    ],
)
def test_broken_packages_say_why(pattern: str, message: str) -> None:
    assert message in errors(load(BROKEN, pattern))


def test_without_a_toolchain_it_is_said_what_to_do() -> None:
    with pytest.raises(LoadFailure, match=r"GOROOT \(in an editor: the setting goescape\.goroot\)"):
        discover(MemoryFileSystem({}), {"HOME": "/h"})


VISIBILITY = {
    "/w/go.mod": "module example.com/w\n\nrequire example.com/v v1.0.0\n",
    "/w/a/internal/x/x.go": "package x",
    "/w/a/a.go": 'package a\nimport "example.com/w/a/internal/x"',
    "/w/a/a_test.go": 'package a_test\nimport "example.com/w/a/internal/x"',
    "/w/b/b.go": 'package b\n\nimport "example.com/w/a/internal/x"',
    "/w/c/c.go": 'package c\nimport "internal/abi"',
    "/w/d/d.go": 'package d\nimport (\n\n\tdns "vendor/golang.org/x/dns"\n)',
    "/w/e/e.go": 'package e\nimport "example.com/w/prog"',
    "/w/prog/main.go": "package main",
    "/w/prog/main_test.go": 'package main_test\nimport "example.com/w/prog"',
    "/go/src/internal/abi/abi.go": "package abi",
    "/go/src/cmd/internal/obj/obj.go": "package obj",
    "/go/src/cmd/two/two.go": 'package main\nimport "cmd/internal/obj"',
    "/go/src/hash/hash.go": 'package hash\nimport "cmd/internal/obj"',
}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("./a", ""),
        ("./b", "/w/b/b.go:3:8: use of internal package example.com/w/a/internal/x not allowed"),
        ("./c", "/w/c/c.go:2:8: use of internal package internal/abi not allowed"),
        ("./d", "/w/d/d.go:4:2: use of vendored package not allowed"),
        (
            "./e",
            '/w/e/e.go:2:8: import "example.com/w/prog" is a program, not an importable package',
        ),
        ("./prog", ""),
        ("net", ""),
        ("cmd/two", ""),
        ("hash", "/go/src/hash/hash.go:2:8: use of internal package cmd/internal/obj not allowed"),
        ("a/a.go", ""),
        ("b/b.go", "/w/b/b.go:3:8: use of internal package example.com/w/a/internal/x not allowed"),
    ],
)
def test_what_may_not_be_imported(pattern: str, message: str) -> None:
    found = load(VISIBILITY, pattern, tests=True)
    assert errors(found) == message
    assert all(len(p.imports) == 1 for p in found if p.dir != "/w/prog")


@pytest.mark.parametrize("linked", [False, True])
def test_internal_packages_outside_modules_go_by_directories(linked: bool) -> None:
    fs, environment = env(
        {
            "/h/go/src/a/internal/x/x.go": "package x",
            "/h/go/src/a/vendor/v/v.go": "package v",
            "/h/go/src/a/a.go": 'package a\nimport ("a/internal/x"; "v")',
            "/h/go/src/b/b.go": 'package b\nimport ("a/internal/x"; "a/vendor/v")',
        },
        GO111MODULE="off",
    )
    if linked:
        fs = MemoryFileSystem(fs.files, {"/h/go/src/c": "a"})
    loader = Loader(fs, environment)
    assert errors(loader.load(["a"], "/h/go/src")) == ""
    said = errors(loader.load(["b"], "/h/go/src"))
    assert "use of internal package a/internal/x not allowed" in said
    assert "use of vendored package not allowed" in said
    if linked:
        assert errors(loader.load(["c"], "/h/go/src")) == ""


def test_no_module() -> None:
    assert "go.mod file not found in /l" in errors(
        load({"/l/a.go": "package a"}, "./...", cwd="/l")
    )
    assert ids(load({"/l/a.go": "package a"}, "fmt", cwd="/l")) == ["fmt"]


def test_broken_go_mod_names_the_line() -> None:
    with pytest.raises(LoadFailure, match=r"/w/go.mod:2: usage: require module/path v1.2.3"):
        load({"/w/go.mod": "module w\nrequire x\n"}, ".")


def test_symbolic_links_are_not_followed_in_a_walk() -> None:
    fs, environment = env(MODULE)
    linked = MemoryFileSystem(fs.files, {"/w/sub/loop": "..", "/w/self": "self"})
    assert ids(Loader(linked, environment).load(["./..."], "/w")) == [
        "example.com/w",
        "example.com/w/sub",
    ]


def test_closure_puts_imports_first() -> None:
    loader = Loader(*env(MODULE))
    order = [p.id for p in loader.closure(loader.load(["."], "/w"))]
    assert order == ["example.com/w/sub", "errors", "fmt", "example.com/w"]


class Forbidding(MemoryFileSystem):
    """A file system in which one directory may not be listed."""

    def list(self, path: str) -> list[Entry]:
        if path == "/w/closed":
            raise PermissionError(13, "Permission denied", path)
        return super().list(path)


def test_a_directory_without_permission_is_named() -> None:
    fs, environment = env({**MODULE, "/w/closed/x.go": "package x"})
    loader = Loader(Forbidding(fs.files), environment)
    packages = loader.load(["./..."], "/w")
    assert ids(packages) == ["example.com/w", "example.com/w/closed", "example.com/w/sub"]
    assert errors(packages) == "open /w/closed: permission denied"
    assert loader.warnings == ["cannot read /w/closed: permission denied"]


@pytest.mark.parametrize(
    ("flags", "refusal"),
    [
        ("junk", 'parsing $GOFLAGS: non-flag "junk"'),
        ("-junk=3 -tags", "parsing $GOFLAGS: unknown flag -junk"),
        ("---x", 'parsing $GOFLAGS: non-flag "---x"'),
        ("-tags='foo bar'", """parsing $GOFLAGS: non-flag "bar'\""""),
        ("'-tags=foo", "parsing $GOFLAGS: unterminated ' string"),
        ("-v -tags", "flag needs an argument: -tags (from $GOFLAGS)"),
        ("-race=x", 'invalid boolean value "x" for flag -race (from $GOFLAGS)'),
        ("-mod=foo", "-mod=foo not supported (can be '', 'mod', 'readonly', or 'vendor')"),
    ],
)
def test_flags_that_go_refuses_are_refused(flags: str, refusal: str) -> None:
    with pytest.raises(LoadFailure) as e:
        goflags.parse(flags, 27)
    assert str(e.value) == refusal


def test_flags_are_read_as_go_reads_them() -> None:
    found = goflags.parse("""--tags=a '-tags=x y' -race=1 -v "-ldflags=-s '-w'" """, 27)
    assert found == {"tags": "x y", "race": "true", "v": "true", "ldflags": "-s '-w'"}
    assert goflags.parse("-of-a-later-release", 28) == {"of-a-later-release": "true"}


@pytest.mark.parametrize(
    ("name", "value", "refusal"),
    [
        ("GO111MODULE", "maybe", "unknown environment setting GO111MODULE=maybe"),
        ("GOWORK", "go.work", "invalid GOWORK: not an absolute path: go.work"),
        ("GOEXPERIMENT", "noregabi,none,nothing", "unknown GOEXPERIMENT thing"),
        ("GOFLAGS", "junk", 'parsing $GOFLAGS: non-flag "junk"'),
    ],
)
def test_settings_that_go_refuses_are_refused(name: str, value: str, refusal: str) -> None:
    variables = {"GOROOT": str(goroot()), "GOENV": "off", name: value}
    with pytest.raises(LoadFailure) as e:
        discover(DiskFileSystem(), variables)
    assert str(e.value) == refusal


@pytest.mark.parametrize(
    ("version", "rules"), [("go1.99.1", "go1.27"), ("go1.17", "go1.19"), ("go1.27.3", "")]
)
def test_of_a_toolchain_whose_rules_are_not_known_that_is_said(version: str, rules: str) -> None:
    files = {"/go/VERSION": version, "/go/src/runtime/x.go": "package runtime\n"}
    found = discover(MemoryFileSystem(files), {"GOROOT": "/go"})
    said = f"the rules of {version} (/go) are not known: those of {rules} are applied"
    assert found.warning == (said if rules else "")
    assert discover(MemoryFileSystem(files), {"GOROOT": "/go"}, release="1.26").warning == ""
