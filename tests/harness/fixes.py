"""Texts in, fixed texts out: one helper for every test of fixes.

A text is one file of a module of its own, or several with `-- name.go --` headers; the first one's package
is what is fixed. The analysis is that of linux, mostly on amd64, with inlining.
"""

from __future__ import annotations

import atexit
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from goescape.ide.fixes import Fix, Offer, Snapshot, prove
from goescape.ide.fixes.edit import apply
from goescape.ide.fixes.package import fix_package, offers
from goescape.workspace.resources import with_deep_stack
from goescape.workspace.said import Said
from goescape.workspace.session import Session, Target

from harness.oracle import goroot, scratch

ENVIRONMENT = {"GOROOT": str(goroot()), "GOENV": "off", "CGO_ENABLED": "0", "HOME": "/nowhere"}
STORE = str(scratch() / "fixes-store")
_HEADER = re.compile(r"^-- (\S+) --\n", re.MULTILINE)


def fixed(text: str, code: str, go: str = "", caveats: bool = True, inline: bool = True) -> str:
    """The text with every fix of the kind `code` that is proved; the text itself if there is none."""
    snapshot, said = _checked(text, go, inline)

    def wanted(_finding: object, fix: Fix) -> bool:
        return fix.code == code and (caveats or fix.same_behaviour)

    done = with_deep_stack(lambda: fix_package(said, snapshot, wanted))
    folder = _module(go, inline, "amd64").folder
    texts = {name: t.encode() for name, t in _split(text).items()}
    texts |= {str(Path(path).relative_to(folder)): t for path, t in done.texts.items()}
    return _joined(text, {name: t.decode() for name, t in texts.items()})


def labels(text: str, code: str, go: str = "") -> list[str]:
    """What is offered and proved, each by itself, in words."""
    snapshot, said = _checked(text, go)
    out = []
    for offer in offers(said, snapshot, lambda _finding, fix: fix.code == code):
        if with_deep_stack(lambda o=offer: prove(snapshot, said, o)) is not None:  # type: ignore[misc]
            out.append(offer.fix.label)
    return out


def proposed(text: str, code: str, go: str = "", goarch: str = "amd64") -> list[Offer]:
    """What is offered, proved or not."""
    snapshot, said = _checked(text, go, goarch=goarch)
    return offers(said, snapshot, lambda _finding, fix: fix.code == code)


def analysed(text: str) -> Snapshot:
    """The view of the package that a text makes."""
    return _checked(text, "")[0]


def gofmt(text: str) -> str:
    """The text as gofmt writes it."""
    done = subprocess.run(
        [str(goroot() / "bin" / "gofmt")], input=text.encode(), capture_output=True, check=True
    )
    return done.stdout.decode()


def applied(text: str, offer: Offer) -> str:
    """The text of one file after the edits of an offer, imports left alone."""
    return apply(text.encode(), offer.fix.edits).decode()


def _checked(
    text: str, go: str, inline: bool = True, goarch: str = "amd64"
) -> tuple[Snapshot, Said]:
    """The module with these files, analysed. What is learned of the library is kept between tests."""
    files = _split(text)
    module = _module(go, inline, goarch)
    for name in module.names - files.keys():
        module.session.set_text(str(module.folder / name), None)
    module.names = set(files)
    for name, content in files.items():
        (module.folder / name).parent.mkdir(exist_ok=True)  # Directories are listed from the disk.
        module.session.set_text(str(module.folder / name), content.encode())
    path = str(module.folder / next(iter(files)))
    with_deep_stack(lambda: module.session.check(path))
    (found,) = module.session.analysed(path)
    assert not found.said.problems, found.said.problems
    found.program.flush()
    return Snapshot(found.program, found.package), found.said


class _Module:
    """A module whose files are never written, and a session for it."""

    def __init__(self, go: str, inline: bool, goarch: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="goescape-fixes-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "go.mod").write_text("module w\n\ngo 1.27\n")
        self.session = Session(
            ENVIRONMENT, Target("linux", goarch, go_version=go, inline=inline), STORE
        )
        self.names: set[str] = set()


@cache
def _module(go: str, inline: bool, goarch: str) -> _Module:
    return _Module(go, inline, goarch)


def _split(text: str) -> dict[str, str]:
    parts = _HEADER.split(text)
    if len(parts) == 1:
        return {"w.go": text}
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _joined(original: str, files: dict[str, str]) -> str:
    parts = _HEADER.split(original)
    if len(parts) == 1:
        return files["w.go"]
    return "".join(f"-- {name} --\n{files[name]}" for name in parts[1::2])
