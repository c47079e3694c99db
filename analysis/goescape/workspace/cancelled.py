"""Work that ends before it is done, by an exception of its own.

`Cancelled`: nobody waits for it any more. Raised between two functions, when the question that
`Program.cancelled` asks is answered with yes. What was found out until then stays, and the next call
goes on from there. `Unready`: it needs something of another package that is not known yet, while only
what can be said soon is wanted.
"""

from __future__ import annotations


class Cancelled(Exception):
    """Newer text makes the answer pointless."""


class Unready(Exception):
    """What is needed is not known yet."""
