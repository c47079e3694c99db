"""workspace/executeCommand: commands that the server carries out.

- `goescape.explain` [code]: the page of a code or rule, as Markdown.
- `goescape.compilerCommand` [uri]: the command that makes the compiler say the same, as text.
- `goescape.showRule` [code], `goescape.copyCompilerCommand` [uri]: the same, shown to the user; for
  clients that have no command of that name themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from goescape.ide.actions import COMPILER_COMMAND, SHOW_RULE
from goescape.ide.compiler_command import compiler_command
from goescape.ide.fixes import pages as fixes
from goescape.report.rules import Page, page, path
from goescape.workspace.session import Session
from lsprotocol import types as lsp
from pygls import uris
from pygls.exceptions import JsonRpcInvalidParams

from goescape_server.lsp.analyst import IsCancelled, Priority
from goescape_server.lsp.documents import go_path

if TYPE_CHECKING:
    from goescape_server.lsp.server import Server


def register(server: Server) -> None:
    def explained(code: Any) -> Page:
        found = page(code) or fixes.as_page(code) if isinstance(code, str) else None
        if found is None:
            raise JsonRpcInvalidParams(f"there is no code or rule {code!r}")
        return found

    async def command_for(uri: Any) -> str:
        path = go_path(uri) if isinstance(uri, str) else None
        if path is None:
            raise JsonRpcInvalidParams(f"{uri!r} is not the URI of a Go file")

        def work(session: Session, _: IsCancelled) -> str:
            return compiler_command(path, session.target, session.loose_names(path))

        return await server.analyst.ask(f"compiler command {path}", work, Priority.CURSOR)

    def show(text: str) -> None:
        server.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Info, text))

    @server.command("goescape.explain")
    async def explain(*arguments: Any) -> str:
        return explained(_first(arguments)).text

    @server.command("goescape.compilerCommand")
    async def command(*arguments: Any) -> str:
        return await command_for(_first(arguments))

    @server.command(SHOW_RULE)
    async def show_rule(*arguments: Any) -> None:
        found = explained(_first(arguments))
        file = path(found.name)
        uri = uris.from_fs_path(file) if file and server.client.shows_documents else None
        if uri is None:
            show(f"{found.name}: {found.summary}")
        else:
            await server.window_show_document_async(lsp.ShowDocumentParams(uri, take_focus=True))

    @server.command(COMPILER_COMMAND)
    async def show_command(*arguments: Any) -> None:
        show(await command_for(_first(arguments)))


def _first(arguments: tuple[Any, ...]) -> Any:
    if not arguments:
        raise JsonRpcInvalidParams("an argument is missing")
    return arguments[0]
