"""GOFLAGS as the go command reads it: flags for every command, each a word `-name` or `-name=value`.

Invariants
  - what go refuses is refused in its words;
  - flags of other commands than build are known and ignored; those of releases to come are not refused.

Example: `parse("-tags=a,b '-ldflags=-s -w' -race", 27)` is `{"tags": "a,b", "ldflags": "-s -w", "race": "true"}`.

Source: cmd/go/internal/base/goflags.go, cmd/internal/quoted/quoted.go, cmd/go/internal/work/build.go (go1.27).
"""

from __future__ import annotations

import re

from goescape.goversion import NEWEST
from goescape.load.errors import LoadFailure

_FLAG = re.compile(r"--?([^-=][^=]*)(=?)(.*)", re.DOTALL)
_SPACE = " \t\n\r"

# All flags of all commands of go1.27.
_KNOWN = frozenset(
    """
C a artifacts asan asmflags bench benchmem benchtime blockprofile blockprofilerate buildmode buildvcs c cache changed
compat compiled compiler count cover covermode coverpkg coverprofile cpu cpuprofile d debug-actiongraph
debug-runtime-trace debug-trace deps diff dropexclude dropgodebug dropignore dropreplace droprequire dropretract
droptool dropuse e exclude exec export f failfast find fix fmt fullpath fuzz fuzzcache fuzzminimizetime fuzztime
gccgoflags gcflags go godebug i ignore insecure installsuffix json ldflags linkshared list m memprofile memprofilerate
mod modcache modcacherw modfile module msan mutexprofile mutexprofilefraction n o outputdir overlay p parallel pgo
pkgdir print r race replace require retract retracted reuse run short shuffle skip t tags test testcache timeout tool
toolchain toolexec trace trimpath u use v vendor versions vet vettool w work x
""".split()
)
_WITH_VALUE = frozenset({"mod", "modfile", "overlay", "pgo", "tags"})
_SWITCHES = frozenset({"asan", "msan", "race"})
_TRUE = frozenset({"1", "t", "T", "TRUE", "true", "True"})
_FALSE = frozenset({"0", "f", "F", "FALSE", "false", "False"})
_MODES = frozenset({"", "mod", "readonly", "vendor"})


def parse(text: str, minor: int) -> dict[str, str]:
    """The flags by name, the last of each, for toolchain go1.`minor`; of switches that count here, `true` or
    `false`. Raises `LoadFailure`."""
    flags: dict[str, str] = {}
    for word in _split(text):
        m = _FLAG.fullmatch(word)
        if m is None:
            raise LoadFailure(f'parsing $GOFLAGS: non-flag "{word}"')
        name, equals, value = m.groups()
        if name not in _KNOWN and minor <= NEWEST:
            raise LoadFailure(f"parsing $GOFLAGS: unknown flag -{name}")
        if name in _WITH_VALUE and not equals:
            raise LoadFailure(f"flag needs an argument: -{name} (from $GOFLAGS)")
        flags[name] = _switch(name, value) if equals and name in _SWITCHES else value
        if not equals:
            flags[name] = "true"
    if flags.get("mod", "") not in _MODES:
        raise LoadFailure(
            f"-mod={flags['mod']} not supported (can be '', 'mod', 'readonly', or 'vendor')"
        )
    return flags


def _switch(name: str, value: str) -> str:
    if value not in _TRUE | _FALSE:
        raise LoadFailure(f'invalid boolean value "{value}" for flag -{name} (from $GOFLAGS)')
    return "true" if value in _TRUE else "false"


def _split(text: str) -> list[str]:
    """The words; quotes around a whole word count, others are part of it."""
    words: list[str] = []
    text = text.lstrip(_SPACE)
    while text:
        if text[0] in "\"'":
            quote = text[0]
            word, closed, text = text[1:].partition(quote)
            if not closed:
                raise LoadFailure(f"parsing $GOFLAGS: unterminated {quote} string")
        else:
            n = next((i for i, c in enumerate(text) if c in _SPACE), len(text))
            word, text = text[:n], text[n:]
        words.append(word)
        text = text.lstrip(_SPACE)
    return words
