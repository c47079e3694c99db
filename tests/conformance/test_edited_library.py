"""After random edits of files of the library, answers are those of a fresh analysis."""

from __future__ import annotations

import pytest
from harness.edits import Edit, edits
from harness.following import follow
from harness.oracle import goroot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

LIBRARY = [
    "slices/sort.go", "maps/maps.go", "sync/map.go", "encoding/json/encode.go", "text/template/exec.go",
    "bufio/scan.go", "strings/builder.go", "net/http/server.go",
]  # fmt: skip


@pytest.mark.std
@pytest.mark.parametrize("inline", [True, False])
@pytest.mark.parametrize("name", LIBRARY)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=st.lists(edits(), min_size=40, max_size=60))
def test_answers_about_the_library_are_those_of_a_fresh_analysis(
    name: str, inline: bool, drawn: list[Edit], tmp_path_factory: pytest.TempPathFactory
) -> None:
    store = str(tmp_path_factory.getbasetemp() / "store")
    follow(goroot() / "src" / name, inline, store, drawn, 5)
