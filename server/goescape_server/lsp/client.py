"""What the client can do, asked once and by name."""

from __future__ import annotations

from typing import Any

from lsprotocol import types as lsp

from goescape_server.lsp.to_lsp import Shows


class Client:
    """The client's capabilities, and the commands that it carries out itself (`commands`)."""

    def __init__(self, params: lsp.InitializeParams, commands: frozenset[str]) -> None:
        self._capabilities = params.capabilities
        self.commands = commands
        self.process_id = params.process_id

    def _has(self, path: str) -> Any:
        value: Any = self._capabilities
        for name in path.split("."):
            value = getattr(value, name, None)
        return value

    @property
    def pulls_diagnostics(self) -> bool:
        return self._has("text_document.diagnostic") is not None

    @property
    def refreshes_diagnostics(self) -> bool:
        return bool(self._has("workspace.diagnostics.refresh_support")) and self.pulls_diagnostics

    @property
    def shows(self) -> Shows:
        """What is shown of diagnostics, whether they are pulled or pushed."""
        return Shows(
            bool(self._of_diagnostics("related_information")),
            self._of_diagnostics("tag_support") is not None,
            bool(self._of_diagnostics("code_description_support")),
        )

    def _of_diagnostics(self, name: str) -> Any:
        pulled = self._has(f"text_document.diagnostic.{name}")
        return pulled or self._has(f"text_document.publish_diagnostics.{name}")

    @property
    def takes_versions(self) -> bool:
        return bool(self._has("text_document.publish_diagnostics.version_support"))

    @property
    def has_configuration(self) -> bool:
        return bool(self._has("workspace.configuration"))

    @property
    def registers_configuration(self) -> bool:
        return bool(self._has("workspace.did_change_configuration.dynamic_registration"))

    @property
    def registers_watchers(self) -> bool:
        return bool(self._has("workspace.did_change_watched_files.dynamic_registration"))

    @property
    def shows_progress(self) -> bool:
        return bool(self._has("window.work_done_progress"))

    @property
    def takes_parts(self) -> bool:
        """Whether findings may come in parts: it shows that there is more to come, and asks again when
        there is."""
        return self.shows_progress and (self.refreshes_diagnostics or not self.pulls_diagnostics)

    @property
    def takes_document_changes(self) -> bool:
        """Whether edits may say which version of a text they are for."""
        return bool(self._has("workspace.workspace_edit.document_changes"))

    @property
    def shows_documents(self) -> bool:
        return bool(self._has("window.show_document.support"))

    @property
    def prefers_plain_text(self) -> bool:
        """Whether hovers are to come without Markdown."""
        formats = self._has("text_document.hover.content_format") or (lsp.MarkupKind.Markdown,)
        return bool(formats[0] == lsp.MarkupKind.PlainText)

    @property
    def takes_action_literals(self) -> bool:
        """Whether code actions may be more than commands."""
        return self._has("text_document.code_action.code_action_literal_support") is not None

    @property
    def resolves_edits(self) -> bool:
        """Whether the edit of a code action may come with `codeAction/resolve`."""
        return "edit" in (self._has("text_document.code_action.resolve_support.properties") or ())

    @property
    def refreshes_inlay_hints(self) -> bool:
        return bool(self._has("workspace.inlay_hint.refresh_support"))

    @property
    def refreshes_code_lenses(self) -> bool:
        return bool(self._has("workspace.code_lens.refresh_support"))
