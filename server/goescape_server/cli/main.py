"""The console script `goescape` and its subcommands.

Flags are read as the go tool reads its own (see `arguments`). Heavy imports wait until a command
needs them: `goescape --version` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click

from goescape_server.cli.arguments import normalise

_LONG = ("tags", "goos", "goarch", "go-version", "format", "only", "heap-only", "tests", "jobs", "color", "no-color", "no-store", "diff", "write", "caveats", "capacity", "help", "version", "stdio", "tcp", "socket", "port", "pipe", "node-ipc", "clientProcessId", "log")  # fmt: skip
_SHORT = "Chjl"


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command line `argv` (None: that of the process) and exit: with 2 and a message when
    something cannot be read or written, but with 0 when the reader of the output has gone."""
    _open_closed()
    words = normalise(sys.argv[1:] if argv is None else argv, _LONG, _SHORT)
    try:
        try:
            cli.main(args=words, prog_name="goescape")
        finally:
            if not sys.stdout.closed:
                sys.stdout.flush()
    except (BrokenPipeError, _ReaderGone):
        _drop_output()
        sys.exit(0)
    except OSError as e:
        _drop_output()
        with suppress(OSError):
            print(f"goescape: {e.filename or 'cannot write'}: {e.strerror or e}", file=sys.stderr)
        sys.exit(2)


class _ReaderGone(Exception):
    """What `BrokenPipeError` becomes on its way through click, which would exit with 1."""


@contextmanager
def _past_click() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as e:
        raise _ReaderGone from e


class _Commands(click.Group):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _past_click():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _past_click():
            return super().invoke(ctx)


def _open_closed() -> None:
    """Put a stream in place of each that the caller has closed: writing results fails as it must, and
    no file that is opened later is taken for standard output."""
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _drop_output() -> None:
    """Nothing is left to say, not even by the interpreter at exit."""
    with suppress(ValueError):  # It may be no file, or closed.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def version() -> str:
    """The version of the installed package."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("goescape")
    except PackageNotFoundError:
        return "unknown"


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version(), prog_name="goescape")
def cli() -> None:
    """Go's escape analysis while you type: the compiler's own verdicts, with the reason."""
    from goescape.bug import configure_log

    configure_log()


@cli.command()
@click.argument("patterns", nargs=-1)
@click.option("-C", "change", metavar="DIR", help="Work in DIR.")
@click.option("-l", "no_inline", is_flag=True, help="Do not inline calls, as gcflags -l.")
@click.option(
    "--level",
    "-m",
    type=click.IntRange(0, 4),
    default=1,
    metavar="[1|2]",
    help="As gcflags -m: 2 prints the flow under each verdict (gc format).",
)
@click.option("--tests", is_flag=True, help="Include the packages' tests.")
@click.option("--tags", default="", metavar="A,B", help="Build tags.")
@click.option("--goos", default="", help="Target operating system.")
@click.option("--goarch", default="", help="Target architecture.")
@click.option("--go-version", default="", metavar="1.N", help="Apply the rules of this Go release.")
@click.option(
    "--format", "format_", type=click.Choice(["text", "gc", "json", "sarif"]), default="text"
)
@click.option("--only", multiple=True, metavar="KIND", help="Show only findings of this code, or heap, leaks, param. Repeatable.")  # fmt: skip
@click.option("--heap-only", is_flag=True, help="Show only allocations on the heap.")
@click.option("--remedies", is_flag=True, help="Say which one call would have to be inlined for a value to stay on the stack.")  # fmt: skip
@click.option("--whole", is_flag=True, help="Analyse very long files to their end.")
@click.option("-j", "--jobs", type=click.IntRange(0), default=0, metavar="N", help="Processes; default: one per core.")  # fmt: skip
@click.option("--color/--no-color", default=None, help="Colours; default: on a terminal.")
@click.option("--no-store", is_flag=True, help="Neither use nor keep summaries of packages.")
def check(
    patterns: tuple[str, ...],
    change: str | None,
    no_inline: bool,
    level: int,
    tests: bool,
    tags: str,
    goos: str,
    goarch: str,
    go_version: str,
    format_: str,
    only: tuple[str, ...],
    heap_only: bool,
    remedies: bool,
    whole: bool,
    jobs: int,
    color: bool | None,
    no_store: bool,
) -> None:
    """Say what escapes to the heap in the packages that PATTERNS name.

    Patterns are those of the go command: ./..., import paths, std, or .go files.
    """
    from goescape.workspace.parallel import CheckRequest

    from goescape_server.cli import check as command

    command.prepare_streams()
    directory = _directory(change)
    try:
        codes = command.codes_for([*only, *(["heap"] if heap_only else [])])
    except ValueError as e:
        raise click.UsageError(f"--only {e}: no such kind; `goescape explain` lists them") from None
    if codes and format_ == "gc":
        raise click.UsageError("--only and --heap-only need --format text, json or sarif")
    request = CheckRequest(
        patterns=patterns or (".",),
        directory=directory,
        level=max(level, 1),
        inline=not no_inline,
        findings=format_ != "gc",
        remedies=remedies and format_ != "gc",
        whole=whole,
        tests=tests,
        tags=tuple(t for t in tags.replace(",", " ").split() if t),
        goos=goos,
        goarch=goarch,
        go_version=go_version,
        store="" if no_store else store_directory(),
    )
    options = command.Options(format_, codes, jobs, color, version())
    sys.exit(command.run(request, options, sys.stdout, sys.stderr))


def _directory(change: str | None) -> str:
    """The directory patterns are read in; -C may name another."""
    try:
        directory = os.path.abspath(change or "")
    except FileNotFoundError:
        raise click.UsageError("the working directory is gone") from None
    if not os.path.isdir(directory):
        what = "not a" if os.path.exists(directory) else "no such"
        raise click.UsageError(f"-C {change}: {what} directory")
    return directory


def store_directory() -> str:
    """Where summaries of packages are kept between runs; GOESCAPE_CACHE names another place."""
    from platformdirs import user_cache_dir

    return os.environ.get("GOESCAPE_CACHE") or user_cache_dir("goescape", appauthor=False)


@cli.group()
def cache() -> None:
    """See, empty or fill what is kept of packages between runs."""


@cache.command()
def info() -> None:
    """Say where it is, how large, and what is in it."""
    from goescape_server.cli import cache as command

    sys.exit(command.info(store_directory(), sys.stdout, sys.stderr))


@cache.command()
def clear() -> None:
    """Forget everything."""
    from goescape_server.cli import cache as command

    sys.exit(command.clear(store_directory(), sys.stderr))


@cache.command()
@click.argument("patterns", nargs=-1)
@click.option("-C", "change", metavar="DIR", help="Work in DIR.")
@click.option("--tags", default="", metavar="A,B", help="Build tags.")
@click.option("--goos", default="", help="Target operating system.")
@click.option("--goarch", default="", help="Target architecture.")
@click.option("--go-version", default="", metavar="1.N", help="Apply the rules of this Go release.")
@click.option("-j", "--jobs", type=click.IntRange(0), default=0, metavar="N", help="Processes; default: one per core.")  # fmt: skip
def warm(
    patterns: tuple[str, ...],
    change: str | None,
    tags: str,
    goos: str,
    goarch: str,
    go_version: str,
    jobs: int,
) -> None:
    """Learn the packages that PATTERNS name (default: std) now, so that editors start at once."""
    from goescape.workspace.parallel import CheckRequest

    from goescape_server.cli import cache as command

    request = CheckRequest(
        patterns=patterns or ("std",),
        directory=_directory(change),
        inline=True,
        tags=tuple(t for t in tags.replace(",", " ").split() if t),
        goos=goos,
        goarch=goarch,
        go_version=go_version,
        store=store_directory(),
    )
    sys.exit(command.warm(request, jobs, sys.stdout, sys.stderr))


@cli.command()
@click.argument("patterns", nargs=-1)
@click.option("-C", "change", metavar="DIR", help="Work in DIR.")
@click.option("-l", "no_inline", is_flag=True, help="Do not inline calls, as gcflags -l.")
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text")
@click.option("--diff", is_flag=True, help="Show what would change.")
@click.option("--write", is_flag=True, help="Change the files.")
@click.option("--only", multiple=True, metavar="CODE", help="Only fixes of this code. Repeatable.")
@click.option("--caveats", is_flag=True, help="Also fixes that change behaviour under a condition.")
@click.option("--capacity", type=click.IntRange(1), default=64, metavar="N", help="Elements to make room for where no bound is known.")  # fmt: skip
@click.option("--tests", is_flag=True, help="Include the packages' tests.")
@click.option("--tags", default="", metavar="A,B", help="Build tags.")
@click.option("--goos", default="", help="Target operating system.")
@click.option("--goarch", default="", help="Target architecture.")
@click.option("--go-version", default="", metavar="1.N", help="Apply the rules of this Go release.")
@click.option("--no-store", is_flag=True, help="Neither use nor keep summaries of packages.")
def fix(
    patterns: tuple[str, ...],
    change: str | None,
    no_inline: bool,
    format_: str,
    diff: bool,
    write: bool,
    only: tuple[str, ...],
    caveats: bool,
    capacity: int,
    tests: bool,
    tags: str,
    goos: str,
    goarch: str,
    go_version: str,
    no_store: bool,
) -> None:
    """Keep values off the heap in the packages that PATTERNS name.

    Every fix is proved: applied in memory and analysed again. By default only those that keep the
    behaviour the same, whatever happens; nothing is written without --write.
    """
    from goescape.ide.fixes import CODES
    from goescape.workspace.parallel import CheckRequest

    from goescape_server.cli import check as command
    from goescape_server.cli import fix as fixing

    command.prepare_streams()
    if diff and format_ != "text":
        raise click.UsageError("--diff needs --format text; json tells the edits anyway")
    directory = _directory(change)
    codes = frozenset(code for word in only for code in word.split(",") if code)
    for code in sorted(codes - set(CODES)):
        raise click.UsageError(f"--only {code}: no such fix; there are {', '.join(CODES)}")
    request = CheckRequest(
        patterns=patterns or (".",),
        directory=directory,
        inline=not no_inline,
        findings=True,
        tests=tests,
        tags=tuple(t for t in tags.replace(",", " ").split() if t),
        goos=goos,
        goarch=goarch,
        go_version=go_version,
        store="" if no_store else store_directory(),
    )
    options = fixing.Options(format_, diff, write, codes, caveats, capacity)
    sys.exit(fixing.run(request, options, sys.stdout, sys.stderr))


@cli.command()
@click.option("--stdio", is_flag=True, help="Speak on standard input and output (the default).")
@click.option(
    "--tcp", metavar="HOST:PORT", help="Listen there for one client instead; port 0: any."
)
@click.option(
    "--socket", "--port", type=click.IntRange(1, 65535), metavar="PORT", help="Connect to a client that listens on this port of this machine."
)  # fmt: skip
@click.option("--pipe", metavar="FILE", help="Connect to a client that listens on this socket.")
@click.option("--node-ipc", is_flag=True, hidden=True)
@click.option("--clientProcessId", "client", type=int, metavar="N", help="End when this process does.")  # fmt: skip
@click.option("--log", metavar="FILE", help="Write a log.")
def lsp(
    stdio: bool,
    tcp: str | None,
    socket: int | None,
    pipe: str | None,
    node_ipc: bool,
    client: int | None,
    log: str | None,
) -> None:
    """Run the language server."""
    from goescape_server.lsp.channel import Connect, Listen
    from goescape_server.lsp.server import serve

    if node_ipc:
        raise click.UsageError("--node-ipc is for servers that run in Node: use --stdio, --pipe or --socket")  # fmt: skip
    if stdio + sum(way is not None for way in (tcp, socket, pipe)) > 1:
        raise click.UsageError("--stdio, --tcp, --socket and --pipe go one at a time")
    channel: Connect | Listen | None = None
    if tcp is not None:
        host, colon, port = tcp.rpartition(":")
        if not colon or not port.isdigit() or int(port) > 65535:
            raise click.UsageError("--tcp needs HOST:PORT")
        channel = Listen(host.strip("[]") or "127.0.0.1", int(port))
    elif socket is not None:
        channel = Connect(socket)
    elif pipe is not None:
        channel = Connect(pipe)
    sys.exit(serve(channel, log, client))


@cli.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain the CODE of a finding, the rule behind it or a fix; without CODE, list all."""
    from goescape_server.cli import explain as command

    if code is None:
        command.list_all(sys.stdout)
    elif not command.show(code, sys.stdout):
        raise click.UsageError(
            f"there is no code, rule or fix {code!r}; `goescape explain` lists them"
        )
