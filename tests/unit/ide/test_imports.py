"""What comes and goes among a file's imports, with what stands around them."""

from __future__ import annotations

import pytest
from harness.fixes import fixed, gofmt

CODE = "without-fmt"


def program(imports: str) -> str:
    return f"""package w

{imports}

var home = os.Args

func f(n int) string {{
	return fmt.Sprintf("%d", n)
}}
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'import (\n\t// Formatting.\n\t"fmt"\n\n\t// System.\n\t"os"\n)',
            'import (\n\t// System.\n\t"os"\n\t"strconv"\n)',
        ),
        (
            'import (\n\t// Both.\n\t"fmt"\n\t"os"\n)',
            'import (\n\t// Both.\n\t"os"\n\t"strconv"\n)',
        ),
        (
            'import (\n\t"errors"\n\t// Formatting,\n\t// just here.\n\t"fmt"\n\t"os"\n\t// Time.\n\t"time"\n)',
            'import (\n\t"errors"\n\t"os"\n\t"strconv"\n\t// Time.\n\t"time"\n)',
        ),
        (
            'import (\n\t"fmt"\n\t"os"\n\t_ "strconv"\n)',
            'import (\n\t"os"\n\t"strconv"\n\t_ "strconv"\n)',
        ),
        (
            '// System.\nimport "os"\n\n// Formatting.\nimport "fmt"',
            'import (\n\t"os"\n\t"strconv"\n)',
        ),
    ],
)
def test_the_comment_of_an_import_goes_with_it(before: str, after: str) -> None:
    used = "".join(
        f"\nvar _ = {name}\n" for name in ("errors.New", "time.Now") if name.split(".")[0] in before
    )
    new = fixed(program(before) + used, CODE)
    expected = program(after).replace('fmt.Sprintf("%d", n)', "strconv.Itoa(n)") + used
    if before.startswith("//"):
        expected = expected.replace("import (", "// System.\nimport (")
    assert new == expected
    assert gofmt(new) == new


def test_the_comment_of_the_only_import() -> None:
    text = program('// Formatting.\nimport "fmt"').replace("var home = os.Args\n\n", "")
    assert fixed(text, CODE) == text.replace("// Formatting.\n", "").replace(
        '"fmt"', '"strconv"'
    ).replace('fmt.Sprintf("%d", n)', "strconv.Itoa(n)")


@pytest.mark.parametrize(
    "imports",
    [
        'import "fmt"\n\nimport "os"',
        'import (\n\t"fmt"\n\n\t"os"\n)',
        'import (\n\t"os"\n\n\t"fmt"\n)',
    ],
)
def test_lines_end_as_in_the_file(imports: str) -> None:
    text = program(imports)
    assert fixed(text.replace("\n", "\r\n"), CODE) == fixed(text, CODE).replace("\n", "\r\n")
