"""Parameters of the requests that are our own: pygls hands them over as it finds them.

Example: `{"textDocument": {"uri": "file:///a.go"}, "position": {"line": 3, "character": 1}}`.
"""

from __future__ import annotations

from typing import Any, TypeGuard

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcInvalidParams


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
