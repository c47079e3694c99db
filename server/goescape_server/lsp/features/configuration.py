"""workspace/configuration and workspace/didChangeConfiguration: settings, at the start and live."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from goescape_server.lsp.settings import SECTION

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

_log = logging.getLogger("goescape.lsp")


def register(server: Server) -> None:
    @server.on(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def did_change_configuration(params: lsp.DidChangeConfigurationParams) -> None:
        if server.client.has_configuration:
            await pull(server)
        elif isinstance(params.settings, dict):
            server.configure(params.settings.get(SECTION, params.settings))


async def pull(server: Server) -> None:
    """Ask the client for its settings, and let them count. A client that has none keeps what it
    said at the start, one that answers with an error what counts now."""
    items = [lsp.ConfigurationItem(section=SECTION)]
    try:
        answer = await server.workspace_configuration_async(lsp.ConfigurationParams(items=items))
    except JsonRpcException as e:
        _log.warning("the client does not say its settings: %s", e)
        return
    found = answer[0] if answer else None
    server.configure(found if found is not None else server.initial_options)
