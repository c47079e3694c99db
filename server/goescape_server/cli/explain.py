"""`goescape explain`: the page of a code, rule or fix; without one, all of them with a sentence each.

On a terminal the pages are laid out; elsewhere they are printed as they are, in Markdown.
"""

from __future__ import annotations

from typing import TextIO

from goescape.ide.fixes import pages as fixes
from goescape.report.finding import CODES
from goescape.report.rules import names, page
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from goescape_server.cli.check import GROUPS

WIDTH = 100


def list_all(out: TextIO) -> None:
    """Every code, rule and fix, with its sentence."""
    console = Console(file=out, highlight=False)
    if not console.is_terminal:
        width = max(map(len, names()))
        for name in (*names(), *fixes.names()):
            out.write(f"{name:{width}}  {_sentence(name)}\n")
        return
    codes = [name for name in names() if name in CODES]
    rules = [name for name in names() if name not in CODES]
    for title, group in (("Codes", codes), ("Rules", rules), ("Fixes", fixes.names())):
        table = Table(box=None, title=title, title_justify="left", show_header=False)
        for name in group:
            table.add_row(Text(name, style="bold cyan"), Text(_sentence(name)))
        console.print(table)
        console.print()


def show(name: str, out: TextIO) -> bool:
    """The page of that name; False if there is none."""
    found = page(name)
    text = found.text if found is not None else fixes.page(name) or _group(name)
    if text is None:
        return False
    console = Console(file=out, highlight=False)
    if console.is_terminal:
        console.print(Markdown(text, code_theme="ansi_dark"), width=min(console.width, WIDTH))
    else:
        out.write(text)
    return True


def _group(name: str) -> str | None:
    """What a word stands for that `--only` takes for several codes."""
    if name not in GROUPS:
        return None
    codes = ", ".join(f"`{code}`" for code in CODES if code in GROUPS[name])
    return f"# {name}\n\nIn `--only`, this stands for {codes}.\n"


def _sentence(name: str) -> str:
    found = page(name)
    return found.summary if found is not None else fixes.summary(name)
