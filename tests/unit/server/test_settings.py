"""What clients may set, in every form in which they say it."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import pytest
from goescape.goversion import NEWEST, OLDEST
from goescape.report.finding import CODES
from goescape_server.lsp.settings import SECTION, Settings, client_commands, read, schema


def test_the_schema_and_the_settings_are_one_list() -> None:
    def flat(value: Any, prefix: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for f in fields(value):
            first, *rest = f.name.split("_")
            name = prefix + "." + first + "".join(word.capitalize() for word in rest)
            held = getattr(value, f.name)
            found |= flat(held, name) if is_dataclass(held) else {name: held}
        return found

    properties = schema()["properties"]
    defaults = {n: tuple(d) if isinstance(d, list) else d for n, d in ((n, p["default"]) for n, p in properties.items())}  # fmt: skip
    assert flat(Settings(), SECTION) == defaults
    assert all(p["description"].endswith(".") for p in properties.values())
    assert properties["goescape.diagnostics.kinds"]["propertyNames"]["enum"] == list(CODES)


@pytest.mark.parametrize("minor", [5, 10, OLDEST - 1, OLDEST, 23, NEWEST, NEWEST + 1, 190, 270])
def test_a_release_is_accepted_if_its_rules_are_known(minor: int) -> None:
    accepted = OLDEST <= minor <= NEWEST
    for version in (f"1.{minor}", f"go1.{minor}", f"1.{minor}.3"):
        settings, wrong = read({"goVersion": version})
        assert (settings.go_version == version, wrong == []) == (accepted, accepted)


@pytest.mark.parametrize(
    "options",
    [
        {"diagnostics": {"level": "all"}, "tags": ["a"], "goVersion": "1.26", "goos": None},
        {"goescape": {"diagnostics": {"level": "all"}, "tags": ["a"], "goVersion": "1.26"}},
        {"goescape.diagnostics.level": "all", "tags": ["a"], "goVersion": "1.26", "trace": {"server": "off"}},
        {"diagnostics.level": "all", "tags": ["a"], "goVersion": "1.26", "commands": ["x"]},
        {"diagnostics.level": "all", "tags": ["a"], "goVersion": "1.26", "fixes": None, "goescape": {"diagnostics": None}},
    ],
)  # fmt: skip
def test_every_form_means_the_same(options: dict[str, Any]) -> None:
    settings, wrong = read(options)
    assert wrong == []
    assert settings.diagnostics.level == "all" and settings.inline
    assert (settings.target.tags, settings.target.go_version) == (("a",), "1.26")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"inline": 1}, "setting goescape.inline has the wrong type: 1"),
        ({"tags": ["a", 2]}, 'setting goescape.tags has the wrong type: ["a", 2]'),
        ({"inlayHints": "some"}, 'setting goescape.inlayHints is none of off, minimal, all: "some"'),
        ({"goVersion": "go2"}, 'setting goescape.goVersion is not a Go release from 1.19 to 1.27: "go2"'),
        ({"goVersion": "1.5"}, 'setting goescape.goVersion is not a Go release from 1.19 to 1.27: "1.5"'),
        ({"fixes": {"constantCapacity": 0}}, "setting goescape.fixes.constantCapacity is less than 1: 0"),
        ({"fixes": {"constantCapacity": True}}, "setting goescape.fixes.constantCapacity has the wrong type: true"),
        ({"diagnostics": {"kinds": {"moved": "loud"}}}, 'setting goescape.diagnostics.kinds is none of off, hint, information, warning: {"moved": "loud"}'),
        ({"diagnostics": {"kinds": {"moved": "off", "lost": "off"}}}, 'setting goescape.diagnostics.kinds knows no lost: {"moved": "off", "lost": "off"}'),
        ({"diagnostics": 5}, "setting goescape.diagnostics has the wrong type: 5"),
        ({"fixes": [1]}, "setting goescape.fixes has the wrong type: [1]"),
        ({"colour": "red"}, "there is no setting goescape.colour"),
        ([1], "the settings are not an object: [1]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_its_default_counts(options: Any, said: str) -> None:
    assert read(options) == (Settings(), [said])


def test_the_clients_own_commands() -> None:
    assert client_commands({"commands": ["a", 1]}, None) == {"a"}
    assert client_commands(None, {"commands": {"commands": ["b"]}}) == {"b"}
    assert client_commands("nonsense", []) == frozenset()
