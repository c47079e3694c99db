"""textDocument/codeAction and codeAction/resolve: what can be done about a finding.

Edits that are costly to make, and all edits for clients that resolve them, come when an action is
chosen; what is chosen for an older text is refused as "content modified". Clients that know no actions but
commands are offered those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from goescape.ide.actions import (
    FIX_ALL_KIND,
    RESOLVERS,
    Action,
    At,
    Command,
    Question,
    actions,
    is_key,
)
from goescape.ide.fixes.edit import Edit
from goescape.workspace.session import Session
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcContentModified, JsonRpcInvalidParams

from goescape_server.lsp.analyst import IsCancelled
from goescape_server.lsp.to_lsp import SOURCE, Converter

if TYPE_CHECKING:
    from goescape_server.lsp.documents import Document
    from goescape_server.lsp.server import Server

Versions = Callable[[str], int | None]
"""The client's number of the text of a file; None for what it has not open."""

KINDS = (lsp.CodeActionKind.QuickFix, FIX_ALL_KIND)


def register(server: Server) -> None:
    def versions() -> Versions | None:
        return server.documents.version_of if server.client.takes_document_changes else None

    @server.on(
        lsp.TEXT_DOCUMENT_CODE_ACTION,
        lsp.CodeActionOptions(code_action_kinds=list(KINDS), resolve_provider=True),
    )
    async def code_action(
        params: lsp.CodeActionParams,
    ) -> Sequence[lsp.CodeAction | lsp.Command] | None:
        uri = params.text_document.uri
        view = await server.view(uri)
        document = server.documents.get(uri)
        if view is None or view.text is None or document is None:
            return None
        convert, text, answer = view.convert, view.text, view.answer
        start, end = convert.offset(params.range.start), convert.offset(params.range.end)
        kinds = tuple(str(getattr(k, "value", k)) for k in params.context.only or ())
        commands = server.client.commands
        literals, resolves = server.client.takes_action_literals, server.client.resolves_edits
        capacity = server.settings.fixes.constant_capacity

        def work(
            session: Session, is_cancelled: IsCancelled
        ) -> Sequence[lsp.CodeAction | lsp.Command]:
            question = Question(
                answer, text, start, end, session, is_cancelled, kinds, commands, capacity
            )
            shown = [d for d in params.context.diagnostics if d.source == SOURCE]
            found = actions(question)
            if not literals:
                return [_command(a.title, a.command, convert) for a in found if a.command]
            if not resolves:
                found = [_with_edits(a, session, is_cancelled) for a in found]
                found = [a for a in found if a.edits or a.command]
            return [_action(a, convert, document, shown, versions()) for a in found]

        return await server.ask(f"actions {document.path} {start} {end} {kinds}", document, work)

    @server.on(lsp.CODE_ACTION_RESOLVE)
    async def resolve(action: lsp.CodeAction) -> lsp.CodeAction:
        data: Any = action.data if isinstance(action.data, dict) else {}
        uri, version, key = data.get("uri"), data.get("version"), data.get("key")
        if not isinstance(uri, str) or not is_key(key):
            raise JsonRpcInvalidParams("the action is not one of ours")
        resolver = RESOLVERS[key[0]]
        document = server.documents.get(uri)
        view = await server.view(uri)
        if document is None or view is None or document.version != version:
            raise JsonRpcContentModified("the text has changed")
        convert = view.convert

        def work(session: Session, is_cancelled: IsCancelled) -> lsp.WorkspaceEdit | None:
            edits = resolver(session, key[1], is_cancelled)
            return _workspace_edit(edits, convert, versions()) if edits else None

        action.edit = await server.ask(f"resolve {document.path} {key}", document, work)
        return action


def _with_edits(action: Action, session: Session, is_cancelled: IsCancelled) -> Action:
    """The action for a client that wants everything at once."""
    if action.key is None:
        return action
    name, data = action.key
    edits = RESOLVERS[name](session, data, is_cancelled)
    return replace(action, edits=edits or (), key=None)


def _action(
    action: Action,
    convert: Converter,
    document: Document,
    shown: list[lsp.Diagnostic],
    versions: Versions | None,
) -> lsp.CodeAction:
    f = action.finding
    about = None
    if f is not None:
        span = convert.range(f.place.start, f.place.end)
        about = [d for d in shown if d.code == f.kind and d.range.start == span.start] or None
    key = {"uri": document.uri, "version": document.version, "key": action.key}
    return lsp.CodeAction(
        title=action.title,
        kind=action.kind,
        diagnostics=about,
        is_preferred=action.is_preferred or None,
        edit=_workspace_edit(action.edits, convert, versions) if action.edits else None,
        command=_command(action.title, action.command, convert) if action.command else None,
        data=key if action.key is not None else None,
    )


def _workspace_edit(
    edits: tuple[Edit, ...], convert: Converter, versions: Versions | None
) -> lsp.WorkspaceEdit:
    """The edits, with the versions of the texts that they are for where the client takes those."""
    by_path: dict[str, list[lsp.TextEdit]] = {}
    for e in edits:
        span = convert.range_in(e.path, e.start, e.end)
        if span is not None:
            by_path.setdefault(e.path, []).append(lsp.TextEdit(range=span, new_text=e.text))
    known = [(path, uri) for path in by_path if (uri := convert.uri_of(path)) is not None]
    if versions is None:
        return lsp.WorkspaceEdit(changes={uri: by_path[path] for path, uri in known})
    return lsp.WorkspaceEdit(
        document_changes=[
            lsp.TextDocumentEdit(
                lsp.OptionalVersionedTextDocumentIdentifier(uri, versions(path)), by_path[path]
            )
            for path, uri in known
        ]
    )


def _command(title: str, command: Command, convert: Converter) -> lsp.Command:
    arguments: list[Any] = []
    for argument in command.arguments:
        if isinstance(argument, At):
            start = convert.range(argument.offset, argument.offset).start
            arguments += [
                convert.uri_of(argument.path),
                {"line": start.line, "character": start.character},
            ]
        else:
            arguments.append(argument)
    return lsp.Command(title=title, command=command.name, arguments=arguments)
