"""Generic code that nobody instantiates is told about in findings, and in findings alone."""

from __future__ import annotations

from harness.escape import check

NAME = "uninstantiated"


def test_generic_code_without_an_instance_has_findings() -> None:
    found = {(f.function, f.message) for f in check(NAME, findings=True).findings if f.opaque}
    assert {
        ("(*List[T]).Push", "moved to heap: x"),
        ("(*List[T]).Push", "append escapes to heap"),
        ("box[T]", "x escapes to heap"),
        ("nested[K,V]", "map[K]func() V{...} escapes to heap"),
        ("nested[K,V]", "func literal escapes to heap"),
        ("sum[N]", "values does not escape"),
    } <= found
    assert not any(function.startswith("used") for function, _ in found)


def test_the_compilers_lines_stay_without_it() -> None:
    result = check(NAME, findings=True)
    assert result.lines == check(NAME).lines
    assert not any(line[1] in (6, 8) for line in result.lines)
