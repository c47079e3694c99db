"""What the client may set at the start, in `initializationOptions`.

    {"inline": false, "goos": "linux", "goarch": "arm64", "tags": ["a"], "goVersion": "1.26",
     "goroot": "/usr/local/go"}

Every key may be missing. What has the wrong type is reported by name, and left as it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from goescape.workspace.session import Target

_TEXT = {"goos": "goos", "goarch": "goarch", "goVersion": "go_version", "goroot": "goroot"}


def target_from(options: Any) -> tuple[Target, list[str]]:
    """The target that the options describe, and what is wrong with them."""
    target = Target()
    if options is None:
        return target, []
    if not isinstance(options, dict):
        return target, ["initializationOptions is not an object"]
    wrong = []
    texts: dict[str, Any] = {}
    for key, value in options.items():
        if key in _TEXT and isinstance(value, str):
            texts[_TEXT[key]] = value
        elif key == "inline" and isinstance(value, bool):
            target = replace(target, inline=value)
        elif key == "tags" and isinstance(value, list) and all(isinstance(t, str) for t in value):
            target = replace(target, tags=tuple(value))
        elif key in _TEXT or key in ("inline", "tags"):
            wrong.append(f"setting {key} has the wrong type: {value!r}")
        else:
            wrong.append(f"there is no setting {key}")
    return replace(target, **texts), wrong
