"""The manifest of the VS Code extension says the same as the server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from goescape_server.lsp.settings import schema

EXTENSION = Path(__file__).resolve().parents[3] / "editors" / "vscode"
CLIENT_ONLY = {"goescape.decorations", "goescape.server.path", "goescape.trace.server"}
RULES = ("type", "default", "enum", "pattern", "minimum", "items", "propertyNames")


def manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((EXTENSION / "package.json").read_text("utf-8"))
    return loaded


def test_settings_are_those_of_the_server_and_a_few_of_the_clients_own() -> None:
    ours = manifest()["contributes"]["configuration"]["properties"]
    theirs = schema()["properties"]
    assert set(ours) == set(theirs) | CLIENT_ONLY
    for name, rule in theirs.items():
        for key in RULES:
            assert ours[name].get(key) == rule.get(key), f"{name}: {key}"
    kinds = ours["goescape.diagnostics.kinds"]["additionalProperties"]
    assert kinds["enum"] == theirs["goescape.diagnostics.kinds"]["additionalProperties"]["enum"]


def test_settings_of_the_server_hold_for_the_whole_window() -> None:
    """It asks for them once: folders cannot have settings of their own."""
    ours = manifest()["contributes"]["configuration"]["properties"]
    for name in schema()["properties"]:
        assert ours[name]["scope"] in ("window", "machine-overridable"), name


def test_every_setting_is_described() -> None:
    for name, rule in manifest()["contributes"]["configuration"]["properties"].items():
        assert rule["markdownDescription"].strip(), name
        if "enum" in rule:
            texts = rule.get("markdownEnumDescriptions") or rule["enumDescriptions"]
            assert len(texts) == len(rule["enum"]), name


def test_version_and_licence_are_the_projects() -> None:
    package = manifest()
    licence = EXTENSION.parents[1] / "LICENSE"
    assert (EXTENSION / "LICENSE").read_bytes() == licence.read_bytes()
    pyproject = (EXTENSION.parents[1] / "pyproject.toml").read_text("utf-8")
    assert f'version = "{package["version"]}"' in pyproject
    assert f"## {package['version']}" in (EXTENSION / "CHANGELOG.md").read_text("utf-8")
