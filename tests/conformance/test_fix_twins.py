"""What a fix writes instead of fmt prints the same, for values at every edge: run by the real toolchain."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from harness.fixes import fixed
from harness.oracle import goroot, scratch

pytestmark = pytest.mark.std

_INTEGERS = {
    "int": ("-1 << 63", "-1", "0", "7", "99", "100", "1<<63 - 1"),
    "int32": ("-1 << 31", "-1", "0", "65", "0xD800", "0x10FFFF", "0x110000", "1<<31 - 1"),
    "int64": ("-1 << 63", "0", "1<<63 - 1"),
    "uint": ("0", "42", "1<<64 - 1"),
    "uint16": ("0", "65535"),
    "uint64": ("0", "1<<64 - 1"),
    "uintptr": ("0", "1<<64 - 1"),
    "number": ("-5", "0", "123456"),
}
_FLOATS = ("0", "math.Copysign(0, -1)", "1", "-1.5", "0.1", "1e6", "123456789", "1e20", "1e21", "1e-5", "5e-324", "math.MaxFloat64", "math.Inf(1)", "math.Inf(-1)", "math.NaN()")  # fmt: skip
_STRINGS = ('""', '"a"', '"\\xff\\xfe"', '"\\x00\\n\\t\\"`"', '"日本"', '"\\u2028"')

VALUES: dict[str, tuple[str, ...]] = _INTEGERS | {
    "float64": _FLOATS,
    "float32": tuple(f"float32({x})" for x in _FLOATS if x not in ("5e-324", "math.MaxFloat64")),
    "string": _STRINGS,
    "text": _STRINGS,
    "[]byte": ("nil", "[]byte{}", '[]byte("ab\\xff")'),
}
FORMATS = {
    **dict.fromkeys(_INTEGERS, ("<%d|%d>", "<%v|%v>", "<%x|%x>", "<%o|%b>")),
    "int32": ("<%d|%d>", "<%c|%c>", "<%v|%v>"),
    "float64": ("<%v|%v>", "<%g|%f>", "<%e|%.3f>", "<%.0f|%.2g>", "<%.5e|%v>"),
    "float32": ("<%v|%v>", "<%g|%f>", "<%e|%.3f>"),
    "string": ("<%s|%v>",),
    "text": ("<%s|%v>", "<%q|%s|%s>"),
    "[]byte": ("<%s|%s>",),
}


def test_twins(tmp_path: Path) -> None:
    before = ['package main\n\nimport "fmt"\n\ntype number int64\n\ntype text string\n']
    calls = []
    n = 0
    for kind, formats in FORMATS.items():
        for format in formats:
            n += 1
            n_verbs = format.count("%")
            named = ", ".join("abb"[:n_verbs])
            before.append(
                f'\nfunc f{n}(a, b {kind}) bool {{ return fmt.Sprintf("{format}", {named}) == want }}\n'
            )
            for v in VALUES[kind]:
                given = ", ".join([f"{kind}({v})"] * n_verbs)
                text = f'fmt.Sprintf("{format}", {given})'
                calls.append(f"\tcheck({text}, func() bool {{ return f{n}({v}, {v}) }})\n")
    before.append(
        '\nfunc hexed(b, p []byte) []byte { return append(b, fmt.Sprintf("%x", p)...) }\n'
        "\nvar want string\n"
    )
    calls += [
        f'\tcheck(fmt.Sprintf("%x", {v}), func() bool {{ return string(hexed(nil, {v})) == want }})\n'
        for v in ("[]byte{}", '[]byte("ab\\xff\\x00")')
    ]
    after = fixed("".join(before), "without-fmt")
    assert "fmt" not in after
    (tmp_path / "go.mod").write_text("module w\n\ngo 1.27\n")
    (tmp_path / "w.go").write_text(after)
    (tmp_path / "main.go").write_text(
        'package main\n\nimport (\n\t"fmt"\n\t"math"\n)\n\nvar _ = math.Pi\n\n'
        "func check(text string, same func() bool) {\n\twant = text\n\tif !same() {\n"
        '\t\tfmt.Printf("%q\\n", text)\n\t}\n}\n\nfunc main() {\n' + "".join(calls) + "}\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("GO", "CGO"))} | {
        "GOROOT": str(goroot()), "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "",
        "GOCACHE": str(scratch() / "fixes-build"), "CGO_ENABLED": "0", "GOENV": "off",
    }  # fmt: skip
    done = subprocess.run(
        [str(goroot() / "bin" / "go"), "run", "."], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")
