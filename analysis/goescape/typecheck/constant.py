"""Constant values and their arithmetic, exact as long as that is reasonable.

A value is a `bool`, a `str` (a `LongString` if absurdly long), an `int`, a `Fraction` (a float that is known exactly), a `BigFloat`
(a float too large or small for a fraction: 512 bits of precision), a `Complex` of such numbers, or
None for unknown. None goes in, None comes out.

Invariants
  - the kind of a number follows its class, not its value: `Fraction(3)` is a float constant;
  - a `Fraction`'s parts have less than 4096 bits; a value that became a `BigFloat` stays one;
  - a string that is not valid UTF-8 keeps each stray byte as a lone surrogate (the
    "surrogateescape" convention); strings are normalised, so equal bytes are equal strings;
  - `bool` is a subclass of `int`: test for it first.

Example: `1 << 100 / 3.0` is the `Fraction` 2**100/3; `1e1000000` is a `BigFloat`; `"\\xff"` is
`"\\udcff"`, of length 1.

Source: go/constant/value.go (go1.27).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from goescape.typecheck import bigfloat
from goescape.typecheck.bigfloat import BigFloat

MAX_RAT_BITS = 4 << 10

# Longer strings are not put together.
MAX_STR = 1 << 24

Value = Any  # bool | str | LongString | int | Fraction | BigFloat | Complex | None


class LongString:
    """A string longer than `MAX_STR`, in two pieces. It takes a few lines of doubling constants to
    ask for gigabytes; all the checker wants of such a string is its length."""

    __slots__ = ("left", "len", "right")

    def __init__(self, left: str | LongString, right: str | LongString) -> None:
        self.left, self.right = left, right
        self.len = string_len(left) + string_len(right)

    def head(self) -> str:
        """The beginning, some characters at least."""
        x: str | LongString = self
        while isinstance(x, LongString):
            x = x.left if string_len(x.left) > 0 else x.right
        return x

    def __str__(self) -> str:
        parts: list[str] = []
        todo: list[str | LongString] = [self]
        while todo:
            x = todo.pop()
            if isinstance(x, LongString):
                todo += (x.right, x.left)
            else:
                parts.append(x)
        return string_from_bytes("".join(parts).encode("utf-8", "surrogateescape"))


class Complex:
    __slots__ = ("im", "re")

    def __init__(self, re: Value, im: Value) -> None:
        self.re, self.im = re, im

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Complex) and (self.re, self.im) == (other.re, other.im)

    def __hash__(self) -> int:
        return hash((self.re, self.im))

    def __repr__(self) -> str:
        return f"Complex({self.re!r}, {self.im!r})"


_KINDS = {
    bool: "Bool",
    str: "String",
    LongString: "String",
    int: "Int",
    Fraction: "Float",
    BigFloat: "Float",
    Complex: "Complex",
    type(None): "Unknown",
}


def kind(x: Value) -> str:
    """ "Unknown", "Bool", "String", "Int", "Float" or "Complex"."""
    return _KINDS[type(x)]


# --- making values -------------------------------------------------------------------------------


def _make_rat(x: Fraction) -> Value:
    if x.numerator.bit_length() < MAX_RAT_BITS and x.denominator.bit_length() < MAX_RAT_BITS:
        return x
    return bigfloat.from_fraction(x)


def make_complex(re: Value, im: Value) -> Value:
    return None if re is None or im is None else Complex(re, im)


def make_float64(x: float) -> Value:
    """The float constant of value `x`; None if it is not finite."""
    if math.isinf(x) or math.isnan(x):
        return None
    return Fraction(x)


def make_from_literal(lit: str, kind: str) -> Value:
    """The value of a literal as written; `kind` as in `ast.BasicLit`. None if it is not valid."""
    if kind == "int":
        return _parse_int(lit)
    if kind == "float":
        return _parse_float(lit)
    if kind == "imag":
        im = _parse_float(lit[:-1]) if lit.endswith("i") else None
        return make_complex(0, im)
    if kind == "rune":
        return _parse_rune(lit)
    return unquote(lit)


def _digits(text: str, base: int) -> int:
    """Like `int(text, base)` without its limit on the number of digits."""
    if base != 10 or len(text) <= 4000:
        return int(text, base)
    n = 0
    for i in range(0, len(text), 4000):
        part = text[i : i + 4000]
        n = n * 10 ** len(part) + int(part)
    return n


def _parse_int(lit: str) -> int | None:
    text = lit.replace("_", "").lower()
    base = 10
    if text[:2] in ("0x", "0b", "0o"):
        base = {"x": 16, "b": 2, "o": 8}[text[1]]
        text = text[2:]
    elif len(text) > 1 and text[0] == "0":
        base = 8
    if not text.isalnum() or not text.isascii():
        return None
    try:
        return _digits(text, base)
    except ValueError:
        return None


def _parse_float(lit: str) -> Value:
    """The mantissa may be decimal or have a prefix 0x, 0b, 0o; a leading 0 says nothing."""
    text = lit.replace("_", "").lower()
    base, mark = 10, "e"
    if text[:2] == "0x":
        base, mark, text = 16, "p", text[2:]
    elif text[:2] in ("0b", "0o"):
        base, mark, text = (2 if text[1] == "b" else 8), "p", text[2:]
    mantissa, _, exponent = text.partition(mark)
    if not exponent and base == 10 and "p" in mantissa:
        mantissa, _, exponent = mantissa.partition("p")
        mark = "p"
    whole, _, frac = mantissa.partition(".")
    try:
        digits = _digits(whole + frac, base)
        exp = int(exponent) if exponent else 0
    except ValueError:
        return None
    exp10 = exp2 = 0
    if base == 10:
        exp10 = -len(frac)
    else:
        exp2 = -len(frac) * {16: 4, 8: 3, 2: 1}[base]
    if mark == "e":
        exp10 += exp
    else:
        exp2 += exp
    f = bigfloat.from_decimal(digits, exp10, exp2)
    if f is None:
        return None
    if f.mant == 0:
        return Fraction(0)
    if -MAX_RAT_BITS < f.binary_exp < MAX_RAT_BITS:
        n, d = digits, 1
        if exp10 >= 0:
            n *= 10**exp10
        else:
            d *= 10**-exp10
        if exp2 >= 0:
            n <<= exp2
        else:
            d <<= -exp2
        return Fraction(n, d)
    return f


def _parse_rune(lit: str) -> int | None:
    body = lit[1:-1]
    if len(lit) < 3:
        return None
    if body[0] != "\\":
        return ord(body) if len(body) == 1 else None
    found = _escape(body, 0, "'")
    if found is None or found[1] != len(body):
        return None
    return found[0]


_SIMPLE = {
    "a": 7,
    "b": 8,
    "f": 12,
    "n": 10,
    "r": 13,
    "t": 9,
    "v": 11,
    "\\": 92,
}


def _escape(text: str, i: int, quote: str) -> tuple[int, int, bool] | None:
    """The escape at `text[i] == "\\\\"`: its value, the index behind it, whether it is a byte."""
    c = text[i + 1 : i + 2]
    if c in _SIMPLE and c:
        return _SIMPLE[c], i + 2, False
    if c == quote:
        return ord(c), i + 2, False
    n = {"x": 2, "u": 4, "U": 8}.get(c)
    try:
        if n is not None:
            digits = text[i + 2 : i + 2 + n]
            if len(digits) != n or not digits.isalnum():
                return None
            value = int(digits, 16)
            if c != "x" and (value > 0x10FFFF or 0xD800 <= value < 0xE000):
                return None
            return value, i + 2 + n, c == "x"
        digits = text[i + 1 : i + 4]
        if len(digits) != 3 or not digits.isdecimal():
            return None
        value = int(digits, 8)
        return (value, i + 4, True) if value < 256 else None
    except ValueError:
        return None


def unquote(lit: str) -> str | None:
    """The value of a string literal."""
    if len(lit) < 2 or lit[0] != lit[-1]:
        return None
    body = lit[1:-1]
    if lit[0] == "`":
        return body.replace("\r", "")
    if "\\" not in body:
        return None if "\n" in body else body
    out = bytearray()
    i = 0
    while i < len(body):
        j = body.find("\\", i)
        if j < 0:
            out += body[i:].encode("utf-8", "surrogateescape")
            break
        out += body[i:j].encode("utf-8", "surrogateescape")
        found = _escape(body, j, '"')
        if found is None:
            return None
        value, i, is_byte = found
        if is_byte:
            out.append(value)
        else:
            out += chr(value).encode()
    return out.decode("utf-8", "surrogateescape")


def string_from_bytes(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


# --- asking values -------------------------------------------------------------------------------


def bool_val(x: Value) -> bool:
    return x is True


def string_val(x: Value) -> str:
    return str(x) if isinstance(x, (str, LongString)) else ""


def string_bytes(x: Value) -> bytes:
    """The bytes of a string constant, as they are in the program."""
    return string_val(x).encode("utf-8", "surrogateescape")


def string_len(x: Value) -> int:
    """The length in bytes."""
    if isinstance(x, str):
        return len(x) if x.isascii() else len(x.encode("utf-8", "surrogateescape"))
    return x.len if isinstance(x, LongString) else 0


def int64_val(x: Value) -> tuple[int, bool]:
    """The value modulo 2**64 as a signed number, and whether it fits."""
    if not isinstance(x, int):
        return 0, False
    if -(1 << 63) <= x < 1 << 63:
        return x, True
    low = x & ((1 << 64) - 1)
    return low - (1 << 64) if low >> 63 else low, False


def uint64_val(x: Value) -> tuple[int, bool]:
    if not isinstance(x, int):
        return 0, False
    return x & ((1 << 64) - 1), 0 <= x < 1 << 64


def float64_val(x: Value) -> tuple[float, bool]:
    """The nearest float64 (infinite if too large), and whether it is exact."""
    if isinstance(x, BigFloat):
        if x.binary_exp > 2000:
            return (math.inf if x.mant > 0 else -math.inf), False
        if x.binary_exp < -2000:
            return (0.0 if x.mant >= 0 else -0.0), False
        x = x.fraction()
    if not isinstance(x, (int, Fraction)):
        return 0.0, False
    try:
        f = float(x)
    except OverflowError:
        return (math.inf if x > 0 else -math.inf), False
    if math.isinf(f):
        return f, False
    return f, Fraction(f) == x


def float32_val(x: Value) -> tuple[float, bool]:
    """The nearest float32 (infinite if too large), and whether it is exact."""
    if isinstance(x, BigFloat):
        if abs(x.binary_exp) > 2000:
            return float64_val(x)
        x = x.fraction()
    if not isinstance(x, (int, Fraction)):
        return 0.0, False
    exact = Fraction(x)
    if exact == 0:
        return 0.0, True
    n, d = abs(exact.numerator), exact.denominator
    # 2**(e-1) <= n/d < 2**e
    e = n.bit_length() - d.bit_length()
    if (n << max(0, -e)) >= (d << max(0, e)):
        e += 1
    ulp = max(e - 24, -149)
    scaled = Fraction(n, d) / (Fraction(2) ** ulp)
    m = round(scaled)  # ties to even
    if m << max(ulp, 0) >= 1 << 128:
        return (math.inf if exact > 0 else -math.inf), False
    f = math.ldexp(m if exact > 0 else -m, ulp)
    return f, Fraction(f) == exact


def bit_len(x: Value) -> int:
    return x.bit_length() if isinstance(x, int) else 0


def sign(x: Value) -> int:
    """-1, 0 or 1; for complex numbers 0 only if both parts are 0; 1 for unknown."""
    if x is None:
        return 1
    if isinstance(x, Complex):
        return sign(x.re) | sign(x.im)
    if isinstance(x, BigFloat):
        return x.sign()
    return 1 if x > 0 else -1 if x < 0 else 0


def real(x: Value) -> Value:
    return x.re if isinstance(x, Complex) else x


def imag(x: Value) -> Value:
    if isinstance(x, Complex):
        return x.im
    return None if x is None else 0


def make_imag(x: Value) -> Value:
    return make_complex(0, x)


def num(x: Value) -> Value:
    """The numerator of a number that is small enough to be a fraction."""
    if isinstance(x, BigFloat) and abs(x.binary_exp) < MAX_RAT_BITS:
        x = x.fraction()
    if isinstance(x, (int, Fraction)):
        return x.numerator
    return None


def denom(x: Value) -> Value:
    if isinstance(x, BigFloat) and abs(x.binary_exp) < MAX_RAT_BITS:
        x = x.fraction()
    if isinstance(x, (int, Fraction)):
        return x.denominator
    return None


# --- converting between kinds --------------------------------------------------------------------


def to_int(x: Value) -> Value:
    """`x` as an integer constant if it has an integer's value; else None."""
    t = type(x)
    if t is int:
        return x
    if t is Fraction:
        return x.numerator if x.denominator == 1 else None
    if t is BigFloat:
        return bigfloat.to_int(x) if abs(x.binary_exp) < MAX_RAT_BITS else None
    if t is Complex:
        re = to_float(x)
        return None if re is None else to_int(re)
    return None


def to_float(x: Value) -> Value:
    t = type(x)
    if t is Fraction or t is BigFloat:
        return x
    if t is int:
        return Fraction(x) if x.bit_length() < MAX_RAT_BITS else bigfloat.from_int(x)
    if t is Complex and sign(x.im) == 0:
        return to_float(x.re)
    return None


def to_complex(x: Value) -> Value:
    t = type(x)
    if t is Complex:
        return x
    if t is int or t is Fraction or t is BigFloat:
        return Complex(x, 0)
    return None


# --- operations ----------------------------------------------------------------------------------

_ORD = {type(None): 0, bool: 1, str: 1, LongString: 1, int: 2, Fraction: 4, BigFloat: 5, Complex: 6}


def match(x: Value, y: Value) -> tuple[Value, Value]:
    """Both values in the larger of their representations; (None, None) if there is none."""
    tx, ty = type(x), type(y)
    if tx is ty:
        return x, y
    ox, oy = _ORD[tx], _ORD[ty]
    if min(ox, oy) < 2:
        if bool not in (tx, ty) and ox == oy == 1:
            return x, y
        return None, None
    if ox < oy:
        return _widen(x, ty), y
    return x, _widen(y, tx)


def _widen(x: Value, to: type) -> Value:
    if to is Fraction:
        return Fraction(x)
    if to is BigFloat:
        return bigfloat.from_int(x) if type(x) is int else bigfloat.from_fraction(x)
    return Complex(x, 0)


def unary_op(op: str, y: Value, prec: int = 0) -> Value:
    """`op`: `+ - ^ !`. For `^` on an unsigned type `prec` is its number of bits, else 0."""
    if y is None or op == "+":
        return y
    if op == "-":
        if isinstance(y, Complex):
            return make_complex(unary_op("-", y.re), unary_op("-", y.im))
        return bigfloat.neg(y) if isinstance(y, BigFloat) else -y
    if op == "^":
        z = ~y
        return z & ((1 << prec) - 1) if prec > 0 else z
    return not y


def binary_op(x: Value, op: str, y: Value) -> Value:
    """`op`: `+ - * / % & | ^ &^ && ||`, and `//` for division of integers that drops the rest
    (`/` of integers is exact). Not for shifts and comparisons. None for division by zero."""
    x, y = match(x, y)
    t = type(x)
    if t is int:
        return _int_op(x, op, y)
    if t is Fraction:
        if op == "+":
            return _make_rat(x + y)
        if op == "-":
            return _make_rat(x - y)
        if op == "*":
            return _make_rat(x * y)
        return None if y == 0 else _make_rat(x / y)
    if t is BigFloat:
        return _FLOAT_OPS[op](x, y)
    if t is Complex:
        return _complex_op(x, op, y)
    if t is bool:
        return (x and y) if op == "&&" else (x or y)
    if t is str or t is LongString:
        return _concat(x, y)
    return None


_FLOAT_OPS = {
    "+": bigfloat.add,
    "-": bigfloat.sub,
    "*": bigfloat.mul,
    "/": bigfloat.quo,
}


def _concat(x: str | LongString, y: str | LongString) -> str | LongString:
    if not isinstance(x, str) or not isinstance(y, str) or len(x) + len(y) > MAX_STR:
        return LongString(x, y)
    s = x + y
    if not (x.isascii() or y.isascii()):
        # The halves of a character may have met.
        s = string_from_bytes(s.encode("utf-8", "surrogateescape"))
    return s


def join(pieces: list[str | LongString]) -> str | LongString:
    """The concatenation of at least one string, in time linear in its length (nearly)."""
    while len(pieces) > 1:
        halves = [_concat(x, y) for x, y in zip(pieces[::2], pieces[1::2], strict=False)]
        if len(pieces) % 2:
            halves.append(pieces[-1])
        pieces = halves
    return pieces[0]


def _int_op(a: int, op: str, b: int) -> Value:
    if op == "+":
        return a + b
    if op == "-":
        return a - b
    if op == "*":
        return a * b
    if op == "&":
        return a & b
    if op == "|":
        return a | b
    if op == "^":
        return a ^ b
    if op == "&^":
        return a & ~b
    if b == 0:
        return None
    if op == "/":
        return _make_rat(Fraction(a, b))
    q = abs(a) // abs(b)
    if (a < 0) != (b < 0):
        q = -q
    return q if op == "//" else a - q * b


def _complex_op(x: Complex, op: str, y: Complex) -> Value:
    a, b, c, d = x.re, x.im, y.re, y.im
    if op in ("+", "-"):
        return make_complex(binary_op(a, op, c), binary_op(b, op, d))
    ac, bd = binary_op(a, "*", c), binary_op(b, "*", d)
    bc, ad = binary_op(b, "*", c), binary_op(a, "*", d)
    if op == "*":
        return make_complex(binary_op(ac, "-", bd), binary_op(bc, "+", ad))
    s = binary_op(binary_op(c, "*", c), "+", binary_op(d, "*", d))
    re = binary_op(binary_op(ac, "+", bd), "/", s)
    im = binary_op(binary_op(bc, "-", ad), "/", s)
    return make_complex(re, im)


def shift(x: Value, op: str, s: int) -> Value:
    """`x << s` or `x >> s` of an integer; s >= 0."""
    if type(x) is not int:
        return None
    return x << s if op == "<<" else x >> s


def compare(x: Value, op: str, y: Value) -> bool:
    """`op`: `== != < <= > >=`. False if one of the values is unknown."""
    x, y = match(x, y)
    t = type(x)
    if x is None:
        return False
    if t is LongString or type(y) is LongString:
        if op in ("==", "!=") and string_len(x) != string_len(y):
            return op == "!="
        x, y, t = string_val(x), string_val(y), str
    if t is Complex:
        equal = compare(x.re, "==", y.re) and compare(x.im, "==", y.im)
        return equal if op == "==" else not equal
    if t is BigFloat:
        c = bigfloat.cmp(x, y)
    elif t is str and not (x.isascii() and y.isascii()):
        bx, by = string_bytes(x), string_bytes(y)
        c = (bx > by) - (bx < by)
    else:
        c = (x > y) - (x < y)
    if op == "==":
        return c == 0
    if op == "!=":
        return c != 0
    if op == "<":
        return c < 0
    if op == "<=":
        return c <= 0
    return c > 0 if op == ">" else c >= 0


# --- in words ------------------------------------------------------------------------------------

_QUOTED = {
    7: "\\a",
    8: "\\b",
    12: "\\f",
    10: "\\n",
    13: "\\r",
    9: "\\t",
    11: "\\v",
    92: "\\\\",
    34: '\\"',
}


def quote(s: str) -> str:
    """`s` as a Go string literal in double quotes."""
    if s.isascii() and s.isprintable() and '"' not in s and "\\" not in s:
        return f'"{s}"'
    out = ['"']
    for ch in s:
        c = ord(ch)
        if c in _QUOTED:
            out.append(_QUOTED[c])
        elif 0xDC80 <= c <= 0xDCFF:
            out.append(f"\\x{c - 0xDC00:02x}")
        elif ch.isprintable():
            out.append(ch)
        elif c < 0x20 or c == 0x7F:
            out.append(f"\\x{c:02x}")
        elif c < 0x10000:
            out.append(f"\\u{c:04x}")
        else:
            out.append(f"\\U{c:08x}")
    out.append('"')
    return "".join(out)


def _decimal(n: int) -> str:
    """Like `str(n)` without its limit on the number of digits."""
    if n.bit_length() < 13000:
        return str(n)
    if n < 0:
        return "-" + _decimal(-n)
    parts: list[str] = []
    unit = 10**3900
    while n:
        n, rest = divmod(n, unit)
        parts.append(str(rest).zfill(3900))
    return "".join(reversed(parts)).lstrip("0")


def const_string(x: Value) -> str:
    """The value as messages print it: strings shortened to 72 characters, floats rounded to six
    digits."""
    if x is None:
        return "unknown"
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, int):
        return _decimal(x)
    if isinstance(x, (str, LongString)):
        s = x if isinstance(x, str) else x.head() + "..."
        # A quoted character is never shorter than the character.
        s = quote(s[:80])
        return s if len(s) <= 72 else s[:69] + "..."
    if isinstance(x, Fraction):
        f = bigfloat.from_fraction(x)
        return "unknown" if f is None else _float_string(f)
    if isinstance(x, BigFloat):
        return _float_string(x)
    return f"({const_string(x.re)} + {const_string(x.im)}i)"


def exact_string(x: Value) -> str:
    """The value in full; fractions as `a/b`, floats that are no fractions as `0x.mantissap±exp`."""
    if isinstance(x, (str, LongString)):
        return quote(string_val(x))
    if isinstance(x, Fraction):
        if x.denominator == 1:
            return _decimal(x.numerator)
        return f"{_decimal(x.numerator)}/{_decimal(x.denominator)}"
    if isinstance(x, BigFloat):
        if x.mant == 0:
            return "0"
        m = abs(x.mant)
        m <<= -m.bit_length() % 4
        sign_ = "-" if x.mant < 0 else ""
        return f"{sign_}0x.{m:x}".rstrip("0") + f"p{x.binary_exp:+d}"
    if isinstance(x, Complex):
        return f"({exact_string(x.re)} + {exact_string(x.im)}i)"
    return const_string(x)


def _float_string(f: BigFloat) -> str:
    x, _ = float64_val(f)
    if (f.mant == 0) == (x == 0) and not math.isinf(x):
        s = f"{x:.6g}"
        if not f.is_int() and "." not in s:
            s = format_g(x)
        return s
    # Out of range: estimate the decimal exponent.
    exp = f.binary_exp
    mant = f.mant / (1 << abs(f.mant).bit_length())
    d = float(exp) * 0.30102999566398119521  # log10(2)
    e = int(d)
    m = mant * math.pow(10, d - float(e))
    am = abs(m)
    if am < 1 - 0.5e-6:
        m *= 10
        e -= 1
    elif am >= 10:
        m /= 10
        e += 1
    return f"{m:.6g}e{e:+d}"


def format_g(x: float) -> str:
    """`x` with as few digits as identify it, as the verb %g prints it: with an exponent below
    1e-4 and from 1e6 on."""
    if x == 0:
        return "0"
    mantissa, _, e = repr(abs(x)).partition("e")
    whole, _, frac = mantissa.partition(".")
    both = whole + frac
    digits = both.lstrip("0")
    exp = len(whole) + (int(e) if e else 0) - (len(both) - len(digits)) - 1
    digits = digits.rstrip("0")
    sign_ = "-" if x < 0 else ""
    if exp < -4 or exp >= 6:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign_}{digits[0]}{tail}e{'-' if exp < 0 else '+'}{abs(exp):02d}"
    if exp < 0:
        return f"{sign_}0.{'0' * (-exp - 1)}{digits}"
    if exp + 1 >= len(digits):
        return f"{sign_}{digits}{'0' * (exp + 1 - len(digits))}"
    return f"{sign_}{digits[: exp + 1]}.{digits[exp + 1 :]}"
