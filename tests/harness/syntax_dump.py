"""A syntax tree as text, ours and the compiler's, to be compared line by line.

The compiler's comes from `syntaxdump/main.go`, built against a copy of the toolchain's own
`cmd/compile/internal/syntax`. A node is a line `Kind line:col`, followed by its fields in the order
of nodes.go: nodes, `[n` and n elements, `s text`, `o operator`, `t keyword`, `i number`, `@line:col`,
`gN` (the N-th group; 0 for none), `P directives`, `~` for nothing; a field that shares the type of
the one before is `= line:col` and its name. Errors follow as `ERR line:col message`, sorted.

`python -m harness.syntax_dump` (in tests/) records the dumps that lie beside the fixtures.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from goescape.source.file import SourceFile
from goescape.source.mention import spelled
from goescape.source.positions import Pos, Positions
from goescape.syntax import ast
from goescape.syntax.parse import ParsedFile, parse_file

from harness.oracle import Target, environment, goroot

FIXTURES = Path(__file__).parent.parent / "fixtures" / "syntax"
RECORDED = ".gc1.27.3.syntax.txt"

_LITERALS = {"int": 0, "float": 1, "imag": 2, "rune": 3, "string": 4}
_DIRECTIONS = {"": 0, "send": 1, "recv": 2}
_LAYOUT: dict[str, str] = {
    "File": "n:pkg_name l:decl_list s:go_version",
    "ImportDecl": "g:group P:pragma n:local_pkg_name n:path",
    "ConstDecl": "g:group P:pragma l:name_list n:type n:values",
    "TypeDecl": "g:group P:pragma n:name f:tparam_list b:alias n:type",
    "VarDecl": "g:group P:pragma l:name_list n:type n:values",
    "FuncDecl": "P:pragma n:recv n:name f:tparam_list n:type n:body",
    "BadExpr": "",
    "Name": "s:value",
    "BasicLit": "s:value k:kind b:bad",
    "CompositeLit": "n:type l:elem_list i:n_keys p:rbrace",
    "KeyValueExpr": "n:key n:value",
    "FuncLit": "n:type n:body",
    "ParenExpr": "n:x",
    "SelectorExpr": "n:x n:sel",
    "IndexExpr": "n:x n:index",
    "SliceExpr": "n:x l:index b:full",
    "AssertExpr": "n:x n:type",
    "TypeSwitchGuard": "n:lhs n:x",
    "Operation": "o:op n:x n:y",
    "CallExpr": "n:fun l:arg_list b:has_dots",
    "ListExpr": "l:elem_list",
    "ArrayType": "n:len n:elem",
    "SliceType": "n:elem",
    "DotsType": "n:elem",
    "StructType": "f:field_list l:tag_list",
    "Field": "n:name n:type",
    "InterfaceType": "f:method_list",
    "FuncType": "f:param_list f:result_list",
    "MapType": "n:key n:value",
    "ChanType": "d:dir n:elem",
    "EmptyStmt": "",
    "LabeledStmt": "n:label n:stmt",
    "BlockStmt": "l:list p:rbrace",
    "ExprStmt": "n:x",
    "SendStmt": "n:chan n:value",
    "DeclStmt": "l:decl_list",
    "AssignStmt": "o:op n:lhs n:rhs",
    "BranchStmt": "t:tok n:label",
    "CallStmt": "t:tok n:call",
    "ReturnStmt": "n:results",
    "IfStmt": "n:init n:cond n:then n:els",
    "ForStmt": "n:init n:cond n:post n:body",
    "SwitchStmt": "n:init n:tag l:body p:rbrace",
    "SelectStmt": "l:body p:rbrace",
    "RangeClause": "n:lhs b:define n:x",
    "CaseClause": "n:cases l:body p:colon",
    "CommClause": "n:comm l:body p:colon",
}
_FIELDS = {
    kind: [(part[0], part[2:]) for part in layout.split()] for kind, layout in _LAYOUT.items()
}


class _Dumper:
    def __init__(self, source: SourceFile, positions: Positions) -> None:
        self.source, self.positions = source, positions
        self.lines: list[str] = []
        self.groups: dict[ast.Group, int] = {}

    def at(self, pos: Pos) -> str:
        line, col = self.source.line_col(self.positions.offset(pos))
        return f"{line}:{col}"

    def node(self, n: ast.Node | None) -> None:
        if n is None:
            self.lines.append("~")
            return
        kind = type(n).__name__
        self.lines.append(f"{kind} {self.at(n.pos)}")
        for form, name in _FIELDS[kind]:
            self.value(form, getattr(n, name))

    def value(self, form: str, v: object) -> None:
        add = self.lines.append
        if form == "n":
            assert v is None or isinstance(v, ast.Node)
            self.node(v)
        elif form == "l" or form == "f":
            assert isinstance(v, list | tuple)
            add(f"[{len(v)}")
            typ: ast.Expr | None = None
            for e in v:
                if form == "f" and e.type is typ:
                    add(f"= {self.at(e.pos)}")
                    self.node(e.name)
                    continue
                typ = e.type if form == "f" else None
                self.node(e)
        elif form == "g":
            assert v is None or isinstance(v, ast.Group)
            add("g0" if v is None else f"g{self.groups.setdefault(v, len(self.groups) + 1)}")
        elif form == "P":
            assert isinstance(v, ast.Pragma)
            if v.lines:
                add("P " + "|".join(text for _, text in v.lines))
        elif form == "p":
            assert isinstance(v, int)
            add("@" + self.at(v))
        elif form == "b":
            add("true" if v else "false")
        elif form == "o":
            add("o :" if v == ":=" else f"o {v}")
        elif form == "k":
            add(f"i {_LITERALS[str(v)]}")
        elif form == "d":
            add(f"i {_DIRECTIONS[str(v)]}")
        else:
            add(f"{form} {v}")


def lower_all(parsed: ParsedFile) -> None:
    """Read what is lowered when it is read."""
    for decl in parsed.file.decl_list:
        if isinstance(decl, ast.FuncDecl):
            _ = decl.body
        elif isinstance(decl, ast.VarDecl):
            _ = decl.values


def error_lines(parsed: ParsedFile, positions: Positions) -> list[str]:
    """The syntax errors of a file as sorted `line:col message`, all bodies and values being lowered."""
    lower_all(parsed)
    source = parsed.source
    found = []
    for e in parsed.file.errors:
        line, col = source.line_col(positions.offset(e.pos))
        found.append(f"{line:07}:{col:04} {spelled(e.msg, positions)}".replace("\n", "\\n"))
    return sorted(found)


def tree_lines(parsed: ParsedFile, positions: Positions) -> list[str]:
    """The dump of a parsed file, errors included."""
    dumper = _Dumper(parsed.source, positions)
    dumper.node(parsed.file)
    errors = error_lines(parsed, positions)
    return [*dumper.lines, *(f"ERR {e}" for e in errors)]


def dump(name: str, text: bytes) -> str:
    """Our dump of one file."""
    positions = Positions()
    return "\n".join(tree_lines(parse_file(SourceFile(name, text), positions), positions)) + "\n"


def build_dumper(directory: Path) -> Path:
    """Build the compiler's dumper in `directory`; the path of the program."""
    syntax = goroot() / "src" / "cmd" / "compile" / "internal" / "syntax"
    (directory / "syntax").mkdir()
    for path in syntax.glob("*.go"):
        if not path.name.endswith("_test.go"):
            shutil.copy(path, directory / "syntax")
    shutil.copy(Path(__file__).parent / "syntaxdump" / "main.go", directory)
    (directory / "go.mod").write_text("module syntaxdump\n\ngo 1.27\n")
    program = directory / "syntaxdump"
    subprocess.run(
        [goroot() / "bin" / "go", "build", "-o", program, "."],
        cwd=directory, env=environment(Target()), check=True, capture_output=True,
    )  # fmt: skip
    return program


def compiler_dumps(program: Path, names: Iterable[str], directory: Path) -> dict[str, str]:
    """The compiler's dump of each file, by name."""
    result = subprocess.run(
        [program], cwd=directory, input="\n".join(names) + "\n", check=True, capture_output=True,
        text=True, encoding="utf-8", errors="surrogateescape",
    )  # fmt: skip
    dumps: dict[str, str] = {}
    for part in ("\n" + result.stdout).split("\nFILE ")[1:]:
        name, _, text = part.partition("\n")
        dumps[name] = text if text.endswith("\n") or not text else text + "\n"
    return dumps


def record() -> None:
    """Record the compiler's dumps of the fixtures."""
    with tempfile.TemporaryDirectory() as scratch:
        program = build_dumper(Path(scratch))
        names = sorted(path.name for path in FIXTURES.glob("*.go"))
        for name, text in compiler_dumps(program, names, FIXTURES).items():
            (FIXTURES / (name.removesuffix(".go") + RECORDED)).write_text(text)


if __name__ == "__main__":
    record()
