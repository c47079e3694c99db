"""Flags as a Go programmer types them, made fit for an option parser of the usual kind.

The go tool reads `-tags x`, `-tags=x` and `--tags=x` alike, and `-m` as a flag that may stand alone
or carry a value. Here each becomes one long option.

Invariants
  - nothing after `--` is touched;
  - a word that begins as no short option does is a long one, known or not, so that a refusal names all of it;
  - a bare `-m` is 1, and each further one adds 1, as for the compiler;
  - words that are no flags keep their places.

Example: `check -m -tags a,b ./...` becomes `check --level=1 --tags a,b ./...`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

LEVELS = ("0", "1", "2", "3", "4")


def normalise(argv: Sequence[str], long_options: Iterable[str], short_options: str) -> list[str]:
    """`argv` with single-dash long options doubled and every form of -m as `--level=N`."""
    known = set(long_options)
    out: list[str] = []
    bare = 0
    last_level = -1
    i = 0
    while i < len(argv):
        word = argv[i]
        i += 1
        if word == "--":
            out += argv[i - 1 :]
            break
        level = _level(word, argv[i] if i < len(argv) else "")
        if level is not None:
            value, taken = level
            i += taken
            if value == "":
                bare += 1
                value = str(min(bare, 2))
            if last_level >= 0:
                del out[last_level]
            last_level = len(out)
            out.append(f"--level={value}")
            continue
        name = word[1:].partition("=")[0]
        if (
            word[:1] == "-"
            and len(name) > 1
            and (name in known or name[0] not in f"-{short_options}")
        ):
            word = "-" + word
        out.append(word)
    return out


def _level(word: str, following: str) -> tuple[str, int] | None:
    """(value or "" for a bare flag, words taken after it) when `word` is a form of -m."""
    if word in ("-m", "--m"):
        return (following, 1) if following in LEVELS else ("", 0)
    for prefix in ("-m=", "--m="):
        if word.startswith(prefix):
            return word[len(prefix) :], 0
    if word.startswith("-m") and word[2:] in LEVELS:
        return word[2:], 0
    return None
