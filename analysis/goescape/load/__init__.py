"""Which files form a package, and which package an import path names.

The room reads disk (nobody else does) behind `FileSystem`, learns the Go environment without
running `go`, and answers in `LoadedPackage` values. See `loader.Loader` for the front door.
"""

from goescape.load.environment import Environment, discover
from goescape.load.errors import LoadError, LoadFailure, PackageError
from goescape.load.filesystem import DiskFileSystem, FileSystem, MemoryFileSystem
from goescape.load.loader import Loader
from goescape.load.package import LoadedPackage

__all__ = [
    "DiskFileSystem",
    "Environment",
    "FileSystem",
    "LoadError",
    "LoadFailure",
    "LoadedPackage",
    "Loader",
    "MemoryFileSystem",
    "PackageError",
    "discover",
]
