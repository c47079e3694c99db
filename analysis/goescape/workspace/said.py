"""What was said of a package, as bytes, so that the next session can say it again at once.

`Said` is all that an editor is told of a package: its problems, and the pieces that `Memo` made, each
with where its anchors are. The store keeps it under a key that holds for exactly these texts
(`Keys.of_said`), so what comes back is what an analysis would say, and no file has to be parsed for it.

Invariants
  - `decode` is the inverse of `encode`, but for the identity of pieces: those are new;
  - bytes of another form, or damaged ones, are nothing (None), never an exception.

Example: `decode(encode(said))` has the findings of `said` at the same places.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import cached_property

import msgspec

from goescape.report.finding import Finding
from goescape.report.summary import FunctionSummary
from goescape.workspace.pieces import Piece, Placed, Placement
from goescape.workspace.result import Problem

_LEVEL = 1  # Twice as fast as the default, and nearly as small.


class _Piece(msgspec.Struct, array_like=True):
    findings: tuple[Finding, ...]
    functions: tuple[FunctionSummary, ...]
    paths: tuple[str, ...]
    now: Placement


class _Said(msgspec.Struct, array_like=True):
    problems: tuple[Problem, ...]
    pieces: tuple[_Piece, ...]
    relations: bytes


_decoder = msgspec.msgpack.Decoder(_Said)
_encoder = msgspec.msgpack.Encoder()


@dataclass(frozen=True)
class Said:
    """See the module. `pieces` are in the order of the text, file by file or not. `relations`: encoded
    (see there), where they were kept; they speak of these pieces."""

    problems: tuple[Problem, ...]
    pieces: tuple[Placed, ...]
    relations: bytes = b""

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings, each once."""
        return tuple(dict.fromkeys(f for p in self.pieces for f in p.findings))

    @cached_property
    def functions(self) -> tuple[FunctionSummary, ...]:
        """What sums up the functions."""
        return tuple(dict.fromkeys(f for p in self.pieces for f in p.functions))

    def without(self, other: Said) -> Said:
        """What is in pieces that `other` does not have. Moved is not another piece."""
        known = {p.piece for p in other.pieces}
        return Said(self.problems, tuple(p for p in self.pieces if p.piece not in known))

    def about(self, path: str | None) -> list[Placed]:
        """The pieces that speak of the file at `path`; None: all."""
        return [p for p in self.pieces if path is None or path in p.piece.paths]


def encode(said: Said) -> bytes:
    pieces = tuple(_Piece(p.findings, p.functions, p.piece.anchors, p.now) for p in said.pieces)
    return zlib.compress(_encoder.encode(_Said(said.problems, pieces, said.relations)), _LEVEL)


def decode(data: bytes) -> Said | None:
    try:
        said = _decoder.decode(zlib.decompress(data))
    except (zlib.error, msgspec.DecodeError, RecursionError):
        return None
    pieces = []
    for p in said.pieces:
        if len(p.paths) != len(p.now):
            return None
        pieces.append(Placed(Piece.at(p.findings, p.functions, p.paths, p.now), p.now))
    return Said(said.problems, tuple(pieces), said.relations)
