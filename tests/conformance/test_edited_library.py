"""After random edits of files of the library, answers are those of a fresh analysis."""

from __future__ import annotations

import pytest
from harness.edits import Edit, bodies, edits
from harness.following import follow, follow_interrupted
from harness.oracle import goroot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

POINTS = (1, 3, 10, 30, 50, 70, 100, 150, 200, 300, 500, 1000, 1400, 1600, 1800)
"""After so many questions an analysis is interrupted; `net/http` is checked after some 1,350, smaller ones sooner."""

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


@pytest.mark.std
@pytest.mark.parametrize("name", LIBRARY)
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn=st.lists(
        st.tuples(st.floats(0, 0.999), st.sampled_from(POINTS)), min_size=20, max_size=40
    )
)
def test_so_they_are_when_the_analysis_is_interrupted(
    name: str, drawn: list[tuple[float, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """While statements that make sense are typed: after others a package often starts over."""
    store = str(tmp_path_factory.getbasetemp() / "store")
    path = goroot() / "src" / name
    text = path.read_bytes()
    places = [text.find(b"\n", start) for start, _ in bodies(text)]
    texts = [text]
    for i, (where, _) in enumerate(drawn[1:]):
        at = places[int(where * len(places))]
        texts.append(text[:at] + b"; println(%d)" % i + text[at:])
    follow_interrupted(path, store, texts, [point for _, point in drawn])
