"""What the compiler's parser says of a file with mistakes, which it reads straight through.

A file is lowered in stretches, so that a mistake in one declaration spares the next. The compiler's
parser knows no stretches: where it loses its way it skips to a word at which it can go on, and what it
takes the next declarations for from there is told as well. People who compare are to see the same.

Invariants
  - nothing of the file's tree or its stretches changes, and nothing but errors is kept;
  - of a file whose package clause is broken nothing else is told.

Example: behind `func f() { if x {`, where two braces are missing, the compiler reads `func g() {}` as a
literal in f that must not have a name, and says so; in stretches g is sound.

Cost: as for lowering all of the file.

Source: cmd/compile/internal/syntax/parser.go: fileOrNil (go1.27).
"""

from __future__ import annotations

from goescape.syntax import ast
from goescape.syntax.parse import ParsedFile, clean_text, declarations, parser_of
from goescape.syntax.scan import scan
from goescape.syntax.stretch import Stretch, late_imports
from goescape.syntax.toplevel import Cut


def straight_errors(parsed: ParsedFile) -> list[ast.SyntaxError_]:
    """The errors of a file that has some, in the order in which they are found, but for those of the scanner,
    which come first. Their positions lie in the base of the whole file."""
    file, source, stretches = parsed.file, parsed.source, parsed.stretches
    if not stretches or stretches[0].kind != "package" or stretches[0].errors:
        return file.errors
    base = file.end - len(source.text)
    clean, bad = clean_text(source.text)
    whole = Stretch(Cut("region", 0, len(clean), len(clean)), base, False)
    for at, msg in [*bad, *source.line_directive_errors()]:
        whole.errors.append(ast.SyntaxError_(base + at, base + at + 1, msg))
    try:
        tokens = scan(clean, 0, len(clean), {})
        p = parser_of(whole, tokens, base)
        p.goto(tokens.classes.index("package") + 1)
        p.take_pragma()
        p.name()
        p.got(";")
        declarations(p, whole, None)
    except RecursionError:
        return file.errors
    return [*whole.errors, *late_imports([whole])] or file.errors
