"""What the client may set, and how what it says is read.

`settings.schema.json` beside this file is the list: names, types, defaults, meaning. Values come
from `initializationOptions` and from `workspace/configuration`, as nested objects
(`{"diagnostics": {"level": "all"}}`) or with dotted keys, with or without the section `goescape`.

Invariants
  - a `Settings` is a value; a change makes a new one;
  - what has the wrong type or is no setting at all is reported by name, and the default counts;
  - `null` is the same as nothing.

Example: `read({"inline": False, "goos": 3})` is `Settings(inline=False)` and
`["setting goescape.goos has the wrong type: 3"]`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib.resources import files
from typing import Any

from goescape.ide.diagnostics import Options as Diagnostics
from goescape.workspace.session import Target

SECTION = "goescape"
COMMANDS = "commands"
"""In `initializationOptions` beside the settings: the commands that the client itself carries out."""


@dataclass(frozen=True, slots=True)
class Fixes:
    """What fixes may propose; see the schema."""

    constant_capacity: int = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set; the names are those of the schema, in lower case."""

    inline: bool = True
    go_version: str = ""
    goos: str = ""
    goarch: str = ""
    tags: tuple[str, ...] = ()
    goroot: str = ""
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    inlay_hints: str = "off"
    code_lens: bool = True
    fixes: Fixes = Fixes()

    @property
    def target(self) -> Target:
        """For what is analysed."""
        return Target(
            self.goos, self.goarch, self.tags, self.go_version, self.goroot, inline=self.inline
        )


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of all settings."""
    text = files("goescape_server.lsp").joinpath("settings.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def read(options: Any) -> tuple[Settings, list[str]]:
    """The settings that `options` describe, and what is wrong with them."""
    if options is None:
        return Settings(), []
    if not isinstance(options, dict):
        return Settings(), [f"the settings are not an object: {_shown(options)}"]
    properties: dict[str, Any] = schema()["properties"]
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name, value in _flat(options, SECTION, properties):
        rule = properties.get(name, _GROUP if name in _NESTED else None)
        if rule is None:
            wrong.append(f"there is no setting {name}")
        elif value is not None:
            problem = _problem(value, rule)
            if problem:
                wrong.append(f"setting {name} {problem}: {_shown(value)}")
            else:
                values[name] = tuple(value) if isinstance(value, list) else value
    return _made(Settings, values, SECTION), wrong


def client_commands(options: Any, experimental: Any) -> frozenset[str]:
    """The commands that the client carries out itself, from `initializationOptions` or from its
    experimental capabilities, each `{"commands": [...]}`."""
    found: set[str] = set()
    for source in (options, experimental):
        names = source.get(COMMANDS) if isinstance(source, dict) else None
        if isinstance(names, dict):
            names = names.get(COMMANDS)
        if isinstance(names, list):
            found.update(name for name in names if isinstance(name, str))
    return frozenset(found)


def _flat(
    options: Mapping[str, Any], prefix: str, known: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """The values with the full dotted names of their settings."""
    for key, value in options.items():
        if key == SECTION and prefix == SECTION and isinstance(value, dict):
            yield from _flat(value, prefix, known)
            continue
        name = key if key.startswith(SECTION + ".") else f"{prefix}.{key}"
        if name == f"{SECTION}.{COMMANDS}" or name == f"{SECTION}.trace":
            continue  # The client's own.
        if isinstance(value, dict) and name not in known:
            yield from _flat(value, name, known)
        else:
            yield name, value


_TYPES: dict[str, type] = {
    "boolean": bool, "string": str, "integer": int, "array": list, "object": dict,
}  # fmt: skip


def _problem(value: Any, rule: Mapping[str, Any]) -> str:
    """What is wrong with `value` under a rule of the schema; "" if it fits."""
    kind = _TYPES[rule["type"]]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        return "has the wrong type"
    if "enum" in rule and value not in rule["enum"]:
        return f"is none of {', '.join(rule['enum'])}"
    if "pattern" in rule and not re.search(rule["pattern"], str(value)):
        return f"is not {rule['patternErrorMessage']}"
    if "minimum" in rule and value < rule["minimum"]:
        return f"is less than {rule['minimum']}"
    if isinstance(value, list):
        problems = (_problem(part, rule["items"]) for part in value)
    elif isinstance(value, dict):
        unknown = [name for name in value if name not in rule["propertyNames"]["enum"]]
        if unknown:
            return f"knows no {', '.join(unknown)}"
        problems = (_problem(part, rule["additionalProperties"]) for part in value.values())
    else:
        return ""
    return next(filter(None, problems), "")


def _made(cls: type, values: Mapping[str, Any], prefix: str) -> Any:
    """A dataclass of settings with those of `values` below `prefix`."""
    made = {}
    for f in fields(cls):
        first, *rest = f.name.split("_")
        name = f"{prefix}.{first}" + "".join(word.capitalize() for word in rest)
        nested = _NESTED.get(name)
        if nested is not None:
            made[f.name] = _made(nested, values, name)
        elif name in values:
            made[f.name] = values[name]
    return cls(**made)


_GROUP = {"type": "object"}
"""What holds for a name that only settings' names begin with: the settings in it come by themselves, so
that anything here is of another type, or null."""

_NESTED: dict[str, type] = {"goescape.diagnostics": Diagnostics, "goescape.fixes": Fixes}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 60 else text[:57] + "..."
