"""One set of library packages for all tests of the room."""

from __future__ import annotations

import pytest
from harness.typecheck import Packages


@pytest.fixture(scope="session")
def packages() -> Packages:
    return Packages()
