"""The command line's formats, filters and exit codes, on results made by hand."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from goescape.load import LoadFailure
from goescape.report.finding import CODES, Allocation, Finding, InlineRemedy, Place, Step
from goescape.source.file import SourceFile
from goescape.workspace.parallel import CheckRequest
from goescape.workspace.result import PackageResult, Problem
from goescape_server.cli import check as command
from goescape_server.cli.json_format import schema
from harness.schema import check_against

SOURCE = "package w\n\nfunc f() *int {\n\tx := 1\n\treturn &x\n}\n"


def results(folder: Path) -> list[PackageResult]:
    path = str(folder / "w.go")

    def place(line: int, col: int, start: int, end: int) -> Place:
        return Place(path, line, col, start, end)

    flow = (
        Step("&x", "address-of", place(5, 9, 43, 45), "~r0 ← &x"),
        Step("return &x", "return", place(5, 2, 36, 45)),
    )
    moved = Finding("moved", "moved to heap: x", "x", "f", place(4, 2, 28, 29), flow=flow, size=8, size_class=8)  # fmt: skip
    stays = Finding("stays", "y does not escape", "y", "g", place(3, 1, 11, 11))
    return [
        PackageResult(
            "example.com/w", str(folder),
            lines=((path, 4, 2, "moved to heap: x"), (path, 3, 0, "y does not escape"), ("", 0, 0, "odd")),
            findings=(moved, stays), index=0,
        ),
        PackageResult("example.com/w/sub", str(folder / "sub"), index=1),
    ]  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "w.go").write_text(SOURCE)

    def call(
        format: str = "text", only: Sequence[str] = (), answers: list[PackageResult] | None = None
    ) -> tuple[int, str, str]:
        def fake(
            request: CheckRequest, jobs: int, progress: Any, warn: Any
        ) -> Iterator[PackageResult]:
            warn('"x/..." matched no packages')
            yield from reversed(results(tmp_path) if answers is None else answers)

        monkeypatch.setattr(command, "check", fake)
        out, err = io.StringIO(), io.StringIO()
        request = CheckRequest(("./...",), str(tmp_path))
        options = command.Options(format=format, only=command.codes_for(only), jobs=1)
        return command.run(request, options, out, err), out.getvalue(), err.getvalue()

    return call


def test_gc_prints_what_the_compiler_prints(run: Any) -> None:
    status, out, err = run("gc")
    assert status == 0
    assert out == (
        "# example.com/w\n./w.go:4:2: moved to heap: x\n./w.go:3: y does not escape\nodd\n"
    )
    assert err == 'goescape: warning: "x/..." matched no packages\n'


def test_text_groups_by_function_and_numbers_the_flow(run: Any) -> None:
    _, out, _ = run()
    assert out.splitlines() == [
        "example.com/w",
        "",
        "func f",
        "  w.go:4:2: moved to heap: x  (8 bytes)",
        "      4 │     x := 1",
        "        │     ^",
        "      A variable lives on the heap: something that outlives it, or may, holds its address.  [moved]",
        "      ~r0 ← &x",
        "      1. &x (address-of)  w.go:5:9",
        "      2. return &x (return)  w.go:5:2",
        "",
        "1 allocation on the heap, 0 leaking parameters, 1 staying on the stack in 2 packages",
    ]


@pytest.mark.parametrize(
    ("source", "marked"),
    [
        ('package w\n\nfunc G() { S = «New§(1)»; println("more") }\n', "New(1)"),
        ("package w\n\nfunc G() {\n\tS = «New(\n\t\t1)§.Add(\n\t\t2)»\n}\n", "1).Add("),
        ("package w\n\nvar é\t= «§f»\n", "f"),
        ("package w\n\nvar x = «§»f()\r\n", "f"),
    ],
)
def test_the_expression_is_marked_where_its_line_is_shown(
    run: Any, tmp_path: Path, source: str, marked: str
) -> None:
    def plain(text: str) -> bytes:
        return re.sub("[«§»]", "", text).encode()

    start, point, end = (len(plain(source.partition(sign)[0])) for sign in "«§»")
    text = plain(source)
    (tmp_path / "w.go").write_bytes(text)
    row, col = SourceFile("w.go", text).line_col(point)
    place = Place(str(tmp_path / "w.go"), row, col, start, end)
    found = Finding("escapes", "it escapes to heap", "it", "G", place)
    _, out, _ = run(answers=[PackageResult("w", str(tmp_path), findings=(found,))])
    lines = out.splitlines()
    below = next(i for i, line in enumerate(lines) if "^" in line)
    first, last = lines[below].index("^"), lines[below].rindex("^") + 1
    assert lines[below - 1][first:last] == marked


def test_a_remedy_is_told_in_text_and_json(run: Any) -> None:
    call = Place("/w/w.go", 7, 4, 60, 66)
    reason = "function too complex: cost 85 exceeds budget 80"
    moved = Finding(
        "moved", "moved to heap: x", "x", "f", Place("/w/w.go", 4, 2, 28, 29),
        remedy=InlineRemedy("g", call, 85, 80, reason),
    )  # fmt: skip
    answers = [PackageResult("example.com/w", "/w", findings=(moved,))]
    _, out, _ = run(answers=answers)
    assert (
        "      it would stay on the stack if the call of g were inlined, which it is not: "
        f"{reason}  /w/w.go:7:4"
    ) in out.splitlines()
    _, out, _ = run("json", answers=answers)
    document = json.loads(out)
    definition = schema()
    check_against(document, definition, definition["$defs"])
    assert document["packages"][0]["findings"][0]["remedy"] == {
        "callee": "g",
        "call": {"path": "/w/w.go", "line": 7, "col": 4, "start": 60, "end": 66},
        "cost": 85,
        "budget": 80,
        "reason": reason,
    }


def test_only_shows_what_is_asked_for(run: Any) -> None:
    _, out, _ = run(only=["stays"])
    assert "y does not escape" in out and "moved" not in out
    _, out, _ = run(only=["heap"])
    assert "moved to heap: x" in out
    with pytest.raises(ValueError, match="nosuch"):
        command.codes_for(["heap,nosuch"])


def test_what_costs_nothing_is_no_allocation(run: Any, tmp_path: Path) -> None:
    never = Allocation("never", "", 0, "bytes", "nothing is allocated: it has no bytes")
    always = Allocation("always", "makeslice", 0, "bytes", "on the heap all the same")
    place = Place(str(tmp_path / "w.go"), 4, 2, 28, 29)
    free = Finding("escapes", "x escapes to heap", "x", "f", place, allocates=never)
    allocates = Finding("stays", "x does not escape", "x", "f", place, allocates=always)
    answers = [PackageResult("example.com/w", "/w", findings=(free, allocates))]
    for word, message in [
        ("heap", allocates.message), ("escapes", ""), ("stays", ""),
        ("free", free.message), ("allocates", allocates.message),
    ]:  # fmt: skip
        _, text, _ = run(only=[word], answers=answers)
        assert [f.message for f in (free, allocates) if f.message in text] == [message] * bool(message)  # fmt: skip
        document = json.loads(run("json", [word], answers)[1])
        found = document["packages"][0]["findings"]
        assert [f["message"] for f in found] == [message] * bool(message)
    document = json.loads(run("json", answers=answers)[1])
    found = document["packages"][0]["findings"]
    assert [(f["code"], f["kind"], f["heap"]) for f in found] == [
        ("escapes", "free", False),
        ("stays", "allocates", True),
    ]
    assert document["summary"]["findings"] == {"allocates": 1, "free": 1}


def test_json_follows_its_schema(run: Any) -> None:
    _, out, _ = run("json")
    document = json.loads(out)
    assert [p["import_path"] for p in document["packages"]] == [
        "example.com/w",
        "example.com/w/sub",
    ]
    finding = document["packages"][0]["findings"][0]
    assert finding["message"] == "moved to heap: x" and finding["heap"] is True
    assert finding["flow"][0]["flow"] == "~r0 ← &x"
    assert document["summary"] == {
        "packages": 2,
        "problems": 0,
        "findings": {"moved": 1, "stays": 1},
    }
    definition = schema()
    check_against(document, definition, definition["$defs"])
    assert set(definition["$defs"]["finding"]["properties"]) == set(finding)


def test_problems_name_file_and_cause(run: Any, tmp_path: Path) -> None:
    problem = Problem(str(tmp_path / "w.go"), 4, 2, "undefined: q")
    bare = Problem("", 0, 0, "no Go files in /x")
    status, _, err = run(answers=[PackageResult("example.com/w", str(tmp_path), (problem, bare))])
    assert status == 2
    assert "w.go:4:2: undefined: q\n" in err
    assert "example.com/w: no Go files in /x\n" in err


def test_a_package_that_does_not_exist_is_not_counted(run: Any) -> None:
    _, out, _ = run(answers=[PackageResult("nope", "", (Problem("", 0, 0, "not in std"),))])
    assert out.endswith(" in 0 packages\n")


def test_a_request_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fails(*_: Any) -> Iterator[PackageResult]:
        raise LoadFailure("no Go toolchain found")
        yield

    monkeypatch.setattr(command, "check", fails)
    err = io.StringIO()
    request = CheckRequest((".",), str(tmp_path))
    assert command.run(request, command.Options("gc"), io.StringIO(), err) == 2
    assert err.getvalue() == "goescape: no Go toolchain found\n"


def test_every_code_can_be_asked_for() -> None:
    assert command.codes_for(list(CODES)) == frozenset(CODES)


def test_a_sarif_log_has_rules_results_and_the_way_to_the_heap(run: Any, tmp_path: Path) -> None:
    source = SOURCE.replace("x := 1", 's := "😀"; x := 1; _ = s')
    (tmp_path / "w.go").write_text(source)
    start = source.encode().index(b"x :=")
    place = Place(str(tmp_path / "w.go"), 4, 17, start, start + 1)
    way = (
        Step("&x", "address-of", place, "~r0 ← &x"),
        Step("return &x", "return", place, decisive=True),
        Step("nowhere", "assign", None),
    )
    moved = Finding("moved", "moved to heap: x", "x", "f", place, flow=way, size=8, rule="returned")
    leaks = Finding("leaks", "leaking param: p", "p", "g", place)
    elsewhere = Place("/else where/é.go", 7, 1, 60, 66)
    cold = replace(moved, cold=True, flow=(), place=elsewhere, inlined_from=(place,), rule="")
    problem = Problem(str(tmp_path / "w.go"), 3, 1, "undefined: y", rank=0)
    package = PackageResult("w", str(tmp_path), (problem,), findings=(moved, leaks, cold))
    status, out, err = run("sarif", answers=[package])
    assert status == 2 and "w.go:3:1: undefined: y" in err
    log = json.loads(out)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    (scan,) = log["runs"]
    driver = scan["tool"]["driver"]
    assert driver["name"] == "goescape"
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"] and rule["help"]["markdown"].startswith("# ")
    hot, other = scan["results"]  # What leaks costs nothing here; `--only leaks` has it.
    for result in (hot, other):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert (hot["ruleId"], hot["level"]) == ("returned", "warning")
    assert (other["ruleId"], other["level"]) == ("moved", "note")
    sentence = "moved to heap: x. It is returned, so it must outlive the call. 8 bytes."
    assert hot["message"] == {"text": sentence}
    (location,) = hot["locations"]
    assert location["logicalLocations"] == [{"fullyQualifiedName": "f", "kind": "function"}]
    assert scan["columnKind"] == "utf16CodeUnits"
    physical = location["physicalLocation"]
    assert physical == {
        "artifactLocation": {"uri": "w.go", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 4, "startColumn": 13, "endLine": 4, "endColumn": 14},
    }
    assert scan["originalUriBaseIds"]["%SRCROOT%"]["uri"] == tmp_path.as_uri() + "/"
    steps = hot["codeFlows"][0]["threadFlows"][0]["locations"]
    assert [step["location"]["message"]["text"] for step in steps] == [
        "&x (address-of): ~r0 ← &x",
        "return &x (return)",
    ]
    assert [step["importance"] for step in steps] == ["important", "essential"]
    assert other["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "file:///else%20where/%C3%A9.go"}, "region": {"startLine": 7},
    }  # fmt: skip
    assert other["relatedLocations"][0]["physicalLocation"] == physical
    (invocation,) = scan["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"] == {"text": "undefined: y"}


def test_a_sarif_log_of_nothing_is_one(run: Any) -> None:
    status, out, _ = run("sarif", answers=[])
    (scan,) = json.loads(out)["runs"]
    assert status == 0 and scan["results"] == []
    assert scan["invocations"] == [{"executionSuccessful": True}]
