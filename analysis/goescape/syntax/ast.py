"""The syntax tree of Go: typed nodes, built once from the parser's tree and never changed.

The vocabulary is that of the compiler's own `syntax` package, so that every position that
reaches a message is the compiler's: `pos` is the position of the token that stands for the node
(a call's is its `(`, a selector's its `.`, a binary operation's its operator, an assignment's its
operator), while `start_pos(node)` and `node.end` bound the text.

Invariants
  - nodes compare and hash by identity; facts about them live in side tables (`typecheck.Info`);
  - nobody writes on a node once `lower` has returned it;
  - operators and keywords are interned strings spelled as in the source (`"+"`, `"<-"`, `"break"`);
  - several values stand in one `ListExpr` (`a, b = f()`, `T[K, V]`, `return x, y`, `case 1, 2`);
  - the body of a function declaration is lowered when it is first asked for, and so is the long value of a
    variable.

Example: `x.f(a, b...)` is `CallExpr(fun=SelectorExpr(x=Name, sel=Name), arg_list=[a, b],
has_dots=True)`, its `pos` that of the `(`.

Source: cmd/compile/internal/syntax/nodes.go (go1.27).
"""

from __future__ import annotations

from collections.abc import Callable

from goescape.source.positions import Pos


class Node:
    """`pos`: see the module. `end`: the position just behind the last byte of the node."""

    __slots__ = ("end", "pos")
    pos: Pos
    end: Pos


class Expr(Node):
    __slots__ = ()


class Stmt(Node):
    __slots__ = ()


class SimpleStmt(Stmt):
    __slots__ = ()


class Group:
    """The parenthesised group that declarations share: `const ( … )`. Identity is all it has."""

    __slots__ = ()


class Decl(Node):
    """`group` is None outside a parenthesised group; `pragma` holds the `//go:` directives that
    stand directly above (for a group member, those above the member)."""

    __slots__ = ("group", "pragma")
    group: Group | None
    pragma: Pragma


class Pragma:
    """The directives above a declaration: names without `//go:` in `flags` (`noinline`,
    `noescape`, `nosplit`, `uintptrescapes`, `uintptrkeepalive`, `linkname`, `embed`, …), and each
    directive's full text with its position in `lines`."""

    __slots__ = ("flags", "lines")

    def __init__(self, flags: frozenset[str], lines: tuple[tuple[Pos, str], ...]) -> None:
        self.flags = flags
        self.lines = lines


NO_PRAGMA = Pragma(frozenset(), ())


# --- expressions ---------------------------------------------------------------------------------


class BadExpr(Expr):
    """Text that could not be parsed, or is missing."""

    __slots__ = ()

    def __init__(self, pos: Pos, end: Pos) -> None:
        self.pos, self.end = pos, end


class Name(Expr):
    __slots__ = ("value",)

    def __init__(self, pos: Pos, end: Pos, value: str) -> None:
        self.pos, self.end, self.value = pos, end, value


class BasicLit(Expr):
    """`kind`: "int", "float", "imag", "rune" or "string". `value` is the source text. `bad`: the
    text is not a valid literal of its kind (an error was reported)."""

    __slots__ = ("bad", "kind", "value")

    def __init__(self, pos: Pos, end: Pos, value: str, kind: str, bad: bool = False) -> None:
        self.pos, self.end, self.value, self.kind, self.bad = pos, end, value, kind, bad


class CompositeLit(Expr):
    """`type{elem_list}`; `type` is None where it is elided. `pos` is that of the `{`, `rbrace`
    that of the `}`; `n_keys` counts the `KeyValueExpr` elements."""

    __slots__ = ("elem_list", "n_keys", "rbrace", "type")

    def __init__(
        self, pos: Pos, end: Pos, type: Expr | None, elem_list: list[Expr], n_keys: int, rbrace: Pos
    ) -> None:
        self.pos, self.end, self.type, self.elem_list = pos, end, type, elem_list
        self.n_keys, self.rbrace = n_keys, rbrace


class KeyValueExpr(Expr):
    __slots__ = ("key", "value")

    def __init__(self, pos: Pos, end: Pos, key: Expr, value: Expr) -> None:
        self.pos, self.end, self.key, self.value = pos, end, key, value


class FuncLit(Expr):
    __slots__ = ("body", "type")

    def __init__(self, pos: Pos, end: Pos, type: FuncType, body: BlockStmt) -> None:
        self.pos, self.end, self.type, self.body = pos, end, type, body


class ParenExpr(Expr):
    __slots__ = ("x",)

    def __init__(self, pos: Pos, end: Pos, x: Expr) -> None:
        self.pos, self.end, self.x = pos, end, x


class SelectorExpr(Expr):
    __slots__ = ("sel", "x")

    def __init__(self, pos: Pos, end: Pos, x: Expr, sel: Name) -> None:
        self.pos, self.end, self.x, self.sel = pos, end, x, sel


class IndexExpr(Expr):
    """`x[index]`; with several type arguments `index` is a `ListExpr`."""

    __slots__ = ("index", "x")

    def __init__(self, pos: Pos, end: Pos, x: Expr, index: Expr) -> None:
        self.pos, self.end, self.x, self.index = pos, end, x, index


class SliceExpr(Expr):
    """`x[index[0]:index[1]:index[2]]`, absent ones None; `full` if there are two colons."""

    __slots__ = ("full", "index", "x")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        x: Expr,
        index: tuple[Expr | None, Expr | None, Expr | None],
        full: bool,
    ) -> None:
        self.pos, self.end, self.x, self.index, self.full = pos, end, x, index, full


class AssertExpr(Expr):
    __slots__ = ("type", "x")

    def __init__(self, pos: Pos, end: Pos, x: Expr, type: Expr) -> None:
        self.pos, self.end, self.x, self.type = pos, end, x, type


class TypeSwitchGuard(Expr):
    """`lhs := x.(type)`; `lhs` is None without a variable."""

    __slots__ = ("lhs", "x")

    def __init__(self, pos: Pos, end: Pos, lhs: Name | None, x: Expr) -> None:
        self.pos, self.end, self.lhs, self.x = pos, end, lhs, x


class Operation(Expr):
    """Binary, or unary when `y` is None. Unary `op`: `+ - ! ^ & * <- ~`."""

    __slots__ = ("op", "x", "y")

    def __init__(self, pos: Pos, end: Pos, op: str, x: Expr, y: Expr | None) -> None:
        self.pos, self.end, self.op, self.x, self.y = pos, end, op, x, y


class CallExpr(Expr):
    __slots__ = ("arg_list", "fun", "has_dots")

    def __init__(self, pos: Pos, end: Pos, fun: Expr, arg_list: list[Expr], has_dots: bool) -> None:
        self.pos, self.end, self.fun, self.arg_list, self.has_dots = (
            pos,
            end,
            fun,
            arg_list,
            has_dots,
        )


class ListExpr(Expr):
    __slots__ = ("elem_list",)

    def __init__(self, pos: Pos, end: Pos, elem_list: list[Expr]) -> None:
        self.pos, self.end, self.elem_list = pos, end, elem_list


class ArrayType(Expr):
    """`[len]elem`; `len` is None for `[...]elem`."""

    __slots__ = ("elem", "len")

    def __init__(self, pos: Pos, end: Pos, len: Expr | None, elem: Expr) -> None:
        self.pos, self.end, self.len, self.elem = pos, end, len, elem


class SliceType(Expr):
    __slots__ = ("elem",)

    def __init__(self, pos: Pos, end: Pos, elem: Expr) -> None:
        self.pos, self.end, self.elem = pos, end, elem


class DotsType(Expr):
    """`...elem`, the type of a variadic parameter."""

    __slots__ = ("elem",)

    def __init__(self, pos: Pos, end: Pos, elem: Expr) -> None:
        self.pos, self.end, self.elem = pos, end, elem


class Field(Node):
    """A struct field, parameter, result, receiver, type parameter, or interface element. `name`
    is None for embedded and unnamed ones. Fields declared in one list share one `type` node."""

    __slots__ = ("name", "type")

    def __init__(self, pos: Pos, end: Pos, name: Name | None, type: Expr) -> None:
        self.pos, self.end, self.name, self.type = pos, end, name, type


class StructType(Expr):
    """`tag_list` is as long as `field_list`, with None where there is no tag."""

    __slots__ = ("field_list", "tag_list")

    def __init__(
        self, pos: Pos, end: Pos, field_list: list[Field], tag_list: list[BasicLit | None]
    ) -> None:
        self.pos, self.end, self.field_list, self.tag_list = pos, end, field_list, tag_list


class InterfaceType(Expr):
    """A method has a `name` and a `FuncType`; an embedded element has no name (unions are
    `Operation("|")`, approximations `Operation("~")`)."""

    __slots__ = ("method_list",)

    def __init__(self, pos: Pos, end: Pos, method_list: list[Field]) -> None:
        self.pos, self.end, self.method_list = pos, end, method_list


class FuncType(Expr):
    """`tparam_list` is non-empty only for what Go does not allow (a literal or interface method
    with type parameters), so that it can be reported."""

    __slots__ = ("param_list", "result_list", "tparam_list")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        param_list: list[Field],
        result_list: list[Field],
        tparam_list: list[Field] | None = None,
    ) -> None:
        self.pos, self.end, self.param_list, self.result_list = pos, end, param_list, result_list
        self.tparam_list = tparam_list or []


class MapType(Expr):
    __slots__ = ("key", "value")

    def __init__(self, pos: Pos, end: Pos, key: Expr, value: Expr) -> None:
        self.pos, self.end, self.key, self.value = pos, end, key, value


class ChanType(Expr):
    """`dir`: "" both ways, "send" for `chan<-`, "recv" for `<-chan`."""

    __slots__ = ("dir", "elem")

    def __init__(self, pos: Pos, end: Pos, dir: str, elem: Expr) -> None:
        self.pos, self.end, self.dir, self.elem = pos, end, dir, elem


# --- statements ----------------------------------------------------------------------------------


class EmptyStmt(SimpleStmt):
    __slots__ = ()

    def __init__(self, pos: Pos, end: Pos) -> None:
        self.pos, self.end = pos, end


class LabeledStmt(Stmt):
    __slots__ = ("label", "stmt")

    def __init__(self, pos: Pos, end: Pos, label: Name, stmt: Stmt) -> None:
        self.pos, self.end, self.label, self.stmt = pos, end, label, stmt


class BlockStmt(Stmt):
    """`pos` is that of the `{`, `rbrace` that of the `}`. `is_broken`: it is the body of a function,
    and there is a syntax error in it."""

    __slots__ = ("is_broken", "list", "rbrace")

    def __init__(self, pos: Pos, end: Pos, list: list[Stmt], rbrace: Pos) -> None:
        self.pos, self.end, self.list, self.rbrace = pos, end, list, rbrace
        self.is_broken = False


class ExprStmt(SimpleStmt):
    __slots__ = ("x",)

    def __init__(self, pos: Pos, end: Pos, x: Expr) -> None:
        self.pos, self.end, self.x = pos, end, x


class SendStmt(SimpleStmt):
    __slots__ = ("chan", "value")

    def __init__(self, pos: Pos, end: Pos, chan: Expr, value: Expr) -> None:
        self.pos, self.end, self.chan, self.value = pos, end, chan, value


class DeclStmt(Stmt):
    __slots__ = ("decl_list",)

    def __init__(self, pos: Pos, end: Pos, decl_list: list[Decl]) -> None:
        self.pos, self.end, self.decl_list = pos, end, decl_list


class AssignStmt(SimpleStmt):
    """`lhs op= rhs`. `op`: "" for `=`, ":=" for a definition, else the operator without `=`.
    `rhs` is None for `lhs++` (op "+") and `lhs--` (op "-")."""

    __slots__ = ("lhs", "op", "rhs")

    def __init__(self, pos: Pos, end: Pos, op: str, lhs: Expr, rhs: Expr | None) -> None:
        self.pos, self.end, self.op, self.lhs, self.rhs = pos, end, op, lhs, rhs


class BranchStmt(Stmt):
    """`tok`: "break", "continue", "fallthrough" or "goto". Targets are found by `branches`."""

    __slots__ = ("label", "tok")

    def __init__(self, pos: Pos, end: Pos, tok: str, label: Name | None) -> None:
        self.pos, self.end, self.tok, self.label = pos, end, tok, label


class CallStmt(Stmt):
    """`tok`: "go" or "defer"."""

    __slots__ = ("call", "tok")

    def __init__(self, pos: Pos, end: Pos, tok: str, call: Expr) -> None:
        self.pos, self.end, self.tok, self.call = pos, end, tok, call


class ReturnStmt(Stmt):
    __slots__ = ("results",)

    def __init__(self, pos: Pos, end: Pos, results: Expr | None) -> None:
        self.pos, self.end, self.results = pos, end, results


class IfStmt(Stmt):
    """`els`: None, an `IfStmt` or a `BlockStmt`."""

    __slots__ = ("cond", "els", "init", "then")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        init: SimpleStmt | None,
        cond: Expr,
        then: BlockStmt,
        els: Stmt | None,
    ) -> None:
        self.pos, self.end, self.init, self.cond, self.then, self.els = (
            pos,
            end,
            init,
            cond,
            then,
            els,
        )


class ForStmt(Stmt):
    """`init` is a `RangeClause` for range loops."""

    __slots__ = ("body", "cond", "init", "post")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        init: SimpleStmt | None,
        cond: Expr | None,
        post: SimpleStmt | None,
        body: BlockStmt,
    ) -> None:
        self.pos, self.end, self.init, self.cond, self.post, self.body = (
            pos,
            end,
            init,
            cond,
            post,
            body,
        )


class SwitchStmt(Stmt):
    """`tag` is a `TypeSwitchGuard` for type switches, None for none."""

    __slots__ = ("body", "init", "rbrace", "tag")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        init: SimpleStmt | None,
        tag: Expr | None,
        body: list[CaseClause],
        rbrace: Pos,
    ) -> None:
        self.pos, self.end, self.init, self.tag, self.body, self.rbrace = (
            pos,
            end,
            init,
            tag,
            body,
            rbrace,
        )


class SelectStmt(Stmt):
    __slots__ = ("body", "rbrace")

    def __init__(self, pos: Pos, end: Pos, body: list[CommClause], rbrace: Pos) -> None:
        self.pos, self.end, self.body, self.rbrace = pos, end, body, rbrace


class RangeClause(SimpleStmt):
    """`lhs = range x`, with `:=` if `define`; `lhs` is None without variables."""

    __slots__ = ("define", "lhs", "x")

    def __init__(self, pos: Pos, end: Pos, lhs: Expr | None, define: bool, x: Expr) -> None:
        self.pos, self.end, self.lhs, self.define, self.x = pos, end, lhs, define, x


class CaseClause(Node):
    """`cases` is None for `default`."""

    __slots__ = ("body", "cases", "colon")

    def __init__(
        self, pos: Pos, end: Pos, cases: Expr | None, body: list[Stmt], colon: Pos
    ) -> None:
        self.pos, self.end, self.cases, self.body, self.colon = pos, end, cases, body, colon


class CommClause(Node):
    """`comm` is None for `default`."""

    __slots__ = ("body", "colon", "comm")

    def __init__(
        self, pos: Pos, end: Pos, comm: SimpleStmt | None, body: list[Stmt], colon: Pos
    ) -> None:
        self.pos, self.end, self.comm, self.body, self.colon = pos, end, comm, body, colon


# --- declarations --------------------------------------------------------------------------------


class ImportDecl(Decl):
    """`path` is None when it is missing; `local_pkg_name` may be `.` or `_`."""

    __slots__ = ("local_pkg_name", "path")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        group: Group | None,
        pragma: Pragma,
        local_pkg_name: Name | None,
        path: BasicLit | None,
    ) -> None:
        self.pos, self.end, self.group, self.pragma = pos, end, group, pragma
        self.local_pkg_name, self.path = local_pkg_name, path


class ConstDecl(Decl):
    """Both `type` and `values` None repeats the previous specification of the group."""

    __slots__ = ("name_list", "type", "values")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        group: Group | None,
        pragma: Pragma,
        name_list: list[Name],
        type: Expr | None,
        values: Expr | None,
    ) -> None:
        self.pos, self.end, self.group, self.pragma = pos, end, group, pragma
        self.name_list, self.type, self.values = name_list, type, values


class TypeDecl(Decl):
    __slots__ = ("alias", "name", "tparam_list", "type")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        group: Group | None,
        pragma: Pragma,
        name: Name,
        tparam_list: list[Field],
        alias: bool,
        type: Expr,
    ) -> None:
        self.pos, self.end, self.group, self.pragma = pos, end, group, pragma
        self.name, self.tparam_list, self.alias, self.type = name, tparam_list, alias, type


class VarDecl(Decl):
    """Reading `values` lowers them (once), and may add to the file's list of syntax errors. With
    `lower_values` they are one expression."""

    __slots__ = ("_lower_values", "_values", "name_list", "type")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        group: Group | None,
        pragma: Pragma,
        name_list: list[Name],
        type: Expr | None,
        values: Expr | None,
        lower_values: Callable[[], Expr] | None = None,
    ) -> None:
        self.pos, self.end, self.group, self.pragma = pos, end, group, pragma
        self.name_list, self.type, self._values = name_list, type, values
        self._lower_values = lower_values

    @property
    def is_lowered(self) -> bool:
        """Whether the values were read before, or there are none."""
        return self._lower_values is None

    @property
    def values(self) -> Expr | None:
        """The values, lowered at the first reading; None where there are none."""
        if self._lower_values is not None:
            self._values = self._lower_values()
            self._lower_values = None
        return self._values


class FuncDecl(Decl):
    """`recv` is None for functions. `has_body` is known without lowering the body; reading `body`
    lowers it (once) and may add to the file's list of syntax errors."""

    __slots__ = ("_body", "_lower_body", "has_body", "name", "recv", "tparam_list", "type")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        pragma: Pragma,
        recv: Field | None,
        name: Name,
        tparam_list: list[Field],
        type: FuncType,
        has_body: bool,
        lower_body: Callable[[], BlockStmt] | None,
    ) -> None:
        self.pos, self.end, self.group, self.pragma = pos, end, None, pragma
        self.recv, self.name, self.tparam_list, self.type = recv, name, tparam_list, type
        self.has_body = has_body
        self._lower_body = lower_body
        self._body: BlockStmt | None = None

    @property
    def is_lowered(self) -> bool:
        """Whether the body was read before, or there is none."""
        return self._lower_body is None

    @property
    def body(self) -> BlockStmt | None:
        """The body, lowered at the first reading; None for a declaration without a body."""
        if self._lower_body is not None:
            self._body = self._lower_body()
            self._lower_body = None
        return self._body


class SyntaxError_:
    """A syntax error: `pos`, `end` and the message in the compiler's words where it has them."""

    __slots__ = ("end", "msg", "pos")

    def __init__(self, pos: Pos, end: Pos, msg: str) -> None:
        self.pos, self.end, self.msg = pos, end, msg


class File(Node):
    """One source file. `go_version` is that of a `//go:build go1.N` line (e.g. "go1.21") or "".
    `pragmas` holds file-level directives (`//go:linkname local remote`, `//go:cgo_…`, …) that are
    not tied to a declaration, as (pos, text). `errors` grows while bodies are lowered."""

    __slots__ = ("decl_list", "errors", "go_version", "path", "pkg_name", "pragmas")

    def __init__(
        self,
        pos: Pos,
        end: Pos,
        path: str,
        pkg_name: Name,
        decl_list: list[Decl],
        go_version: str,
        pragmas: list[tuple[Pos, str]],
        errors: list[SyntaxError_],
    ) -> None:
        self.pos, self.end, self.path, self.pkg_name = pos, end, path, pkg_name
        self.decl_list, self.go_version, self.pragmas, self.errors = (
            decl_list,
            go_version,
            pragmas,
            errors,
        )
