"""What clients say, as values: the paths that URIs mean, and the parameters of the requests that are our
own, which pygls hands over as it finds them.

Invariants
  - a URI that makes no sense means no file; that is never an error;
  - however a file's URI is written, its path is the same.

Example: `{"textDocument": {"uri": "file:///a.go"}, "position": {"line": 3, "character": 1}}`.
"""

from __future__ import annotations

import os
from typing import Any, TypeGuard

from lsprotocol import types as lsp
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams


def to_path(uri: str) -> str | None:
    """The path of a file, without `.`, `..` and a slash at the end; None for URIs that name no file."""
    try:
        path = uris.to_fs_path(uri)
    except ValueError:
        return None
    return os.path.normpath(path) if path and "\0" not in path else None


def position_params(params: Any) -> lsp.TextDocumentPositionParams:
    """A place in a document. Raises `JsonRpcInvalidParams`."""
    document, position = getattr(params, "textDocument", None), getattr(params, "position", None)
    uri = getattr(document, "uri", None)
    line, character = getattr(position, "line", None), getattr(position, "character", None)
    if not isinstance(uri, str) or not _is_count(line) or not _is_count(character):
        raise JsonRpcInvalidParams("textDocument.uri and a position are needed")
    return lsp.TextDocumentPositionParams(
        lsp.TextDocumentIdentifier(uri), lsp.Position(line, character)
    )


def _is_count(value: Any) -> TypeGuard[int]:
    return type(value) is int and value >= 0
