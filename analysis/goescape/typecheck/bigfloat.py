"""Binary floating-point numbers of 512 bits: what constants become when fractions grow too large.

`mant * 2**exp`, rounded to nearest, ties to even.

Invariants
  - `mant` is odd and has at most 512 bits, or it is 0 and so is `exp`: equal numbers are equal
    field by field;
  - operations that leave the exponent range return None (the compiler's infinity), results too
    small become 0.

Example: `from_decimal(1, 1_000_000)`, that is 1e1000000, takes microseconds and 64 bytes.

Source: go/constant/value.go, math/big/float.go (go1.27).
"""

from __future__ import annotations

from fractions import Fraction

PREC = 512
MAX_EXP = (1 << 31) - 1
MIN_EXP = -(1 << 31)


class BigFloat:
    __slots__ = ("exp", "mant")

    def __init__(self, mant: int, exp: int) -> None:
        self.mant, self.exp = mant, exp

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BigFloat) and (self.mant, self.exp) == (other.mant, other.exp)

    def __hash__(self) -> int:
        return hash((self.mant, self.exp))

    def __repr__(self) -> str:
        return f"BigFloat({self.mant:#x}, {self.exp})"

    @property
    def binary_exp(self) -> int:
        """e such that 0.5 <= |value| / 2**e < 1; 0 for zero."""
        return self.mant.bit_length() + self.exp if self.mant else 0

    def sign(self) -> int:
        return (self.mant > 0) - (self.mant < 0)

    def is_int(self) -> bool:
        return self.exp >= 0 or self.mant == 0

    def fraction(self) -> Fraction:
        """The exact value; to be asked for only if `binary_exp` is small."""
        if self.exp >= 0:
            return Fraction(self.mant << self.exp)
        return Fraction(self.mant, 1 << -self.exp)


ZERO = BigFloat(0, 0)


def make(mant: int, exp: int, sticky: bool = False, prec: int = PREC) -> BigFloat | None:
    """`mant * 2**exp` rounded; `sticky`: the exact value is a little farther from zero."""
    if mant == 0:
        return ZERO
    m = abs(mant)
    extra = m.bit_length() - prec
    if extra > 0:
        rest = m & ((1 << extra) - 1)
        m >>= extra
        exp += extra
        half = 1 << (extra - 1)
        if rest > half or (rest == half and (sticky or m & 1)):
            m += 1
    zeros = (m & -m).bit_length() - 1
    m >>= zeros
    exp += zeros
    e = m.bit_length() + exp
    if e > MAX_EXP:
        return None
    if e < MIN_EXP:
        return ZERO
    return BigFloat(-m if mant < 0 else m, exp)


def from_int(n: int) -> BigFloat | None:
    return make(n, 0)


def from_fraction(x: Fraction) -> BigFloat | None:
    return _quo(x.numerator, x.denominator, 0)


def _quo(a: int, b: int, exp: int) -> BigFloat | None:
    """`a / b * 2**exp` for b > 0."""
    shift = max(0, PREC + 2 - (abs(a).bit_length() - b.bit_length()))
    q, r = divmod(abs(a) << shift, b)
    return make(-q if a < 0 else q, exp - shift, r != 0)


def from_decimal(digits: int, exp10: int, exp2: int = 0) -> BigFloat | None:
    """`digits * 10**exp10 * 2**exp2`, within a unit in the last place."""
    if digits == 0:
        return ZERO
    # Far outside of the range: do not start.
    if exp10 > MAX_EXP or exp2 > 2 * MAX_EXP:
        return None
    if exp10 < 2 * MIN_EXP or exp2 < 2 * MIN_EXP:
        return ZERO
    mant, exp = _pow5(abs(exp10))
    if exp10 >= 0:
        result = make(digits * mant, exp + exp10 + exp2)
    else:
        result = _quo(digits, mant, exp10 + exp2 - exp)
    return result


def _pow5(n: int) -> tuple[int, int]:
    """5**n as mantissa and binary exponent, with 64 bits more than needed."""
    prec = PREC + 64
    mant, exp = 1, 0
    base, base_exp = 5, 0
    while n:
        if n & 1:
            mant, exp = _trim(mant * base, exp + base_exp, prec)
        n >>= 1
        if n:
            base, base_exp = _trim(base * base, 2 * base_exp, prec)
    return mant, exp


def _trim(mant: int, exp: int, prec: int) -> tuple[int, int]:
    extra = mant.bit_length() - prec
    if extra <= 0:
        return mant, exp
    half = 1 << (extra - 1)
    return (mant + half) >> extra, exp + extra


def add(x: BigFloat, y: BigFloat) -> BigFloat | None:
    if x.mant == 0:
        return y
    if y.mant == 0:
        return x
    if x.exp < y.exp:
        x, y = y, x
    shift = x.exp - y.exp
    if x.binary_exp - y.binary_exp > 2 * PREC + 4:
        # y only nudges x.
        m = x.mant << (PREC + 2)
        nudge = 1 if y.mant > 0 else -1
        return make(m + nudge, x.exp - PREC - 2)
    return make((x.mant << shift) + y.mant, y.exp)


def neg(x: BigFloat) -> BigFloat:
    return BigFloat(-x.mant, x.exp)


def sub(x: BigFloat, y: BigFloat) -> BigFloat | None:
    return add(x, neg(y))


def mul(x: BigFloat, y: BigFloat) -> BigFloat | None:
    return make(x.mant * y.mant, x.exp + y.exp)


def quo(x: BigFloat, y: BigFloat) -> BigFloat | None:
    if y.mant == 0:
        return None
    a = -x.mant if y.mant < 0 else x.mant
    return _quo(a, abs(y.mant), x.exp - y.exp)


def cmp(x: BigFloat, y: BigFloat) -> int:
    sx, sy = x.sign(), y.sign()
    if sx != sy:
        return 1 if sx > sy else -1
    if sx == 0:
        return 0
    ex, ey = x.binary_exp, y.binary_exp
    if ex != ey:
        return sx if ex > ey else -sx
    low = min(x.exp, y.exp)
    a, b = x.mant << (x.exp - low), y.mant << (y.exp - low)
    return (a > b) - (a < b)


def to_int(x: BigFloat) -> int | None:
    """The integer x is, or that it is but for its last few bits; None if there is none such."""
    if x.exp >= 0:
        return x.mant << x.exp
    # A value computed from integers may be off by a tiny bit: try again with fewer bits, towards
    # zero and away from it.
    keep = PREC - 4
    m = abs(x.mant)
    extra = m.bit_length() - keep
    if extra <= 0:
        return None
    sign = -1 if x.mant < 0 else 1
    for up in (0, 1):
        t = (m >> extra) + up
        exp = x.exp + extra
        if exp >= 0:
            return sign * (t << exp)
        if t & ((1 << -exp) - 1) == 0:
            return sign * (t >> -exp)
    return None
