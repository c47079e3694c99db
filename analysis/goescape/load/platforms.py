"""The operating systems and architectures Go knows, and the tags each implies.

These are tables of the go command, fixed for file-name matching: a name once known stays known.

Source: internal/syslist, internal/platform/zosarch.go, internal/buildcfg/{cfg,exp}.go (go1.27).
"""

from __future__ import annotations

import platform as _machine
import re
import sys

KNOWN_OS = frozenset(
    "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9"
    " solaris wasip1 windows zos".split()
)
UNIX_OS = frozenset(
    "aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris".split()
)
KNOWN_ARCH = frozenset(
    "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32"
    " mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm".split()
)
# The pairs the compiler can build for. None stands for "no cgo", as the value.
_CGO = frozenset(
    "aix/ppc64 android/386 android/amd64 android/arm android/arm64 darwin/amd64 darwin/arm64"
    " dragonfly/amd64 freebsd/386 freebsd/amd64 freebsd/arm freebsd/arm64 freebsd/riscv64"
    " illumos/amd64 ios/amd64 ios/arm64 linux/386 linux/amd64 linux/arm linux/arm64 linux/loong64"
    " linux/mips linux/mips64 linux/mips64le linux/mipsle linux/ppc64 linux/ppc64le linux/riscv64"
    " linux/s390x linux/sparc64 netbsd/386 netbsd/amd64 netbsd/arm netbsd/arm64 openbsd/386"
    " openbsd/amd64 openbsd/arm openbsd/arm64 openbsd/riscv64 solaris/amd64 windows/386"
    " windows/amd64 windows/arm64".split()
)
_NO_CGO = frozenset(
    "js/wasm wasip1/wasm plan9/386 plan9/amd64 plan9/arm openbsd/mips64 openbsd/ppc64 windows/arm".split()
)

_ALSO = {"android": "linux", "illumos": "solaris", "ios": "darwin"}
_HOST_OS = {"win32": "windows", "cygwin": "windows", "sunos5": "solaris"}
_HOST_ARCH = {
    "x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64", "i386": "386",
    "i486": "386", "i586": "386", "i686": "386", "x86": "386", "loongarch64": "loong64",
}  # fmt: skip


def is_supported(goos: str, goarch: str) -> bool:
    """Whether Go builds for this pair at all."""
    pair = f"{goos}/{goarch}"
    return pair in _CGO or pair in _NO_CGO


def supports_cgo(goos: str, goarch: str) -> bool:
    return f"{goos}/{goarch}" in _CGO


def host_os() -> str:
    """GOOS of the running machine."""
    name = _HOST_OS.get(sys.platform, sys.platform)
    return re.sub(r"\d+$", "", name)


def host_arch() -> str:
    """GOARCH of the running machine."""
    name = _machine.machine().lower()
    if name in _HOST_ARCH:
        return _HOST_ARCH[name]
    return "arm" if name.startswith("arm") else name


def implied_tags(goos: str, goarch: str) -> set[str]:
    """The tags that GOOS, GOARCH and the compiler itself make true."""
    tags = {goos, goarch, "gc"}
    if goos in _ALSO:
        tags.add(_ALSO[goos])
    if goos in UNIX_OS:
        tags.add("unix")
    return tags


# The variable that holds each architecture's feature level, and its default.
ARCH_VARIABLE = {
    "386": ("GO386", "sse2"),
    "amd64": ("GOAMD64", "v1"),
    "arm": ("GOARM", "7"),
    "arm64": ("GOARM64", "v8.0"),
    "mips": ("GOMIPS", "hardfloat"),
    "mipsle": ("GOMIPS", "hardfloat"),
    "mips64": ("GOMIPS64", "hardfloat"),
    "mips64le": ("GOMIPS64", "hardfloat"),
    "ppc64": ("GOPPC64", "power8"),
    "ppc64le": ("GOPPC64", "power8"),
    "riscv64": ("GORISCV64", "rva20u64"),
}


def feature_tags(goarch: str, level: str) -> list[str]:
    """The tags of an architecture's feature level: `amd64` and `v2` give amd64.v1, amd64.v2."""
    match goarch:
        case "386" | "mips" | "mipsle" | "mips64" | "mips64le":
            return [f"{goarch}.{level}"]
        case "amd64":
            return [f"amd64.v{i}" for i in range(1, _number(level, r"v(\d)", 1) + 1)]
        case "arm":
            return [f"arm.{i}" for i in range(5, _number(level, r"(\d)", 7) + 1)]
        case "arm64":
            m = re.match(r"v([89])\.(\d)", level)
            major, minor = (int(m[1]), int(m[2])) if m else (8, 0)
            tags = [f"arm64.v{major}.{i}" for i in range(minor + 1)]
            if major == 9:
                tags += [f"arm64.v8.{i}" for i in range(min(minor + 5, 9) + 1)]
            return tags
        case "ppc64" | "ppc64le":
            return [f"{goarch}.power{i}" for i in range(8, _number(level, r"power(\d+)", 8) + 1)]
        case "riscv64":
            top = _number(level, r"rva(\d+)u64", 20)
            return [f"riscv64.rva{i}u64" for i in (20, 22, 23) if i <= top]
        case "wasm":
            return ["wasm.satconv", "wasm.signext"]
        case _:
            return []


def _number(text: str, pattern: str, default: int) -> int:
    m = re.match(pattern, text)
    return int(m[1]) if m else default


# Experiments each release turns on by default, beside those that depend on the target.
_BASELINE: tuple[tuple[int, tuple[str, ...]], ...] = (
    (27, ("randomizedheapbase64", "greenteagc", "jsonv2", "sizespecializedmalloc")),
    (26, ("randomizedheapbase64", "greenteagc")),
    (25, ("aliastypeparams", "swissmap", "synchashtriemap")),
    (24, ("coverageredesign", "aliastypeparams", "swissmap", "synchashtriemap")),
    (23, ("coverageredesign",)),
    (22, ("coverageredesign", "allocheaders", "exectracer2")),
    (21, ("coverageredesign",)),
    (20, ("coverageredesign", "unified")),
    (0, ()),
)
_XCHG8 = frozenset("386 amd64 arm arm64 ppc64le ppc64".split())
_REGABI = frozenset("amd64 arm64 loong64 ppc64le ppc64 riscv64 s390x".split())


def experiments(goos: str, goarch: str, minor: int, setting: str) -> set[str]:
    """The experiments in force for toolchain go1.`minor` under GOEXPERIMENT=`setting`."""
    on = set(next(names for since, names in _BASELINE if minor >= since))
    regabi = goarch in _REGABI
    if regabi:
        on |= {"regabiwrappers", "regabiargs"}
    if minor == 24 and goarch in _XCHG8:
        on.add("spinbitmutex")
    if minor >= 25 and goos not in ("darwin", "ios", "aix"):
        on.add("dwarf5")
    for word in filter(None, setting.split(",")):
        if word == "none":
            on.clear()
            continue
        name = word.removeprefix("no")
        names = {"regabiwrappers", "regabiargs"} if name == "regabi" else {name}
        if name == word:
            on |= names
        else:
            on -= names
    if regabi:
        on |= {"regabiwrappers", "regabiargs"}
    else:
        on -= {"regabiwrappers", "regabiargs"}
    return on
