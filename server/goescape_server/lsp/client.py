"""What the client can do, asked once and by name."""

from __future__ import annotations

from typing import Any

from lsprotocol import types as lsp


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
    def shows_related_information(self) -> bool:
        return bool(
            self._has("text_document.diagnostic.related_information")
            or self._has("text_document.publish_diagnostics.related_information")
        )

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
    def shows_documents(self) -> bool:
        return bool(self._has("window.show_document.support"))

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
