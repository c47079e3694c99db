"""The pages of the fixes: what each does, when it is offered, and what it means for the program.

They are what the modules say of themselves, so that there is one text to keep true.
"""

from __future__ import annotations

import inspect

from goescape.ide.fixes.registry import FIXES
from goescape.report.rules import Page


def names() -> tuple[str, ...]:
    """The code of every fix, in the order in which they are offered."""
    return tuple(module.CODE for module in FIXES)


def page(code: str) -> str | None:
    """The page of a fix as Markdown, its code as the heading; None if there is none."""
    for module in FIXES:
        if code == module.CODE:
            return f"# {code}\n\n{inspect.getdoc(module)}\n"
    return None


def summary(code: str) -> str:
    """What a fix does, in one sentence; "" if there is none."""
    text = page(code)
    return text.split("\n\n")[1] if text is not None else ""


def as_page(code: str) -> Page | None:
    """The page of a fix in the form of the rules' pages."""
    text = page(code)
    return Page(code, summary(code), text, "", "", ()) if text is not None else None
