"""What differs between Go releases."""

from goescape.goversion.release import NEWEST, OLDEST, Release, release_for

__all__ = ["NEWEST", "OLDEST", "Release", "release_for"]
