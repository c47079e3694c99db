"""`go.mod`, `go.work` and `vendor/modules.txt`, read into values.

Invariants
  - a syntax error raises `LoadFailure` naming the file and line; unknown directives are ignored,
    as the go command does for the modules of others;
  - `replace` keeps its order: a replacement of one version wins over one of all versions.

Example: `replace example.com/a => ../a` gives `Replace("example.com/a", "", "../a", "")`.

Source: golang.org/x/mod/modfile (read.go, rule.go, work.go), cmd/go/internal/modload/vendor.go.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from goescape.load.errors import LoadFailure

_TOKEN = re.compile(
    r"""[ \t\r]*(?:(?P<comment>//[^\n]*)|(?P<string>"(?:[^"\\\n]|\\.)*"|`[^`\n]*`)"""
    r"""|(?P<punct>[()\[\]{},]|=>)|(?P<word>(?:(?!//|=>)[^\s()\[\]{},"`])+)|(?P<bad>\S))"""
)


@dataclass(frozen=True, slots=True)
class Require:
    path: str
    version: str
    indirect: bool = False


@dataclass(frozen=True, slots=True)
class Replace:
    """`old_version` is empty for "all versions"; `new_version` is empty for a directory."""

    old_path: str
    old_version: str
    new_path: str
    new_version: str


@dataclass(slots=True)
class ModFile:
    """A `go.mod`, as far as loading needs it."""

    file: str
    module: str = ""
    go: str = ""
    toolchain: str = ""
    require: list[Require] = field(default_factory=list)
    replace: list[Replace] = field(default_factory=list)
    exclude: list[tuple[str, str]] = field(default_factory=list)
    ignore: list[str] = field(default_factory=list)


@dataclass(slots=True)
class WorkFile:
    """A `go.work`; `use` holds directories as written."""

    file: str
    go: str = ""
    toolchain: str = ""
    use: list[str] = field(default_factory=list)
    replace: list[Replace] = field(default_factory=list)


@dataclass(slots=True)
class VendorList:
    """`vendor/modules.txt`: which module each vendored package comes from."""

    package_module: dict[str, str] = field(default_factory=dict)
    go_version: dict[str, str] = field(default_factory=dict)  # by module path
    explicit: set[str] = field(default_factory=set)


def parse_mod(file: str, text: bytes) -> ModFile:
    mod = ModFile(file)
    for line, words, comment in _statements(file, text):
        verb, args = words[0], words[1:]
        match verb, args:
            case "module", [path]:
                if mod.module:
                    _fail(file, line, "repeated module statement")
                mod.module = path
            case "module", _:
                _fail(file, line, "usage: module module/path")
            case "go", [version]:
                if not re.fullmatch(r"\d+\.\d+(\.\d+)?((rc|beta)\d+)?", version):
                    _fail(file, line, f"invalid go version '{version}': must match format 1.23")
                mod.go = version
            case "toolchain", [name]:
                mod.toolchain = name
            case "require", [path, version]:
                indirect = bool(re.match(r"//\s*indirect(\s*;|\s*$)", comment))
                mod.require.append(Require(path, version, indirect))
            case "require", _:
                _fail(file, line, "usage: require module/path v1.2.3")
            case "replace", _:
                mod.replace.append(_replace(file, line, args))
            case "exclude", [path, version]:
                mod.exclude.append((path, version))
            case "ignore", [path]:
                mod.ignore.append(path)
            case _:
                pass
    return mod


def parse_work(file: str, text: bytes) -> WorkFile:
    work = WorkFile(file)
    for line, words, _ in _statements(file, text):
        verb, args = words[0], words[1:]
        match verb, args:
            case "go", [version]:
                work.go = version
            case "toolchain", [name]:
                work.toolchain = name
            case "use", [folder]:
                work.use.append(folder)
            case "use", _:
                _fail(file, line, "usage: use local/dir")
            case "replace", _:
                work.replace.append(_replace(file, line, args))
            case _:
                pass
    return work


def parse_vendor(text: bytes) -> VendorList:
    result = VendorList()
    module = ""
    for raw in text.decode("utf-8", "replace").split("\n"):
        line = raw.strip()
        if line.startswith("# "):
            fields = line.split()
            module = fields[1] if len(fields) >= 3 else ""
        elif line.startswith("## "):
            for note in line[3:].split(";"):
                note = note.strip()
                if note == "explicit":
                    result.explicit.add(module)
                elif note.startswith("go "):
                    result.go_version[module] = note[3:].strip()
        elif line and not line.startswith("#") and module:
            result.package_module[line] = module
    return result


def _replace(file: str, line: int, args: list[str]) -> Replace:
    if "=>" not in args:
        _fail(file, line, "usage: replace module/path [v1.2.3] => other/module v1.4")
    at = args.index("=>")
    old, new = args[:at], args[at + 1 :]
    if len(old) not in (1, 2) or len(new) not in (1, 2):
        _fail(file, line, "usage: replace module/path [v1.2.3] => other/module v1.4")
    if len(new) == 1 and not is_local_path(new[0]):
        _fail(
            file,
            line,
            "replacement module without version must be directory path (rooted or starting with . or ..)",
        )
    return Replace(old[0], old[1] if len(old) == 2 else "", new[0], new[1] if len(new) == 2 else "")


def is_local_path(path: str) -> bool:
    """Whether a replacement names a directory rather than a module."""
    return (
        path in (".", "..")
        or path.startswith(("./", "../", "/", ".\\", "..\\", "\\"))
        or re.match(r"[A-Za-z]:", path) is not None
    )


def _fail(file: str, line: int, message: str) -> None:
    raise LoadFailure(f"{file}:{line}: {message}")


def _statements(file: str, text: bytes) -> Iterator[tuple[int, list[str], str]]:
    """Each statement as (line, words, trailing comment); a block gives one per line of it."""
    block: str | None = None
    block_line = 0
    for number, raw in enumerate(text.decode("utf-8", "replace").split("\n"), 1):
        words: list[str] = []
        comment = ""
        pos = 0
        while pos < len(raw):
            m = _TOKEN.match(raw, pos)
            if m is None:
                break
            pos = m.end()
            if m["comment"] is not None:
                comment = m["comment"]
            elif m["string"] is not None:
                words.append(_unquote(m["string"]))
            elif m["bad"] is not None:
                what = "string" if m["bad"] in "\"'`" else "input character " + m["bad"]
                _fail(
                    file,
                    number,
                    f"unexpected newline in {what}" if what == "string" else f"unexpected {what}",
                )
            else:
                words.append(m["punct"] or m["word"])
                if words[-1].startswith("/*"):
                    _fail(file, number, "mod files must use // comments (not /* */ comments)")
        if not words:
            continue
        if block is None:
            if words[-1] == "(" and len(words) == 2:
                block, block_line = words[0], number
            elif len(words) == 3 and words[1:] == ["(", ")"]:
                continue
            else:
                yield number, words, comment
        elif words == [")"]:
            block = None
        else:
            yield number, [block, *words], comment
    if block is not None:
        _fail(file, block_line, f"syntax error (unterminated block started at {file}:{block_line})")


def _unquote(literal: str) -> str:
    body = literal[1:-1]
    return body if literal[0] == "`" else re.sub(r"\\(.)", r"\1", body)
