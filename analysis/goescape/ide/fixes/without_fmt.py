"""Say it without fmt.

`fmt` takes its operands as interfaces, so each one that is not a pointer is copied to the heap. What is
formatted plainly can be said with `strconv` and `+`, without a copy: `fmt.Sprintf("%s:%d", host, port)`
is `host + ":" + strconv.Itoa(port)`, and `fmt.Println(n)` writes the digits of n to `os.Stdout`.

When it is offered
  - the format is a constant without flags and widths; every verb has its operand and every operand
    its verb;
  - every operand is a boolean, number, string or byte slice whose type has no `Format`, `Error` or
    `String` method that the verb would call, or its type has `Error` or `String` and that is called;
  - not more is allocated than before: for each piece of text made, a copy less;
  - for `Fprint` and its like, where it is written to has a `WriteString` method or is an interface.

The behaviour stays the same: the same bytes are made, and written with one call. Where operands call
something, the order of evaluation is kept: then no other operand may be a variable that the calls
could change. It changes when
  - a `String` or `Error` method panics: fmt would print that;
  - an interface or pointer whose method is called is nil, or its dynamic type formats itself;
  - the writer is an interface whose dynamic type has a `WriteString` that does other things than
    `Write`; or it is a `bufio.Writer`, for whoever looks at how its output is cut.

Source: fmt/print.go, fmt/format.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.layout import depth_at, plus, respaced
from goescape.ide.fixes.snapshot import Snapshot, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import walk
from goescape.typecheck.lookup import lookup_field_or_method
from goescape.typecheck.objects import Func, Var
from goescape.typecheck.predicates import is_interface
from goescape.typecheck.types import (
    Basic,
    Named,
    Pointer,
    Signature,
    Slice,
    Type,
    TypeParam,
    as_named,
    unalias,
)

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "without-fmt"

_PRINTERS = frozenset(
    "Sprintf Sprint Sprintln Printf Print Println Fprintf Fprint Fprintln".split()
)

_STRING_PANICS = "a String or Error method panics"
_NIL = "an operand with a method is nil, or formats itself"
_BUFIO = "it matters how the writer's output is cut into pieces"
OTHER_WRITE = "the writer's WriteString does other things than its Write"


@dataclass(slots=True)
class _Text:
    """What is printed: literal text and Go expressions of type string, in turn. `n_made` counts the
    expressions that allocate; `integer` is the one integer, if everything else is literal."""

    parts: list[tuple[str, str]] = field(default_factory=list)
    caveats: list[str] = field(default_factory=list)
    needs: set[str] = field(default_factory=set)
    n_made: int = 0
    integer: tuple[str, str] | None = None
    """How the last integer is appended: function and arguments."""

    def literal(self, text: str) -> None:
        if not text:
            return
        if self.parts and self.parts[-1][0] == "literal":
            text = self.parts.pop()[1] + text
        self.parts.append(("literal", text))

    def expression(self, text: str) -> None:
        self.parts.append(("expression", text))

    def joined(self, depth: int) -> str:
        """The sum at a depth of gofmt's (see `layout`)."""
        return plus(depth).join(quote(t) if kind == "literal" else t for kind, t in self.parts)


def propose(finding: Finding, snapshot: Snapshot) -> Iterator[Fix]:
    if finding.code != "escapes":
        return
    path = snapshot.path_of(finding)
    for i in range(len(path) - 1, 0, -1):
        call = path[i]
        if isinstance(call, ast.FuncLit):
            return
        if isinstance(call, ast.CallExpr):
            name = snapshot.calls(call, "fmt", *_PRINTERS)
            if name:
                fix = _Rewrite(snapshot, path[: i + 1], call, name).fix()
                if fix is not None:
                    yield fix
                return


class _Rewrite:
    """One call of fmt, to be said otherwise."""

    def __init__(
        self, snapshot: Snapshot, path: list[ast.Node], call: ast.CallExpr, name: str
    ) -> None:
        self.snapshot, self.path, self.call, self.name = snapshot, path, call, name
        self.root = path[0]
        self.file = snapshot.path_of_node(call)
        self.writer: ast.Expr | None = None
        args = list(call.arg_list)
        if name.startswith("F") and args:
            self.writer = args.pop(0)
        self.args = args
        self.text = _Text()
        self.depth = depth_at(path)
        if not name.startswith("S"):
            self.depth = 1 if isinstance(path[-2], ast.ExprStmt) else self.depth

    def fix(self) -> Fix | None:
        call, snapshot = self.call, self.snapshot
        if call.has_dots or snapshot.has_comment(call) or not self.args:
            return None
        if not isinstance(self.root, ast.FuncDecl):
            return None
        if not self._format():
            return None
        operands = self.args[1:] if self.name.endswith("f") else self.args
        if not self._order_is_kept(operands):
            return None
        text = self.text
        if not any(kind == "expression" for kind, _ in text.parts):
            return None
        boxed = sum(1 for x in operands if self._is_boxed(x))
        made = text.n_made + (len(text.parts) > 1)
        if self.name.startswith("S"):
            new = self._sprint(boxed + 1, made)
        else:
            new = self._print(boxed, made)
        if new is None:
            return None
        start, end = snapshot.span(call)
        needs = []
        for need in sorted(text.needs):
            local = snapshot.package_name(self.file, need, self.root)
            if not local:
                return None
            if local != need:
                new = new.replace(f"{need}.", f"{local}.")
            needs.append((self.file, need))
        caveat = ", or ".join(dict.fromkeys(text.caveats))
        return Fix(
            CODE, f"Say it without fmt: `{_short(new)}`", (Edit(self.file, start, end, new),),
            caveat, needs=tuple(needs),
        )  # fmt: skip

    # --- where it goes --------------------------------------------------------------------------

    def _sprint(self, before: int, made: int) -> str | None:
        if made > before:
            return None
        text = self.text.joined(self.depth)
        if len(self.text.parts) > 1 and isinstance(
            self.path[-2], ast.SelectorExpr | ast.IndexExpr | ast.SliceExpr | ast.AssertExpr
        ):
            return f"({text})"
        return text

    def _print(self, before: int, made: int) -> str | None:
        text = self.text
        writer = self._write_to()
        if writer is None:
            return None
        target, takes_bytes = writer
        if made > before:
            appended = self._appended() if takes_bytes else None
            if appended is None:
                return None
            return f"{target}.Write({appended})"
        if target.startswith("io.WriteString("):
            return f"{target}{text.joined(self.depth + 1)})"
        return f"{target}.WriteString({text.joined(self.depth)})"

    def _write_to(self) -> tuple[str, bool] | None:
        """What the text is written to, and whether it surely does not keep the bytes."""
        text, snapshot = self.text, self.snapshot
        if self.writer is None:
            text.needs.add("os")
            return "os.Stdout", True
        writer = unparen(self.writer)
        if snapshot.calls_something(writer):
            return None
        t = snapshot.type(writer)
        if t is None:
            return None
        t = unalias(t)
        if isinstance(writer, ast.Operation) and writer.op == "&" and writer.y is None:
            source = snapshot.source(writer.x)
            if not isinstance(unparen(writer.x), ast.Name | ast.SelectorExpr):
                return None
        else:
            source = snapshot.source(writer)
            if not isinstance(writer, ast.Name | ast.SelectorExpr):
                return None
        if is_interface(t):
            if isinstance(t, TypeParam):
                return None
            text.caveats.append(OTHER_WRITE)
            text.needs.add("io")
            return f"io.WriteString({source}, ", False
        obj, _, _ = lookup_field_or_method(t, True, snapshot.pkg, "WriteString")
        if not isinstance(obj, Func) or not writes_string(obj):
            return None
        named = as_named(t.elem if isinstance(t, Pointer) else t)
        full = ""
        if named is not None and named.obj.pkg is not None:
            full = f"{named.obj.pkg.path}.{named.obj.name}"
        if full == "bufio.Writer":
            text.caveats.append(_BUFIO)
        elif full not in ("bytes.Buffer", "strings.Builder", "os.File"):
            text.caveats.append(OTHER_WRITE)
        return source, full in ("bytes.Buffer", "strings.Builder", "os.File")

    def _appended(self) -> str | None:
        """The text as bytes appended to a buffer on the stack: one integer among literals."""
        text = self.text
        if text.integer is None:
            return None
        expressions = [i for i, (kind, _) in enumerate(text.parts) if kind == "expression"]
        if len(expressions) != 1:
            return None
        i = expressions[0]
        before = text.parts[0][1] if i > 0 else ""
        after = text.parts[-1][1] if i + 1 < len(text.parts) else ""
        size = 24 + len(before.encode()) + len(after.encode())
        buffer = f"make([]byte, 0, {(size + 7) // 8 * 8})"
        if before:
            buffer = f"append({buffer}, {quote(before)}...)"
        function, argument = text.integer
        base = "" if function == "strconv.AppendBool" else ", 10"
        buffer = f"{function}({buffer}, {argument}{base})"
        if after:
            last = (
                quote_byte(after) if len(after) == 1 and after.isascii() else f"{quote(after)}..."
            )
            buffer = f"append({buffer}, {last})"
        return buffer

    # --- what is printed ------------------------------------------------------------------------

    def _format(self) -> bool:
        if self.name.endswith("f"):
            constant = self.snapshot.constant(self.args[0])
            return isinstance(constant, str) and self._by_verbs(constant)
        newline = self.name.endswith("ln")
        previous_string = False
        for i, x in enumerate(self.args):
            t = self.snapshot.type(x)
            is_string = t is not None and _kind(t) == "string" and not is_interface(t)
            if i and (newline or not (is_string or previous_string)):
                # Whether an operand of interface type holds a string shows at run time only.
                if not newline and t is not None and is_interface(t):
                    return False
                self.text.literal(" ")
            if not newline and len(self.args) > 1 and (t is None or is_interface(t)):
                return False
            previous_string = is_string
            if not self._operand(x, "v", ""):
                return False
        if newline:
            self.text.literal("\n")
        return True

    def _by_verbs(self, format: str) -> bool:
        operands = iter(self.args[1:])
        i = 0
        while i < len(format):
            j = format.find("%", i)
            if j < 0:
                self.text.literal(format[i:])
                break
            self.text.literal(format[i:j])
            i = j + 1
            precision = ""
            if format[i : i + 1] == ".":
                i += 1
                while format[i : i + 1].isdigit():
                    precision += format[i]
                    i += 1
                if not precision:
                    return False
            verb = format[i : i + 1]
            i += 1
            if verb == "%" and not precision:
                self.text.literal("%")
                continue
            x = next(operands, None)
            if x is None or not self._operand(x, verb, precision):
                return False
        return next(operands, None) is None

    def _operand(self, x: ast.Expr, verb: str, precision: str) -> bool:
        text, snapshot = self.text, self.snapshot
        t = snapshot.type(x)
        if t is None:
            return False
        value = snapshot.constant(x)
        # Beside other pieces an operand is one step deeper, and so it is among arguments.
        alone = len(self.args) == 1 + self.name.endswith("f") and verb != "x"
        deeper = 0 if alone and self._is_whole() else 1
        source = respaced(snapshot, x, self.depth + deeper)
        among = respaced(snapshot, x, self.depth + deeper + 1)
        if isinstance(value, str) and verb in "sv" and not precision and not _methods(t):
            return self._constant(x, source, t)
        if isinstance(value, int) and not isinstance(value, bool) and verb in "dv":
            if not precision and not _methods(t):
                text.literal(str(value))
                return True
        if verb in "sv" and not precision:
            called = self._by_method(x, t)
            if called is not None:
                return called
        elif _has(t, "Format") or (verb == "q" and (_has(t, "Error") or _has(t, "String"))):
            return False
        kind = _kind(t)
        if precision and not (kind.startswith("float") and verb in "fge"):
            return False
        return self._basic(t, kind, verb, precision, source, among)

    def _constant(self, x: ast.Expr, source: str, t: Type) -> bool:
        if isinstance(unparen(x), ast.BasicLit):
            value = self.snapshot.constant(x)
            if not isinstance(value, str) or any(0xD800 <= ord(c) < 0xE000 for c in value):
                return False
            self.text.literal(value)
            return True
        self.text.expression(source if _is_plain(t, "string") else f"string({source})")
        return True

    def _by_method(self, x: ast.Expr, t: Type) -> bool | None:
        """What `%s` and `%v` make of a type with methods; None if it has none that count."""
        if isinstance(unalias(t), TypeParam) or _has(t, "Format"):
            return False
        method = "Error" if _has(t, "Error") else "String" if _has(t, "String") else ""
        if not method:
            if is_interface(t):
                return False
            return None
        obj, _, _ = lookup_field_or_method(t, False, self.snapshot.pkg, method)
        if not isinstance(obj, Func) or not _returns_string(obj):
            return False
        source = respaced(self.snapshot, x, self.depth + 1)
        if not isinstance(
            unparen(x), ast.Name | ast.SelectorExpr | ast.CallExpr | ast.IndexExpr | ast.ParenExpr
        ):
            source = f"({source})"
        if is_interface(t) or isinstance(t.underlying, Pointer):
            self.text.caveats.append(_NIL)
        else:
            self.text.caveats.append(_STRING_PANICS)
        self.text.expression(f"{source}.{method}()")
        return True

    def _basic(
        self, t: Type, kind: str, verb: str, precision: str, source: str, among: str
    ) -> bool:
        """`among`: the operand as one of several arguments."""
        text = self.text
        if kind == "string":
            plain = source if _is_plain(t, "string") else f"string({source})"
            if verb in "sv":
                text.expression(plain)
                return True
            if verb == "q":
                return self._made(f"strconv.Quote({plain})")
            return False
        if kind == "bytes":
            if verb != "s":
                return False
            text.expression(f"string({source})")
            text.n_made += 1
            return True
        if kind == "bool":
            if verb not in "tv":
                return False
            plain = source if _is_plain(t, "bool") else f"bool({source})"
            text.needs.add("strconv")
            text.expression(f"strconv.FormatBool({plain})")
            return True
        if kind in ("float32", "float64"):
            if verb not in "vgfe" or (verb == "v" and precision):
                return False
            letter = "g" if verb == "v" else verb
            digits = precision or ("-1" if letter == "g" else "6")
            wide = among if _is_plain(t, "float64") else f"float64({among})"
            return self._made(f"strconv.FormatFloat({wide}, '{letter}', {digits}, {kind[5:]})")
        if kind.startswith(("int", "uint")):
            return self._integer(t, kind, verb, source, among)
        return False

    def _integer(self, t: Type, kind: str, verb: str, source: str, among: str) -> bool:
        if verb == "c" and kind == "int32":
            self.text.expression(f"string({source})")
            self.text.n_made += 1
            return True
        base = {"d": 10, "v": 10, "x": 16, "b": 2, "o": 8}.get(verb)
        if base is None:
            return False
        wide = "uint64" if kind.startswith("uint") else "int64"
        plain = among if _is_plain(t, wide) else f"{wide}({among})"
        if base == 10:
            function = "strconv.AppendUint" if wide == "uint64" else "strconv.AppendInt"
            self.text.integer = (function, plain)
        if base == 10 and kind == "int":
            plain = source if _is_plain(t, "int") else f"int({source})"
            return self._made(f"strconv.Itoa({plain})")
        function = "FormatUint" if wide == "uint64" else "FormatInt"
        return self._made(f"strconv.{function}({plain}, {base})")

    def _made(self, text: str) -> bool:
        self.text.needs.add("strconv")
        self.text.expression(text)
        self.text.n_made += 1
        return True

    def _is_boxed(self, x: ast.Expr) -> bool:
        """Whether an operand is copied to the heap to become an interface."""
        t = self.snapshot.type(x)
        if t is None or is_interface(t) or self.snapshot.constant(x) is not None:
            return False
        return _kind(t) != "bool" and not isinstance(t.underlying, Pointer)

    def _is_whole(self) -> bool:
        """Whether the operand is all that is printed."""
        if not self.name.endswith("f"):
            return not self.name.endswith("ln")
        format = self.snapshot.constant(self.args[0])
        return isinstance(format, str) and len(format) == 2

    # --- order ----------------------------------------------------------------------------------

    def _order_is_kept(self, operands: list[ast.Expr]) -> bool:
        """Calls happen in the order in which they are written, before and after. What is read beside
        them must not be theirs to change."""
        if not any(self.snapshot.calls_something(x) for x in operands):
            return True
        return all(
            self.snapshot.calls_something(x)
            or self.snapshot.constant(x) is not None
            or self._is_private(unparen(x))
            for x in operands
        )

    def _is_private(self, x: ast.Expr) -> bool:
        obj = self.snapshot.object(x)
        if not isinstance(obj, Var) or not is_local(obj):
            return False
        for n in walk(self.root):
            if isinstance(n, ast.FuncLit) and self.snapshot.uses_in(n, obj):
                return False
            if isinstance(n, ast.Operation) and n.op == "&" and n.y is None:
                if self.snapshot.uses_in(n, obj):
                    return False
        return True


def _kind(t: Type) -> str:
    """The kind of a basic type, "bytes" for `[]byte`, else ""."""
    u = unalias(t).underlying if not isinstance(unalias(t), TypeParam) else None
    if isinstance(u, Basic):
        return {"untyped string": "string", "untyped int": "int", "untyped rune": "int32",
                "untyped float": "float64", "untyped bool": "bool"}.get(u.kind, u.kind)  # fmt: skip
    if isinstance(u, Slice):
        elem = unalias(u.elem)
        if isinstance(elem, Basic) and elem.kind == "uint8" and unalias(t) is u:
            return "bytes"
    return ""


def _is_plain(t: Type, kind: str) -> bool:
    """Whether `t` is the predeclared type itself."""
    t = unalias(t)
    return isinstance(t, Basic) and t.kind in (kind, f"untyped {kind}")


def _methods(t: Type) -> bool:
    return _has(t, "Format") or _has(t, "Error") or _has(t, "String")


def _has(t: Type, name: str) -> bool:
    """Whether a value of type `t` has the method `name`, exported and with fmt's eyes."""
    t = unalias(t)
    if not isinstance(t, Named | Pointer | TypeParam) and not is_interface(t):
        return False
    obj, _, _ = lookup_field_or_method(t, False, None, name)
    if not isinstance(obj, Func):
        return False
    if name == "Format":
        return len(obj.signature.params.vars) == 2
    return _returns_string(obj)


def _returns_string(obj: Func) -> bool:
    sig = obj.type
    return (
        isinstance(sig, Signature)
        and not sig.params.vars
        and len(sig.results.vars) == 1
        and _is_plain(sig.results.vars[0].type, "string")
    )


def writes_string(obj: Func) -> bool:
    """Whether a method is `WriteString(string) (int, error)`."""
    sig = obj.type
    return (
        isinstance(sig, Signature)
        and len(sig.params.vars) == 1
        and _is_plain(sig.params.vars[0].type, "string")
        and len(sig.results.vars) == 2
    )


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def quote(text: str) -> str:
    """A Go string literal."""
    out = []
    for c in text:
        if c in _ESCAPES:
            out.append(_ESCAPES[c])
        elif 0xDC80 <= ord(c) <= 0xDCFF:
            out.append(f"\\x{ord(c) - 0xDC00:02x}")
        elif c.isprintable():
            out.append(c)
        elif ord(c) < 0x80:
            out.append(f"\\x{ord(c):02x}")
        elif ord(c) < 0x10000:
            out.append(f"\\u{ord(c):04x}")
        else:
            out.append(f"\\U{ord(c):08x}")
    return '"' + "".join(out) + '"'


def quote_byte(c: str) -> str:
    """A Go rune literal of an ASCII character."""
    return "'\\''" if c == "'" else "'\"'" if c == '"' else f"'{quote(c)[1:-1]}'"


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."
