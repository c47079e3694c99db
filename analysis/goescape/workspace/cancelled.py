"""Work that nobody waits for any more ends by an exception of its own.

Raised between two functions, when the question that `Program.cancelled` asks is answered with yes.
What was found out until then stays, and the next call goes on from there.
"""

from __future__ import annotations


class Cancelled(Exception):
    """Newer text makes the answer pointless."""
