"""initialize, initialized, shutdown: what the client can do, what it is asked for, the end.

A server whose client is gone ends too: when its input ends, or when the process that the client
named is there no more.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from goescape_server.lsp.client import Client
from goescape_server.lsp.features import configuration, watched_files
from goescape_server.lsp.parent import is_alive
from goescape_server.lsp.settings import client_commands

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server

SETTINGS_SECONDS = 2.0
"""So long the client may take to say its settings; then those of the start count."""

WATCH_SECONDS = 2.0

_log = logging.getLogger("goescape.lsp")


def register(server: Server) -> None:
    @server.on(lsp.INITIALIZE)
    async def initialize(params: lsp.InitializeParams) -> None:
        options = params.initialization_options
        commands = client_commands(options, params.capabilities.experimental)
        server.initial_options = options
        server.client = Client(params, commands)
        server.protocol.trace = params.trace or lsp.TraceValue.Off
        if params.process_id is not None and params.process_id != server.client_process:
            server.start(watch(server, params.process_id))

    @server.on(lsp.INITIALIZED)
    async def initialized(_params: lsp.InitializedParams) -> None:
        server.start(_register(server))
        if server.client.has_configuration:
            try:
                await asyncio.wait_for(configuration.pull(server), SETTINGS_SECONDS)
            except TimeoutError:
                _log.warning("the client takes too long to say its settings")
        if not server.is_configured:
            server.configure(server.initial_options)

    @server.on(lsp.SHUTDOWN)
    async def shutdown(*_params: Any) -> None:
        server.stop_analysis()


async def watch(server: Server, pid: int) -> None:
    """End the server when the process is gone. A process that was not to be seen from the start
    (in another container, say) is not watched."""
    if not is_alive(pid):
        return
    while is_alive(pid):
        await asyncio.sleep(WATCH_SECONDS)
    _log.warning("the client's process %d is gone", pid)
    server.stop()


async def _register(server: Server) -> None:
    """Ask the client to tell of changed files and settings."""
    wanted = []
    if server.client.registers_watchers:
        wanted.append(watched_files.registration())
    if server.client.registers_configuration:
        wanted.append(
            lsp.Registration(id="goescape-settings", method=lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
        )
    if wanted:
        try:
            await server.client_register_capability_async(lsp.RegistrationParams(wanted))
        except JsonRpcException as e:
            _log.warning("the client does not want to tell what changes: %s", e)
