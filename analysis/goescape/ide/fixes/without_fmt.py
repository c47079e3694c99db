"""Say it without fmt.

`fmt` takes its operands as interfaces, so each one that is not a pointer is copied to the heap. What is
formatted plainly can be said with `strconv` and `+`, without a copy: `fmt.Sprintf("%s:%d", host, port)`
is `host + ":" + strconv.Itoa(port)`, and `fmt.Println(n)` writes the digits of n to `os.Stdout`.

When it is offered
  - the format is a constant without flags and widths; every verb has its operand and every operand
    its verb;
  - every operand is a boolean, number, string or byte slice whose type has no `Format`, `Error` or
    `String` method that the verb would call, or its type has `Error` or `String` and that is called;
  - not more is allocated than before: for each piece of text made, a copy less; a sum that is an error,
    a result or the value of a panic is surely on the heap, where two copies or more must be gone;
  - for `Fprint` and its like, where it is written to has a `WriteString` method or is an interface;
  - the call is not put off by `defer` or `go`, and each operand is on one line.

The behaviour stays the same: the same bytes are made, and written with one call. Where operands call
something, the order of evaluation is kept: then no other operand may be a variable that the calls
could change. It changes when
  - a `String` or `Error` method panics: fmt would print that;
  - such a method changes what other operands are: fmt evaluates all of them before it calls methods;
  - bytes that are formatted lie where the text is appended to: fmt makes the text elsewhere first;
  - others use the room behind the slice that is appended to: fmt appends all or, if it does not fit, nothing there;
  - an interface or pointer whose method is called is nil, or its dynamic type formats itself;
  - the writer is an interface whose dynamic type has a `WriteString` that does other things than
    `Write`; or it is a `bufio.Writer`, for whoever looks at how its output is cut.

Source: fmt/print.go, fmt/format.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from goescape.ide.fixes.edit import Edit
from goescape.ide.fixes.fix import Fix
from goescape.ide.fixes.layout import depth_at, respaced
from goescape.ide.fixes.own_room import has_own_room
from goescape.ide.fixes.printed_text import Text
from goescape.ide.fixes.snapshot import Snapshot, is_local, unparen
from goescape.syntax import ast
from goescape.syntax.walk import children, walk
from goescape.typecheck.lookup import lookup_field_or_method
from goescape.typecheck.objects import Func, Var
from goescape.typecheck.predicates import is_interface
from goescape.typecheck.types import (
    Array,
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
from goescape.typecheck.version import GO1_22

if TYPE_CHECKING:
    from goescape.report.finding import Finding

CODE = "without-fmt"

_PRINTERS = frozenset(
    "Sprintf Sprint Sprintln Printf Print Println Fprintf Fprint Fprintln "
    "Appendf Append Appendln Errorf".split()
)

_POSTFIX = ast.SelectorExpr | ast.IndexExpr | ast.SliceExpr | ast.AssertExpr

_STRING_PANICS = "a String or Error method panics"
_NIL = "an operand with a method is nil, or formats itself"
_ORDER = "a String or Error method changes what else is formatted, or is changed by it"
_SHARED = "what is appended to shares its bytes with an operand"
_ROOM = "others use the room behind what is appended to"
_BUFIO = "it matters how the writer's output is cut into pieces"
_QUOTED = 3
"""`strconv.Quote` has no buffer that is there already, as fmt has: that may have to grow twice."""

_TITLE = 60
"""What is longer is named by the text that it makes, and cut."""

_DIGITS = {10: 24, 16: 24, 8: 24, 2: 72}
"""Room for the digits of an integer and its sign, by base."""

OTHER_WRITE = "the writer's WriteString does other things than its Write"


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
        if name.startswith(("F", "A")) and args:
            self.writer = args.pop(0)
        self.args = args
        self.buffer = self._buffer()
        self.text = Text()
        self.names: dict[str, str] = {}
        self.calls_methods = False
        self.depth = depth_at(path)
        if name[0] in "PF":
            self.depth = 1 if isinstance(path[-2], ast.ExprStmt) else self.depth

    def _buffer(self) -> ast.Expr | None:
        """The slice that the text is appended to: by fmt, or because the call is in `append(b, call...)`."""
        if self.name.startswith("A"):
            return self.writer
        above = self.path[-2]
        if self.name.startswith("S") and isinstance(above, ast.CallExpr) and above.has_dots:
            if self.snapshot.builtin(above) == "append" and above.arg_list[1:] == [self.call]:
                return above.arg_list[0]
        return None

    def fix(self) -> Fix | None:
        call, snapshot = self.call, self.snapshot
        if call.has_dots or snapshot.has_comment(call) or not self.args:
            return None
        if isinstance(self.path[-2], ast.CallStmt):
            return None  # The text would be made at another time.
        if not isinstance(self.root, ast.FuncDecl | ast.VarDecl):
            return None
        if not self._format():
            return None
        operands = self.args[1:] if self.name.endswith("f") else self.args
        if not self._order_is_kept(operands):
            return None
        if any(not isinstance(x, ast.BasicLit) and "\n" in snapshot.source(x) for x in operands):
            return None  # Its lines would stand elsewhere.
        text = self.text
        if text.is_constant:
            return None
        boxed = sum(1 for x in operands if self._is_boxed(x))
        if len(text.parts) > 1 and boxed < 2 and self._gets_away():
            return None
        if self.buffer is not None:
            new = self._append(self.buffer, operands, boxed)
        elif self.name == "Errorf":
            sum_ = self._sprint(boxed + 1)
            new = f"{self._package('errors')}.New({sum_})" if sum_ is not None else None
        elif self.name.startswith("S"):
            new = self._sprint(boxed + 1)
        else:
            new = self._print(boxed)
        if new is None:
            return None
        above = self.path[-2]
        if isinstance(above, ast.AssignStmt) and snapshot.source(above.lhs) == new:
            return None  # `s = fmt.Sprintf("%s", s)` would be `s = s`.
        is_inner = self.buffer is not None and self.name.startswith("S")
        start, end = snapshot.span(self.path[-2] if is_inner else call)
        if not all(self.names.values()):
            return None
        caveat = ", or ".join(dict.fromkeys(text.caveats))
        said = new if len(new) <= _TITLE else text.joined(1)
        return Fix(
            CODE, f"Say it without fmt: `{_short(said)}`", (Edit(self.file, start, end, new),),
            caveat, needs=tuple((self.file, need) for need in sorted(self.names)),
        )  # fmt: skip

    def _package(self, path: str) -> str:
        """What the file calls a package that the new text needs; "" if it cannot speak of it."""
        if path not in self.names:
            self.names[path] = self.snapshot.package_name(self.file, path, self.root)
        return self.names[path]

    # --- where it goes --------------------------------------------------------------------------

    def _gets_away(self) -> bool:
        """Whether a text that is made here outlives the function, whoever calls it."""
        above = self.path[-2]
        return (
            self.name == "Errorf"
            or (self.name.startswith("S") and isinstance(above, ast.ReturnStmt))
            or (self.name.startswith("S") and self.snapshot.builtin(above) == "panic")
        )

    def _append(self, buffer: ast.Expr, operands: list[ast.Expr], before: int) -> str | None:
        """Everything appended to `buffer` at once. What is called in between could see it."""
        snapshot, text = self.snapshot, self.text
        if text.n_made_appended > before or snapshot.calls_something(buffer):
            return None
        if len(text.parts) > 1 and any(snapshot.calls_something(x) for x in operands):
            return None
        if not self._is_bytes(buffer):
            return None
        if len(text.parts) > 1 or text.parts[0].append:
            if any(self._reads_bytes(x) for x in operands):
                text.caveats.append(_SHARED)
            if self.calls_methods:
                text.caveats.append(_ORDER)
        if text.is_appended_in_pieces and not has_own_room(snapshot, self.root, buffer):
            text.caveats.append(_ROOM)
        return text.appended(respaced(snapshot, buffer, self.depth + 1))

    def _reads_bytes(self, x: ast.Node) -> bool:
        """Whether the value of an operand depends on bytes in memory, which a buffer may share."""
        if self.snapshot.builtin(x) in ("len", "cap"):
            return False
        t = self.snapshot.type(x) if isinstance(x, ast.Expr) else None
        u = t.underlying if t is not None and not isinstance(unalias(t), TypeParam) else None
        elem = unalias(u.elem) if isinstance(u, Slice | Array | Pointer) else None
        if elem is not None and _kind(elem) == "uint8":
            return True
        return any(self._reads_bytes(below) for below in children(x))

    def _sprint(self, before: int) -> str | None:
        if self.text.n_made > before:
            return None
        above = self.path[-2]
        operand = getattr(above, "x", None) if isinstance(above, _POSTFIX) else None
        if len(self.text.parts) > 1 and operand is self.call and self.name != "Errorf":
            return f"({self.text.joined(1)})"
        return self.text.joined(self._depth_of_sum())

    def _depth_of_sum(self) -> int:
        """The depth of a sum in the place of the call: within another sum it is a part of that."""
        n = len(self.path) - 1
        while n and isinstance(above := self.path[n - 1], ast.Operation) and above.op == "+":
            n -= 1
        return depth_at(self.path[: n + 1])

    def _print(self, before: int) -> str | None:
        text = self.text
        writer = self._write_to()
        if writer is None:
            return None
        target, takes_bytes = writer
        if text.n_made > before:
            appended = self._on_the_stack() if takes_bytes else None
            if appended is None:
                return None
            return f"{target}.Write({appended})"
        if target.endswith(", "):
            return f"{target}{text.joined(self.depth + 1)})"
        return f"{target}.WriteString({text.joined(self.depth)})"

    def _write_to(self) -> tuple[str, bool] | None:
        """What the text is written to, and whether it surely does not keep the bytes."""
        text, snapshot = self.text, self.snapshot
        if self.writer is None:
            return f"{self._package('os')}.Stdout", True
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
            return f"{self._package('io')}.WriteString({source}, ", False
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

    def _on_the_stack(self) -> str | None:
        """The text as bytes appended to a buffer on the stack, if they surely fit."""
        text = self.text
        if text.n_made_appended or not text.room:
            return None
        return text.appended(f"make([]byte, 0, {(text.room + 7) // 8 * 8})")

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
            if not verb or x is None or not self._operand(x, verb, precision):
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
            return self._constant(x, source, among, t)
        if isinstance(value, int) and not isinstance(value, bool) and verb in "dv":
            if not precision and not _methods(t):
                text.literal(str(value))
                return True
        if verb in "sv" and not precision:
            called = self._by_method(x, t)
            if called is not None:
                return called
        elif _has(t, "Format") or (verb in "qx" and (_has(t, "Error") or _has(t, "String"))):
            return False
        kind = _kind(t)
        if precision and not (kind.startswith("float") and verb in "fge"):
            return False
        return self._basic(x, t, kind, verb, precision, source, among)

    def _constant(self, x: ast.Expr, source: str, among: str, t: Type) -> bool:
        if isinstance(unparen(x), ast.BasicLit):
            value = self.snapshot.constant(x)
            if not isinstance(value, str) or any(0xD800 <= ord(c) < 0xE000 for c in value):
                return False
            self.text.literal(value)
            return True
        self._string(x, t, source, among)
        return True

    def _string(self, x: ast.Expr, t: Type, source: str, among: str) -> None:
        """A string that is there. A sum becomes part of the sum."""
        if _is_plain(t, "string"):
            if isinstance(x, ast.Operation):
                source = respaced(self.snapshot, x, 1)
            self.text.expression(source, among, is_sum=isinstance(x, ast.Operation))
        else:
            self.text.expression(f"string({source})")

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
        self.calls_methods = True
        self.text.expression(f"{source}.{method}()")
        return True

    def _basic(
        self,
        x: ast.Expr,
        t: Type,
        kind: str,
        verb: str,
        precision: str,
        source: str,
        among: str,
    ) -> bool:
        """`among`: the operand as one of several arguments."""
        text = self.text
        if kind == "string":
            if verb in "sv":
                self._string(x, t, source, among)
                return True
            plain = source if _is_plain(t, "string") else f"string({source})"
            if verb == "q":
                package = self._package("strconv")
                text.number(
                    f"{package}.Quote({plain})", f"{package}.AppendQuote", plain, makes=_QUOTED
                )
            return verb == "q"
        if kind == "bytes":
            if verb == "s":
                text.expression(f"string({source})", among, makes=1)
            elif verb == "x":
                package = self._package("encoding/hex")
                plain = respaced(self.snapshot, x, 1)
                if not self.snapshot.allows(self.file, GO1_22):
                    text.expression(f"{package}.EncodeToString({plain})", makes=1)
                    return True
                text.number(f"{package}.EncodeToString({plain})", f"{package}.AppendEncode", among)
            return verb in "sx"
        if kind == "bool":
            if verb not in "tv":
                return False
            plain = source if _is_plain(t, "bool") else f"bool({source})"
            package = self._package("strconv")
            text.number(f"{package}.FormatBool({plain})", f"{package}.AppendBool", plain, makes=0)
            return True
        if kind in ("float32", "float64"):
            if verb not in "vgfe" or (verb == "v" and precision):
                return False
            letter = "g" if verb == "v" else verb
            digits = precision or ("-1" if letter == "g" else "6")
            wide = among if _is_plain(t, "float64") else f"float64({among})"
            arguments = f"{wide}, '{letter}', {digits}, {kind[5:]}"
            return self._number(f"FormatFloat({arguments})", "AppendFloat", arguments, 0)
        if kind.startswith(("int", "uint")):
            return self._integer(t, kind, verb, source, among)
        return False

    def _integer(self, t: Type, kind: str, verb: str, source: str, among: str) -> bool:
        if verb == "c" and kind == "int32":
            self.text.expression(f"string({source})", makes=1)
            return True
        base = {"d": 10, "v": 10, "x": 16, "b": 2, "o": 8}.get(verb)
        if base is None:
            return False
        wide = "uint64" if kind.startswith("uint") else "int64"
        arguments = f"{among if _is_plain(t, wide) else f'{wide}({among})'}, {base}"
        name = "Uint" if wide == "uint64" else "Int"
        text = f"Format{name}({arguments})"
        if base == 10 and kind == "int":
            text = f"Itoa({source if _is_plain(t, 'int') else f'int({source})'})"
        return self._number(text, f"Append{name}", arguments, _DIGITS[base])

    def _number(self, text: str, append: str, arguments: str, room: int) -> bool:
        """What a function of strconv makes, and how it is appended."""
        package = self._package("strconv")
        self.text.number(f"{package}.{text}", f"{package}.{append}", arguments, room)
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
        them must not be theirs to change, and bytes are read at another time."""
        snapshot = self.snapshot
        changing = [x for x in operands if snapshot.constant(x) is None]
        if len(changing) < 2:
            return True
        if self.calls_methods and not all(self._is_private(unparen(x)) for x in changing):
            self.text.caveats.append(_ORDER)
        if not any(snapshot.calls_something(x) for x in changing):
            return True
        return all(
            (snapshot.calls_something(x) or self._is_private(unparen(x))) and not self._is_bytes(x)
            for x in changing
        )

    def _is_bytes(self, x: ast.Expr) -> bool:
        t = self.snapshot.type(x)
        return t is not None and _kind(t) == "bytes"

    def _is_private(self, x: ast.Expr) -> bool:
        """Whether `x` is a variable that only the statements of the function itself can change."""
        snapshot, obj = self.snapshot, self.snapshot.object(x)
        if not isinstance(obj, Var) or not is_local(obj):
            return False
        return not any(
            isinstance(n, ast.FuncLit) or self._takes_address(n)
            for n in walk(self.root)
            if snapshot.uses_in(n, obj)
        )

    def _takes_address(self, n: ast.Node) -> bool:
        """Whether `n` takes the address of its operand: by `&`, by slicing an array, or for a method that has
        a pointer receiver."""
        snapshot = self.snapshot
        if isinstance(n, ast.Operation):
            return n.op == "&" and n.y is None
        if isinstance(n, ast.SliceExpr):
            t = snapshot.type(n.x)
            return t is not None and isinstance(unalias(t).underlying, Array)
        found = snapshot.selection(n) if isinstance(n, ast.SelectorExpr) else None
        recv = getattr(found.obj.type, "recv", None) if found is not None else None
        if found is None or found.kind != "method value" or recv is None:
            return False
        return isinstance(recv.type, Pointer) and not isinstance(found.recv.underlying, Pointer)


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


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _TITLE else text[: _TITLE - 3] + "..."
