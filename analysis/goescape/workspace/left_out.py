"""What is left out on purpose, and said.

What uses C, what has too many flows or calls to expand, optimization by a profile, and what some flags of GOFLAGS do are
beyond this analysis. The notes of a package say so, because without them silence would look like a verdict.

Invariants
  - a note is no problem: everything else in the package is analysed as ever;
  - notes stay short: of many functions, `MAX_NAMES` are named and the others counted.

Example: for `func size() int { return int(C.size()) }` the note is "what uses C cannot be analysed,
and is left out: size".
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from goescape.ir.withheld import ENTANGLED, USES_C

if TYPE_CHECKING:
    from goescape.goversion import Release
    from goescape.load.loader import Loader
    from goescape.load.package import LoadedPackage
    from goescape.workspace.state import State

PROFILE = "default.pgo"

MAX_NAMES = 20
"""So many functions are named in a note."""


def left_out(state: State) -> tuple[str, ...]:
    """A note for each reason for which functions of the package were not analysed."""
    notes = []
    for reason, what in ((USES_C, "what uses C"), (ENTANGLED, "what has too many flows or calls")):
        names = [f.nname.name for f in state.unit.declared_funcs() if f.withheld == reason]
        if len(names) > MAX_NAMES:
            names[MAX_NAMES:] = [f"and {len(names) - MAX_NAMES} more"]
        if names:
            notes.append(f"{what} cannot be analysed, and is left out: {', '.join(names)}")
    return tuple(notes)


def not_modelled(
    package: LoadedPackage, loader: Loader, release: Release, inlines: bool
) -> tuple[str, ...]:
    """A note for each thing that the go command would do to the package and this analysis does not: optimize it by a
    profile, one that lies beside it or one named by `-pgo`; and what flags of GOFLAGS ask for."""
    env = loader.env
    notes = [f"{flag} in GOFLAGS is ignored: it is not modelled" for flag in env.ignored]
    profile = ""
    if env.pgo not in ("auto", "off", ""):
        profile = os.path.basename(env.pgo)
    elif env.pgo == "auto" and package.name == "main" and release.uses_default_profile:
        profile = PROFILE if loader.fs.is_file(os.path.join(package.dir, PROFILE)) else ""
    if profile and inlines:
        notes.append(f"{profile} is not used: profile-guided optimization is not modelled yet")
    return tuple(notes)
