"""What the analysis thread does when there is nothing to do."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import Iterator

import pytest
from goescape.workspace.session import Session
from goescape_server.lsp import analyst
from goescape_server.lsp.analyst import Analyst, Priority
from goescape_server.lsp.garbage import Garbage


@pytest.fixture
def has_changed() -> bool:
    """Whether flushing finds files that were written while nobody told."""
    return False


@pytest.fixture
def flushed(monkeypatch: pytest.MonkeyPatch, has_changed: bool) -> Iterator[list[Session]]:
    """The sessions that were flushed, each time."""
    found: list[Session] = []

    def flush(session: Session) -> bool:
        found.append(session)
        return has_changed

    monkeypatch.setattr(Session, "flush", flush)
    monkeypatch.setattr(analyst, "PAUSES", (0.01, 0.02, 0.05))
    yield found
    gc.unfreeze()
    gc.enable()


async def _rest(flushed: list[Session], times: int) -> None:
    """Wait for that many flushes, and long enough for one too many."""
    async with asyncio.timeout(30):
        while len(flushed) < times:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)


def test_after_the_last_pause_what_was_learned_is_kept_once(flushed: list[Session]) -> None:
    async def run() -> None:
        worker = Analyst(lambda: Session({}), asyncio.get_running_loop())
        try:
            await _rest(flushed, 0)
            assert not flushed  # Nothing was done yet.
            for _ in range(2):
                session = await worker.ask("work", lambda session, _: session, Priority.CURSOR)
                await _rest(flushed, len(flushed) + 1)
            assert flushed == [session, session]
            worker.change(lambda session: None)
            await _rest(flushed, 3)
            assert len(flushed) == 3
        finally:
            worker.close()

    asyncio.run(run())


@pytest.mark.parametrize("has_changed", [True, False])
def test_what_was_written_meanwhile_is_told_in_the_last_pause(
    flushed: list[Session], has_changed: bool
) -> None:
    noticed: list[bool] = []

    async def run() -> None:
        loop = asyncio.get_running_loop()
        worker = Analyst(lambda: Session({}), loop, lambda: noticed.append(True))
        try:
            await worker.ask("work", lambda session, _: session, Priority.CURSOR)
            await _rest(flushed, 1)
        finally:
            worker.close()

    asyncio.run(run())
    assert noticed == [True] * has_changed


def test_work_does_not_wait_for_pauses(
    flushed: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyst, "PAUSES", (0.01, 60.0, 120.0))

    async def run() -> None:
        worker = Analyst(lambda: Session({}), asyncio.get_running_loop())
        try:
            for _ in range(3):
                done = worker.ask("work", lambda session, _: session, Priority.CURSOR)
                assert isinstance(await asyncio.wait_for(done, 10), Session)
                await asyncio.sleep(0.1)
        finally:
            worker.close()

    asyncio.run(run())
    assert not flushed


def test_what_is_done_in_the_background_begins_in_a_pause(
    flushed: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyst, "PAUSES", (1.0, 60.0, 120.0))
    done: list[str] = []

    async def run() -> None:
        worker = Analyst(lambda: Session({}), asyncio.get_running_loop())

        def ask(name: str, priority: Priority) -> asyncio.Future[None]:
            return worker.ask(name, lambda session, _: done.append(name), priority)

        try:
            await ask("asked", Priority.CURSOR)
            behind = [ask(name, Priority.BACKGROUND) for name in ("one", "other")]
            for _ in range(3):
                await asyncio.sleep(0.05)
                await ask("asked", Priority.CURSOR)
            assert done == ["asked"] * 4
            await asyncio.wait_for(asyncio.gather(*behind), 1.9)  # One pause is enough for both.
        finally:
            worker.close()

    asyncio.run(run())
    assert done == ["asked"] * 4 + ["other", "one"]


def test_answers_are_sent_before_garbage_is_collected(
    flushed: list[Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[object] = []
    sent_before: list[int] = []

    def collect(self: Garbage, idle: float) -> None:
        if not idle:  # Right after the work, and not in a pause.
            sent_before.append(len(sent))

    monkeypatch.setattr(Garbage, "is_due", lambda self, idle: True)
    monkeypatch.setattr(Garbage, "collect", collect)

    async def run() -> None:
        worker = Analyst(lambda: Session({}), asyncio.get_running_loop())
        try:
            for _ in range(20):
                done = worker.ask("work", lambda session, _: session, Priority.CURSOR)
                done.add_done_callback(sent.append)
                time.sleep(0.03)  # The loop is busy meanwhile.
                await done
                await asyncio.sleep(0.02)
        finally:
            worker.close()

    asyncio.run(run())
    assert sent_before and sent_before == list(range(1, 21))
