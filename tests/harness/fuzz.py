"""Damaged and monstrous Go, and the whole analysis on it under a watch.

    python -m harness.fuzz cuts [--files N] [--each N] [--seed N] [--with-package] [--inline]
    python -m harness.fuzz flips|tokens [...]
    python -m harness.fuzz shapes [--size N] [--inline] [--session]
    python -m harness.fuzz neighbours [--files N] [--each N]

Run from `tests/`. `cuts` ends library files early, `flips` changes random bits of bytes, `tokens`
takes tokens out, doubles or swaps them, `shapes` nests and chains every construct, and `neighbours`
breaks one function's body and compares what is said about the others. Every case goes through
`Program.check` with flows and findings (`--session`: through an editor's `Session.check`), on an overlay of a file that stands alone (or in its place
in its package), under `GOESCAPE_STRICT`, with a limit on time and memory. Failures are grouped by
their cause, the place where they were raised.

Model
  - a case is (name, text) and depends on the seed alone;
  - a campaign runs in a child process, so that even a crash of the interpreter is one result;
  - a case that exceeds a limit is ended from outside with the stack it was in.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import json
import os
import random
import re
import subprocess
import sys
import threading
import time
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

os.environ["GOESCAPE_STRICT"] = "1"

from goescape.load import LoadedPackage, Loader
from goescape.syntax.scan import scan
from goescape.workspace.program import Program
from goescape.workspace.resources import RECURSION_LIMIT, STACK_BYTES, resident_bytes
from goescape.workspace.result import PackageResult
from goescape.workspace.session import Session
from goescape.workspace.session import Target as SessionTarget
from goescape.workspace.store import Store

from harness.oracle import Target, environment, goroot, scratch

LIMIT = 10.0
"""Seconds of computing for one case, however small."""

LIMIT_PER_BYTE = 6e-6
"""What a byte of text adds to that. The compiler itself computes for 25 s (`-m`) and 32 s (`-m=2 -l`)
on the 5 MB of `big_file`; what hangs takes more than in proportion to the text."""

MEMORY = 1_500_000_000
"""Bytes that one case may add to the resident size."""

_EDITS = 150  # cases per program: texts are never given back

LONE = "/fuzz/lone.go"


# --- damage ----------------------------------------------------------------------------------------


def cut(text: bytes, rng: random.Random) -> bytes:
    """The text up to a random place."""
    return text[: rng.randrange(len(text) + 1)]


def flip(text: bytes, rng: random.Random) -> bytes:
    """The text with up to eight random bytes changed: a bit, any byte, or a byte of Go."""
    out = bytearray(text)
    for _ in range(rng.randrange(1, 9)):
        i = rng.randrange(len(out))
        kind = rng.randrange(3)
        if kind == 0:
            out[i] ^= 1 << rng.randrange(8)
        elif kind == 1:
            out[i] = rng.randrange(256)
        else:
            out[i] = rng.choice(b"(){}[],;:.*&+-=<>\"'`/\n x0\x00\xff\xef")
    return bytes(out)


def retoken(text: bytes, rng: random.Random) -> bytes:
    """The text with up to three tokens taken out, doubled, exchanged or replaced by another."""
    for _ in range(rng.randrange(1, 4)):
        tokens = scan(text, 0, len(text), {})
        n = len(tokens.begs) - 1
        if n < 3:
            return text
        i, j = rng.randrange(n), rng.randrange(n)
        a, b = tokens.begs[i], tokens.ends[i]
        other = text[tokens.begs[j] : tokens.ends[j]]
        new = rng.choice((b"", text[a:b] + b" " + text[a:b], other, other + b" " + text[a:b]))
        text = text[:a] + new + text[b:]
    return text


DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "cuts": cut,
    "flips": flip,
    "tokens": retoken,
}


# --- shapes ----------------------------------------------------------------------------------------


def _body(text: str) -> str:
    return (
        "package p\n\nfunc f(a, b int, s []int, c bool, x any) {\n"
        + text
        + "\n}\n\nfunc after() *int { i := 1; return &i }\n"
    )


def _decls(text: str) -> str:
    return "package p\n\n" + text + "\n\nfunc after() *int { i := 1; return &i }\n"


def _wrap(left: str, middle: str, right: str, n: int) -> str:
    return left * n + middle + right * n


NESTS: dict[str, Callable[[int], str]] = {
    "parentheses": lambda n: _body("_ = " + _wrap("(", "a", ")", n)),
    "parentheses left open": lambda n: _body("_ = " + "(" * n),
    "brackets left open": lambda n: _body("_ = " + "a[" * n),
    "braces left open": lambda n: _body("{" * n),
    "blocks": lambda n: _body(_wrap("{", "", "}", n)),
    "closing brackets": lambda n: _body(")" * n + "]" * n),
    "closing braces": lambda n: _decls("}" * n),
    "composite literals": lambda n: _decls("var v = " + _wrap("T{", "", "}", n) + "\ntype T []T"),
    "composite literals without types": lambda n: _body("_ = []any" + _wrap("{", "", "}", n)),
    "composite literals of slices": lambda n: _body(
        "_ = " + "[]" * min(n, 900) + "int" + _wrap("{", "1", "}", min(n, 900))),
    "slice types": lambda n: _decls("var v " + "[]" * n + "int"),
    "pointer types": lambda n: _decls("var v " + "*" * n + "int"),
    "array types": lambda n: _decls("var v " + "[1]" * n + "int"),
    "map types": lambda n: _decls("type T " + "map[int]" * n + "int"),
    "map key types": lambda n: _decls("type T " + _wrap("map[", "int", "]int", n)),
    "channel types": lambda n: _decls("type T " + "chan " * n + "int"),
    "receiving channel types": lambda n: _decls("type T " + "<-chan " * n + "int"),
    "struct types": lambda n: _decls("type T " + _wrap("struct { f ", "int", "}", n)),
    "func types": lambda n: _decls("type T " + _wrap("func(", "", ")", n)),
    "func results": lambda n: _decls("type T " + "func() " * n),
    "interface types": lambda n: _decls("type T " + _wrap("interface { m(", "", ")}", n)),
    "embedded interfaces": lambda n: _decls("type T " + _wrap("interface { ", "", "}", n)),
    "type arguments": lambda n: _decls(
        "type G[T any] struct{ f T }\nvar v " + _wrap("G[", "int", "]", n)),
    "type parameters": lambda n: _decls("type G" + _wrap("[T interface{ m(", "", ")}]", n)),
    "constraints": lambda n: _decls("func g[T " + "~" * n + "int]() {}"),
    "parenthesized types": lambda n: _decls("type T " + _wrap("(", "int", ")", n)),
    "function literals": lambda n: _body("_ = " + _wrap("func() { _ = ", "a", "}", n)),
    "called literals": lambda n: _body(_wrap("func() {", "_ = &a", "}()\n", n)),
    "called literals with results": lambda n: _decls(
        "func nest() int { return " + _wrap("func() int {\nreturn ", "1", "}() + 1\n", n) + "}"),
    "captures": lambda n: _body(_wrap("func() { b := a; _ = &b;", "_ = &a", "}()\n", n)),
    "ifs": lambda n: _body(_wrap("if c {", "", "}", n)),
    "fors": lambda n: _body(_wrap("for {", "", "}", n)),
    "ranges": lambda n: _body(_wrap("for range a {", "", "}\n", n)),
    "ranges over functions": lambda n: _body(
        "seq := func(yield func(int) bool) {}\n"
        + _wrap("for i := range seq { _ = &i;", "", "}\n", n)),
    "switches": lambda n: _body(_wrap("switch { default: ", "", "}", n)),
    "type switches": lambda n: _body(_wrap("switch x := x.(type) { case any: _ = x;", "", "}", n)),
    "selects": lambda n: _body(_wrap("select { default: ", "", "}", n)),
    "indices": lambda n: _body("_ = " + _wrap("s[", "a", "]", n)),
    "calls": lambda n: _decls("func g(a int) int { return a }\nvar v = " + _wrap("g(", "1", ")", n)),
    "pointer calls": lambda n: _decls(
        "func g(a *int) *int { return a }\nfunc h(a *int) *int { return " + _wrap("g(", "a", ")", n) + "}"),
    "generic calls": lambda n: _decls(
        "func g[T any](a T) T { return a }\nvar v = " + _wrap("g(", "1", ")", n)),
    "growing generic calls": lambda n: _decls(
        "func g[T any](a T) []T { return nil }\nvar v = " + _wrap("g(", "1", ")", n)),
    "conversions": lambda n: _body("_ = " + _wrap("int(", "a", ")", n)),
    "interface conversions": lambda n: _body("_ = " + _wrap("any(", "a", ")", n)),
    "appends": lambda n: _body("_ = " + _wrap("append(", "s", ", 1)", n)),
    "negations": lambda n: _body("_ = " + "-" * n + "a"),
    "spaced negations": lambda n: _body("_ = " + "- " * n + "a"),
    "nots": lambda n: _body("_ = " + "!" * n + "c"),
    "dereferences": lambda n: _body("_ = " + "*" * n + "a"),
    "addresses": lambda n: _body("_ = " + "&" * n + "a"),
    "receives": lambda n: _body("_ = " + "<-" * n + "a"),
    "right sums": lambda n: _body("_ = " + _wrap("a + (", "b", ")", n)),
    "right string sums": lambda n: _body("t := \"\"; _ = " + _wrap("t + (", "t", ")", n)),
    "constant right sums": lambda n: _decls("const k = " + _wrap("1 + (", "1", ")", n)),
    "rising operators": lambda n: _body("_ = " + "c || c && a == a + a * " * n + "c"),
    "labels": lambda n: _body("\n".join(f"L{i}:" for i in range(n)) + "for {}"),
    "shifts": lambda n: _body("_ = " + _wrap("1 << (", "a", ")", n)),
    "defers": lambda n: _body(_wrap("defer func() {", "", "}()\n", n)),
    "struct literals": lambda n: _decls("type T struct { n *T }\nvar v = " + _wrap("&T{", "", "}", n)),
    "map literals": lambda n: _body("_ = " + _wrap("map[any]any{1: ", "1", "}", n)),
    "broken everything": lambda n: _body("_ = " + "([{" * n),
    "comments": lambda n: _body("/*" * n),
    "broken blocks": lambda n: _decls("func g() {" * n),
    "generic instances": lambda n: _decls("type T = " + _wrap("T0[", "int", "]", n)),
    "else branches": lambda n: _body(_wrap("if c { } else { ", "", "}", n)),
}  # fmt: skip
"""Texts nested `n` levels."""


def _lines(n: int, line: Callable[[int], str]) -> str:
    return "\n".join(line(i) for i in range(n))


CHAINS: dict[str, Callable[[int], str]] = {
    "sum": lambda n: _body("_ = " + "a + " * n + "b"),
    "sum of strings": lambda n: _body('t := ""; _ = ' + "t + " * n + '"x"'),
    "constant sum": lambda n: _decls("const k = " + "1 + " * n + "1"),
    "constant string": lambda n: _decls("const k = " + '"ab" + ' * n + '""'),
    "and": lambda n: _body("_ = " + "c && " * n + "c"),
    "comparison": lambda n: _body("_ = " + "c == " * n + "c"),
    "else if": lambda n: _body("if c {\n}" + " else if c {\n}" * n),
    "selectors": lambda n: _body("_ = x" + ".y" * n),
    "field selectors": lambda n: _decls("type T struct { n *T }\nfunc g(t *T) *T { return t" + ".n" * n + "}"),
    "method calls": lambda n: _decls(
        "type T struct{}\nfunc (t *T) m() *T { return t }\nfunc g(t *T) *T { return t" + ".m()" * n + "}"),
    "calls of calls": lambda n: _decls("type F func() F\nfunc g(f F) { f" + "()" * n + "}"),
    "indices of indices": lambda n: _decls("type S []S\nfunc g(s S) { _ = s" + "[0]" * n + "}"),
    "slices of slices": lambda n: _body("_ = s" + "[:]" * n),
    "assertions": lambda n: _body("_ = x" + ".(any)" * n),
    "statements": lambda n: _body("a = b\n" * n),
    "definitions": lambda n: _body(_lines(n, lambda i: f"v{i} := &a; _ = v{i}")),
    "assignments of pointers": lambda n: _body(
        "p0 := &a\n" + _lines(n, lambda i: f"p{i + 1} := p{i}") + f"\n_ = p{n}"),
    "calls of println": lambda n: _body("println(a)\n" * n),
    "panics": lambda n: _body(_lines(n, lambda i: f"if a == {i} {{ panic(a) }}")),
    "cases": lambda n: _body("switch a {\n" + _lines(n, lambda i: f"case {i}:") + "\n}"),
    "cases of strings": lambda n: _body('t := ""; switch t {\n' + _lines(n, lambda i: f'case "k{i}":') + "\n}"),
    "expressions of a case": lambda n: _body("switch a {\ncase " + ", ".join(map(str, range(n))) + ":\n}"),
    "type cases": lambda n: _body("switch x.(type) {\n" + _lines(n, lambda i: f"case [{i}]int:") + "\n}"),
    "select cases": lambda n: _body("var ch chan int; select {\n" + "case <-ch:\n" * n + "}"),
    "elements": lambda n: _decls("var v = []int{" + "1, " * n + "}"),
    "elements with keys": lambda n: _decls("var v = []int{" + ", ".join(f"{i}: 1" for i in range(n)) + "}"),
    "elements of a map": lambda n: _decls("var v = map[int]string{" + ", ".join(f'{i}: "v"' for i in range(n)) + "}"),
    "elements of interfaces": lambda n: _body("_ = []any{" + "a, " * n + "}"),
    "elements of structs": lambda n: _decls("type T struct { a, b int }\nvar v = []T{" + "{1, 2}, " * n + "}"),
    "elements with pointers": lambda n: _body("_ = []*int{" + "&a, " * n + "}"),
    "arguments": lambda n: _decls("func g(...int) {}\nfunc h() { g(" + "1, " * n + ")}"),
    "arguments of append": lambda n: _body("_ = append(s, " + "a, " * n + ")"),
    "parameters": lambda n: _decls("func g(" + _lines(n, lambda i: f"p{i} *int,") + ") {}"),
    "results": lambda n: _decls("func g() (" + _lines(n, lambda i: f"p{i} *int,") + ") { return }"),
    "assigned": lambda n: _body(", ".join("a" for _ in range(n)) + " = " + ", ".join("b" for _ in range(n))),
    "fields": lambda n: _decls("type T struct {\n" + _lines(n, lambda i: f"f{i} int") + "}\nvar v T"),
    "methods of an interface": lambda n: _decls(
        "type T interface {\n" + _lines(n, lambda i: f"M{i}()") + "}\nvar v T"),
    "methods": lambda n: _decls("type T struct{}\n" + _lines(n, lambda i: f"func (T) M{i}() {{}}")),
    "functions": lambda n: _decls(_lines(n, lambda i: f"func f{i}(p *int) *int {{ return p }}")),
    "literals": lambda n: _body(_lines(n, lambda i: "func() { _ = &a }()")),
    "functions calling": lambda n: _decls(
        f"func f{n}(p *int) *int {{ return p }}\n"
        + _lines(n, lambda i: f"func f{i}(p *int) *int {{ return f{i + 1}(p) }}")),
    "functions calling in a ring": lambda n: _decls(
        _lines(n, lambda i: f"func f{i}(p *int) *int {{ return f{(i + 1) % n}(p) }}")),
    "constants": lambda n: _decls("const c0 = 1\n" + _lines(n, lambda i: f"const c{i + 1} = c{i}")),
    "constants, last first": lambda n: _decls(_lines(n, lambda i: f"const c{i} = c{i + 1}") + f"\nconst c{n} = 1"),
    "iota": lambda n: _decls("const (\n\tk0 = iota\n" + _lines(n, lambda i: f"\tk{i + 1}") + "\n)"),
    "variables": lambda n: _decls("var v0 = 1\n" + _lines(n, lambda i: f"var v{i + 1} = v{i}")),
    "variables, last first": lambda n: _decls(_lines(n, lambda i: f"var v{i} = v{i + 1}") + f"\nvar v{n} = 1"),
    "pointers to variables": lambda n: _decls("var v0 = new(int)\n" + _lines(n, lambda i: f"var v{i + 1} = &v{i}")),
    "types": lambda n: _decls("type T0 int\n" + _lines(n, lambda i: f"type T{i + 1} T{i}")),
    "types, last first": lambda n: _decls(_lines(n, lambda i: f"type T{i} T{i + 1}") + f"\ntype T{n} int"),
    "aliases, last first": lambda n: _decls(_lines(n, lambda i: f"type T{i} = T{i + 1}") + f"\ntype T{n} = int"),
    "structs within structs": lambda n: _decls(
        "type T0 struct { p *int }\n" + _lines(min(n, 1000), lambda i: f"type T{i + 1} struct {{ T{i} }}")
        + f"\nfunc g(t T{min(n, 1000)}) *int {{ return t.p }}"),
    "structs within structs, last first": lambda n: _decls(
        _lines(min(n, 1000), lambda i: f"type T{i} struct {{ T{i + 1} }}") + f"\ntype T{min(n, 1000)} struct {{ p *int }}\nvar v T0"),
    "interfaces within interfaces": lambda n: _decls(
        "type T0 interface { m() }\n" + _lines(n, lambda i: f"type T{i + 1} interface {{ T{i} }}")
        + f"\nfunc g(t T{n}) {{ t.m() }}"),
    "doubled structs": lambda n: _decls(
        "type T0 struct { p *int }\n"
        + _lines(min(n, 100), lambda i: f"type T{i + 1} struct {{ a, b T{i} }}") + "\nfunc g(t T40) T40 { return t }"),
    "doubled tuples": lambda n: _decls(
        "type T0 func()\n" + _lines(min(n, 12), lambda i: f"type T{i + 1} = func(T{i}, T{i})") + "\nvar v, w T12\nvar _ = any(v) == any(w)"),
    "doubled strings": lambda n: _decls(
        'const c0 = "0123456789"\n' + _lines(min(n, 40), lambda i: f"const c{i + 1} = c{i} + c{i}")),
    "squared numbers": lambda n: _decls(
        "const c0 = 3\n" + _lines(min(n, 60), lambda i: f"const c{i + 1} = c{i} * c{i}")),
    "squared fractions": lambda n: _decls(
        "const c0 = 1.000001\n" + _lines(min(n, 60), lambda i: f"const c{i + 1} = c{i} * c{i}")),
    "digits": lambda n: _decls("const k = " + "1" * n),
    "fraction": lambda n: _decls("const k = 0." + "1" * n),
    "exponent": lambda n: _decls(f"const k = 1e{n}\nconst l = 1e-{n}\nconst m = 0x1p{n}\nconst q = 1 << {n}"),
    "long name": lambda n: _decls("var " + "x" * n + " = 1"),
    "long string": lambda n: _decls('var s = "' + "x" * n + '"'),
    "imports": lambda n: "package p\n" + 'import "nowhere/x"\n' * n,
    "type parameters side by side": lambda n: _decls(
        "func g[" + ", ".join(f"T{i} any" for i in range(n)) + "]() {}"),
    "instances": lambda n: _decls(
        "func g[T any](p *T) *T { return p }\nfunc h() {\n"
        + _lines(min(n, 2000), lambda i: f"g(new([{i}]int))") + "\n}"),
    "union": lambda n: _decls("type T interface { " + " | ".join(f"[{i}]int" for i in range(min(n, 5000))) + " }"),
    "labels and jumps": lambda n: _body(_lines(n, lambda i: f"L{i}:\n\tif c {{ goto L{i} }}")),
    "jumps forward": lambda n: _body(_lines(n, lambda i: f"\tif c {{ goto L{i} }}") + "\n" + _lines(n, lambda i: f"L{i}:\n\ta = b")),
    "defers in a row": lambda n: _body("defer func() {}()\n" * n),
    "ranges in a row": lambda n: _body("for i := range s { _ = &i }\n" * n),
    "ranges over functions in a row": lambda n: _body(
        "seq := func(yield func(int) bool) {}\n" + "for i := range seq { _ = &i }\n" * min(n, 10_000)),
    "syntax errors": lambda n: _body("a = = b\n" * n),
    "type errors": lambda n: _body("a = nowhere\n" * n),
    "mismatches": lambda n: _body('a = "x"\n' * n),
    "broken declarations": lambda n: _decls("func ) {\n" * n),
    "unknown types": lambda n: _decls(_lines(n, lambda i: f"var v{i} Nowhere{i}")),
    "redeclarations": lambda n: _decls("var v int\n" * n),
    "unused": lambda n: _body(_lines(n, lambda i: f"v{i} := 1")),
    "empty statements": lambda n: _body(";" * n),
    "comment lines": lambda n: _body("// c\n" * n),
    "directives": lambda n: _decls("//go:noinline\n" * n + "func g() {}"),
    "line directives": lambda n: _body("//line x.go:1\na = b\n" * n),
    "unlike numbers": lambda n: _body("_ = " + "0x" * n),
    "quotes": lambda n: _body("'" * n),
    "odd string": lambda n: _body('_ = "' + "\\" * n),
    "array sizes": lambda n: _decls(_lines(n, lambda i: f"var v{i} [{i} << 40]int")),
    "flow in a ring": lambda n: _body(
        "var " + ", ".join(f"p{i}" for i in range(n)) + " *int\n"
        + _lines(n, lambda i: f"p{(i + 1) % n} = p{i}") + "\np0 = &a"),
    "flow of dereferences": lambda n: _body(
        "type T struct { n *T }\nvar " + ", ".join(f"p{i}" for i in range(n)) + " *T\n"
        + _lines(n - 1, lambda i: f"p{i + 1} = p{i}.n") + f"\np{n - 1}.n = p0"),
}  # fmt: skip
"""Texts that are `n` long."""

PLAIN: dict[str, bytes] = {
    "nothing": b"",
    "blank": b"   \n",
    "mark only": b"\xef\xbb\xbf",
    "mark": b"\xef\xbb\xbfpackage p\n\nfunc f() *int { x := 1; return &x }\n",
    "carriage returns": b"package p\r\n\r\nfunc f() *int {\r\n\tx := 1\r\n\treturn &x\r\n}\r\n",
    "zeros only": b"\0" * 5000,
    "zero in name": b"package p\n\nfunc f\0() {}\n\nfunc g() *int { x := 1; return &x }\n",
    "bad UTF-8": b'package p\n\nvar s = "\xff\xfe"\n\nfunc g() *int { x := 1; return &x }\n',
    "UTF-16": "package p\n\nfunc g() {}\n".encode("utf-16"),
    "all bytes": bytes(range(256)) * 20,
    "no package": b"func f() *int { x := 1; return &x }\n",
    "no name": b"package\n",
    "blank name": b"package _\n\nfunc f() *int { x := 1; return &x }\n",
    "odd name": b"package func\n",
    "open string": b'package p\n\nvar s = "abc\n\nfunc g() *int { x := 1; return &x }\n',
    "open raw string": b"package p\n\nvar s = `abc\n\nfunc g() *int { x := 1; return &x }\n",
    "open comment": b"package p\n\nfunc g() *int { x := 1; return &x }\n/* abc\n",
    "instantiation cycle": b"package p\n\nfunc f[T, U any](t T, u U) { f([]T{}, u); f(t, &u) }\n\nfunc g() { f(1, 2) }\n",
    "type instantiation cycle": b"package p\n\ntype T[A any] struct{ p *T[*A] }\n\nfunc (t *T[A]) m(a A) { t.p.m(&a) }\n\nvar v T[int]\n",
    "initialization cycle": b"package p\n\nvar x int = a\nvar a int = b\nvar b int = c\nvar c int = a\n",
    "interface within itself": b"package p\n\ntype i interface{ m() interface{ i } }\n\nvar v i\n\nfunc f(x i) any { return x.m() }\n",
    "imports itself": b'package p\n\nimport "command-line-arguments"\n',
    "uses C": b'package p\n\n// int f(void);\nimport "C"\n\nfunc g() { C.f() }\nfunc h() *int { x := 1; return &x }\n',
}


# --- running ---------------------------------------------------------------------------------------


class TimeOut(BaseException):
    """Raised inside a case that takes too long or too much."""


@dataclass(slots=True)
class Outcome:
    """What came of a case. `cause` is "" if all is well, else the kind of failure and the place
    that raised it; `detail` the end of the stack."""

    name: str
    cause: str = ""
    detail: str = ""
    seconds: float = 0.0
    grown: int = 0
    result: PackageResult | None = None


def watched(
    name: str, work: Callable[[], PackageResult | None], limit: float, memory: int
) -> Outcome:
    """Do `work` in a thread with a deep stack and watch it."""
    outcome = Outcome(name)

    def run() -> None:
        try:
            outcome.result = work()
        except TimeOut:
            pass
        except BaseException as e:
            outcome.cause = f"{type(e).__name__} {_place(e)}: {str(e)[:80]}"
            outcome.detail = "".join(traceback.format_exception(e, limit=-12))[-4000:]

    sys.setrecursionlimit(RECURSION_LIMIT)
    before = threading.stack_size(STACK_BYTES)
    thread = threading.Thread(target=run, daemon=True)
    threading.excepthook = lambda _: None
    began, floor = time.process_time(), resident_bytes()
    thread.start()
    threading.stack_size(before)
    pause = 0.005
    while thread.is_alive():
        thread.join(pause)
        pause = min(0.1, pause * 2)
        outcome.seconds = time.process_time() - began
        outcome.grown = max(outcome.grown, resident_bytes() - floor)
        over = "time" if outcome.seconds > limit else "memory" if outcome.grown > memory else ""
        if over and thread.is_alive():
            frame = sys._current_frames().get(thread.ident or 0)
            outcome.detail = _stack(frame)
            outcome.cause = f"{over} {_busy(frame)}"
            _end(thread)
            break
    outcome.seconds = time.process_time() - began
    return outcome


def _end(thread: threading.Thread) -> None:
    """End a thread from outside; the process, if that does not help."""
    for _ in range(20):
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(thread.ident or 0), ctypes.py_object(TimeOut)
        )
        thread.join(1.0)
        if not thread.is_alive():
            return
    os._exit(77)


def _place(e: BaseException) -> str:
    """The innermost place of ours in a traceback, shortened."""
    frames = [f for f in traceback.extract_tb(e.__traceback__) if "goescape" in f.filename]
    if isinstance(e, RecursionError):
        cycle = Counter(f"{Path(f.filename).stem}.{f.name}" for f in frames[-60:])
        return "+".join(sorted(k for k, _ in cycle.most_common(4)))
    if not frames:
        return "?"
    last = frames[-1]
    return f"{Path(last.filename).parent.name}/{Path(last.filename).name}:{last.name}:{last.lineno}"


def _stack(frame: FrameType | None) -> str:
    return "".join(traceback.format_stack(frame, limit=14))[-4000:] if frame else ""


def _busy(frame: FrameType | None) -> str:
    names: list[str] = []
    while frame is not None and len(names) < 4:
        names.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")
        frame = frame.f_back
    return " < ".join(names)


class Bench:
    """One program after another, each for many cases. What a case costs is what its own text costs:
    what it imports has been learned before, and is kept in a store."""

    def __init__(self, directory: str = "", inline: bool = False, session: bool = False) -> None:
        self._directory = directory or str(goroot() / "src")
        self._inline = inline
        self._in_session = session
        self._session: Session | None = None
        self._edits = 0
        self._learned: set[str] = set()
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        if self._program is None:
            loader = Loader.create(self._directory, environment(Target()))
            self._program = Program(
                loader, level=2, findings=True, inline=self._inline, store=Store(scratch())
            )
        return self._program

    @property
    def session(self) -> Session:
        if self._session is None:
            target = SessionTarget(inline=self._inline)
            self._session = Session(environment(Target()), target, str(scratch()))
        return self._session

    def learn(self, path: str) -> None:
        """Learn what the sound file at `path` imports."""
        if path and path not in self._learned:
            self._learned.add(path)
            text = Path(path).read_bytes()
            self.check(LONE, text, limit=600, name=f"sound {path}")
            self.program.flush()

    def check(
        self,
        path: str,
        text: bytes,
        import_path: str = "",
        *,
        limit: float | None = None,
        memory: int = MEMORY,
        name: str = "",
    ) -> Outcome:
        """Check the package `import_path` (the file alone, if empty) with this text at `path`. In a
        session there is no result."""
        if limit is None:
            limit = LIMIT + LIMIT_PER_BYTE * len(text)

        def in_session() -> None:
            session = self.session
            session.set_text(path, text)
            session.check(path)
            session.set_text(path, None)

        def work() -> PackageResult:
            program = self.program
            loader = program.loader
            loader.set_overlay(path, text)
            program.forget_file(path)
            try:
                if import_path:
                    package = loader.package(import_path)
                    assert isinstance(package, LoadedPackage), package
                else:
                    (package,) = loader.load([path], self._directory)
                return program.check(package)
            finally:
                loader.set_overlay(path, None)
                program.forget_file(path)

        collected = gc.isenabled()
        gc.disable()  # As in the command and the server.
        try:
            work_now = in_session if self._in_session else work
            outcome = watched(name or path, work_now, limit, memory)
        finally:
            if collected:
                gc.enable()
        self._edits += 1
        if outcome.cause or self._edits % _EDITS == 0:
            self._program = self._session = None
            gc.collect()
        return outcome


# --- the library as material -------------------------------------------------------------------------


def library_files(n: int, seed: int) -> list[tuple[str, str]]:
    """`n` files of the library's packages for linux/amd64, each with its import path."""
    loader = Loader.create(str(goroot() / "src"), environment(Target()))
    files = [(path, p.import_path) for p in loader.load(["std"]) for path in p.files]
    random.Random(seed).shuffle(files)
    return files[:n]


@dataclass(frozen=True, slots=True)
class Case:
    """A text for the file at `path`; `sound` is the file that it is a damaged copy of, if any."""

    name: str
    path: str
    make: Callable[[], bytes] = field(compare=False)
    import_path: str = ""
    sound: str = ""


def damaged(kind: str, files: int, each: int, seed: int, with_package: bool) -> Iterator[Case]:
    """Cases of damage, in an order that depends on `seed` alone."""
    damage = DAMAGES[kind]
    for path, import_path in library_files(files, seed):
        short = os.path.relpath(path, goroot() / "src")
        for i in range(each):
            name = f"{kind} {short} {seed}.{i}"

            def make(path: str = path, name: str = name) -> bytes:
                return damage(Path(path).read_bytes(), random.Random(name))

            if with_package:
                yield Case(name, path, make, import_path, path)
            else:
                yield Case(name, LONE, make, sound=path)


def shapes(size: int) -> Iterator[Case]:
    """Every shape at this size, and every nesting just below the parser's limit."""
    for name, make in NESTS.items():
        for n in sorted({120, 990, size}):
            yield Case(f"nest {n} {name}", LONE, lambda make=make, n=n: make(n).encode())  # type: ignore[misc]
    for name, make in CHAINS.items():
        n = min(size, 50_000) if name.startswith("elements") else size
        yield Case(f"chain {n} {name}", LONE, lambda make=make, n=n: make(n).encode())  # type: ignore[misc]
    for name, text in PLAIN.items():
        yield Case(f"plain {name}", LONE, lambda text=text: text)  # type: ignore[misc]
    yield Case("big file", LONE, lambda: big_file(5_000_000))


def big_file(size: int) -> bytes:
    """A sound file of about `size` bytes, made of many functions."""
    one = """
func f{0}(p *int, n int) (*int, []byte) {{
	x := n
	if n > {0} {{
		s := make([]byte, n)
		return &x, s
	}}
	b := []byte("text {0}")
	func() {{ x++ }}()
	return p, b
}}
"""
    parts = ["package p\n"]
    length = 0
    i = 0
    while length < size:
        parts.append(one.format(i))
        length += len(parts[-1])
        i += 1
    return "".join(parts).encode()


# --- neighbours --------------------------------------------------------------------------------------


_FUNC = re.compile(rb"^func (?:\([^)]*\) )?(\w+)[^\n]*\{\n(.*?)^\}$", re.M | re.S)
_BREAKS: tuple[bytes, ...] = (
    b"nowhere(", b"nowhere()", b"}", b"{", b"(", b")", b"var _ int = \"\"", b"x :=", b"if", b"for {",
    b"return return", b"\"", b"go", b"func", b"a.b.", b"[]", b"switch {", b"case 1:", b"\xff", b"\0",
    b"goto nowhere", b"break nowhere", b"nowhere.x = 1", b"1 = 2", b"_ = 1 +", b"'", b"type T struct {",
)  # fmt: skip


def function_spans(text: bytes) -> list[tuple[str, int, int, int, int]]:
    """Name, first and last line, and body's offsets of the functions, as gofmt lays them out."""
    return [
        (m[1].decode(), text.count(b"\n", 0, m.start()) + 1, text.count(b"\n", 0, m.end()) + 1,
         m.start(2), m.end(2))
        for m in _FUNC.finditer(text)
    ]  # fmt: skip


def break_body(text: bytes, start: int, end: int, rng: random.Random) -> bytes:
    """Something wrong at the end of a line of the body; lines stay where they are."""
    ends = [i for i in range(start, end) if text[i] == 0x0A]
    at = rng.choice(ends) if ends else start
    return text[:at] + b" ; " + rng.choice(_BREAKS) + text[at:]


def may_notice(text_by_func: dict[str, bytes], broken: str) -> set[str]:
    """The functions that mention the broken one, or one that does, and so on."""
    words = {name: set(re.findall(rb"\w+", text)) for name, text in text_by_func.items()}
    found = {broken}
    grown = True
    while grown:
        more = {
            n for n, w in words.items() if n not in found and any(f.encode() in w for f in found)
        }
        found |= more
        grown = bool(more)
    return found


def neighbours(bench: Bench, path: str, each: int, seed: int) -> Iterator[Outcome]:
    """Break functions of a file that stands alone and compare what is said about the others. A
    difference is a failure, unless the function could have called the broken one."""
    text = Path(path).read_bytes()
    short = os.path.relpath(path, goroot() / "src")
    spans = function_spans(text)
    sound = bench.check(LONE, text, name=f"sound {short}")
    if sound.cause or sound.result is None or not spans:
        yield sound
        return
    rng = random.Random(f"{seed} {short}")
    all_lines = text.split(b"\n")
    bodies: dict[str, bytes] = defaultdict(bytes)
    for name, first, last, _, _ in spans:
        bodies[name] += b"\n".join(all_lines[first - 1 : last])
    package_level = _outside(all_lines, spans)
    before = _said(sound.result)
    for i in range(each):
        name, first, last, start, end = rng.choice(spans)
        broken = break_body(text, start, end, rng)
        outcome = bench.check(LONE, broken, name=f"neighbours {short} {seed}.{i} {name}")
        if outcome.result is not None and not outcome.cause:
            noticing = may_notice(bodies, name)
            quiet: set[int] = set()
            for other, a, b, _, _ in spans:
                if other not in noticing:
                    quiet.update(range(a, b + 1))
            if not any(re.search(rb"\b%s\b" % n.encode(), package_level) for n in noticing):
                quiet.update(_lines_outside(all_lines, spans))
            after = _said(outcome.result)
            lost = sorted(x for x in before - after if x[0] in quiet)
            new = sorted(x for x in after - before if x[0] in quiet)
            if lost or new:
                outcome.cause = f"neighbours differ after {_inserted(text, broken)!r}"
                outcome.detail = f"broken: {name} {first}-{last}\nlost {lost[:4]}\nnew {new[:4]}\n"
            said_inside = sorted(x for x in after if first <= x[0] <= last)
            if said_inside and outcome.result.problems and _has_error(outcome.result, first, last):
                outcome.cause = outcome.cause or f"broken speaks after {_inserted(text, broken)!r}"
                outcome.detail += f"broken: {name} {first}-{last}\nsaid {said_inside[:4]}\n{outcome.result.problems[:3]}"
        yield outcome


def _has_error(result: PackageResult, first: int, last: int) -> bool:
    soft = ("declared and not used", "imported and not used", "label", "unused")
    return any(
        first <= p.line <= last and not any(s in p.msg for s in soft) for p in result.problems
    )


def _inserted(text: bytes, broken: bytes) -> bytes:
    i = next(i for i, b in enumerate(broken) if i >= len(text) or b != text[i])
    return broken[i : i + len(broken) - len(text)]


def _said(result: PackageResult) -> set[tuple[int, str]]:
    return {(line, text) for file, line, _, text in result.lines if file.endswith("lone.go")}


def _lines_outside(lines: list[bytes], spans: list[tuple[str, int, int, int, int]]) -> list[int]:
    inside = {n for _, a, b, _, _ in spans for n in range(a, b + 1)}
    return [n for n in range(1, len(lines) + 1) if n not in inside]


def _outside(lines: list[bytes], spans: list[tuple[str, int, int, int, int]]) -> bytes:
    return b"\n".join(lines[n - 1] for n in _lines_outside(lines, spans))


# --- campaigns ---------------------------------------------------------------------------------------


def campaign(cases: Iterable[Case], bench: Bench, skip: int = 0) -> Iterator[Outcome]:
    for n, case in enumerate(cases):
        if n >= skip:
            bench.learn(case.sound)
            yield bench.check(case.path, case.make(), case.import_path, name=case.name)


def run_here(args: argparse.Namespace) -> Iterator[Outcome]:
    """The outcomes of a campaign, in this process."""
    bench = Bench(inline=args.inline, session=args.session)
    if args.kind == "shapes":
        cases: Iterable[Case] = (c for c in shapes(args.size) if args.only in c.name)
        yield from campaign(cases, bench, args.skip)
    elif args.kind == "neighbours":
        for path, _ in library_files(args.files, args.seed)[args.skip :]:
            yield from neighbours(bench, path, args.each, args.seed)
    else:
        cases = damaged(args.kind, args.files, args.each, args.seed, args.with_package)
        yield from campaign(cases, bench, args.skip)


def run_apart(words: list[str]) -> Iterator[Outcome]:
    """The same in child processes, one after the other: a crash ends one case."""
    skip = 0
    while True:
        child = subprocess.Popen(
            [sys.executable, "-m", "harness.fuzz", *words, "--child", "--skip", str(skip)],
            cwd=Path(__file__).parents[1], stdout=subprocess.PIPE,
        )  # fmt: skip
        assert child.stdout is not None
        last = ""
        for line in child.stdout:
            outcome = Outcome(**json.loads(line))
            last = outcome.name
            skip += 1
            yield outcome
        if child.wait() == 0:
            return
        if child.returncode != 77:
            skip += 1
            yield Outcome(f"case after {last}", f"crash: exit status {child.returncode}")


def summary(outcomes: Iterable[Outcome], out: Path | None = None) -> tuple[str, int]:
    """A table of the failures by cause, slow cases, and the number of failures."""
    causes: Counter[str] = Counter()
    examples: dict[str, Outcome] = {}
    slow: list[tuple[float, str]] = []
    grown: list[tuple[int, str]] = []
    n = 0
    log = out.open("w") if out else None
    for outcome in outcomes:
        n += 1
        slow = sorted([*slow, (outcome.seconds, outcome.name)], reverse=True)[:12]
        grown = sorted([*grown, (outcome.grown, outcome.name)], reverse=True)[:5]
        if outcome.cause:
            causes[outcome.cause] += 1
            examples.setdefault(outcome.cause, outcome)
            if log:
                print(
                    f"== {outcome.name} {outcome.seconds:.1f}s {outcome.cause}\n{outcome.detail}",
                    file=log,
                    flush=True,
                )
    lines = [f"{n} cases, {sum(causes.values())} failures"]
    lines += [f"{k:6} {c}    e.g. {examples[c].name}" for c, k in causes.most_common()]
    lines += [f"slow {s:6.2f} s {name}" for s, name in slow]
    lines += [f"grown {g / 1e6:6.0f} MB {name}" for g, name in grown]
    return "\n".join(lines), sum(causes.values())


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("kind", choices=[*DAMAGES, "shapes", "neighbours"])
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=100_000)
    parser.add_argument("--with-package", action="store_true")
    parser.add_argument("--inline", action="store_true", help="with inlining")
    parser.add_argument("--session", action="store_true", help="as an editor asks")
    parser.add_argument("--only", default="", help="shapes whose names contain this")
    parser.add_argument(
        "--skip", type=int, default=0, help="cases (neighbours: files) to leave out"
    )
    parser.add_argument("--log", type=Path, help="where failures go with their stacks")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        for o in run_here(args):
            data = [o.name, o.cause, o.detail, round(o.seconds, 3), o.grown]
            print(
                json.dumps(
                    dict(zip(("name", "cause", "detail", "seconds", "grown"), data, strict=True))
                ),
                flush=True,
            )
        return 0
    text, failures = summary(run_apart(sys.argv[1:]), args.log)
    print(text)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
