"""Whether a JSON document is what its schema says: as much of JSON Schema as ours use.

Example: `check_against(document, definition, definition["$defs"])`.
"""

from __future__ import annotations

from typing import Any


def check_against(value: Any, shape: dict[str, Any], defs: dict[str, Any]) -> None:
    """Fails where `value` is not like `shape`, which may refer to `defs`. No field may be missing in either."""
    if "$ref" in shape:
        return check_against(value, defs[shape["$ref"].rpartition("/")[2]], defs)
    if "anyOf" in shape:
        if value is not None:
            (some,) = [one for one in shape["anyOf"] if one != {"type": "null"}]
            check_against(value, some, defs)
        return None
    if "const" in shape:
        assert value == shape["const"]
        return None
    kinds = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}  # fmt: skip
    wanted = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    assert any(isinstance(value, kinds[k]) for k in wanted), (value, shape)
    if isinstance(value, dict) and "properties" in shape:
        assert set(shape["required"]) <= set(value) <= set(shape["properties"])
        for name, item in value.items():
            check_against(item, shape["properties"][name], defs)
    elif isinstance(value, list):
        for item in value:
            check_against(item, shape["items"], defs)
    return None
