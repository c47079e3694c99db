"""The compiler's sentences, all of them in one place.

One function per sentence, with an example of it. What goes into a sentence is text already: nodes
and types are worded by `ir.fmt`. A sentence has no position; some releases word it differently, so
those take the release.

Invariants
  - names of functions are bare in explanations ("in F:", "for F") and qualified like every symbol
    in "capturing by" and "ignoring self-assignment";
  - names of parameters and results are bare in verdicts.

Source: cmd/compile/internal/{escape,inline,devirtualize,bloop,noder} of the releases named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from goescape.goversion import Release

UNKNOWN_POSITION = "<unknown line number>"

# --- verdicts (-m) -------------------------------------------------------------------------------


def moved(name: str) -> str:
    """moved to heap: x"""
    return f"moved to heap: {name}"


def escapes(text: str) -> str:
    """&T{...} escapes to heap"""
    return f"{text} escapes to heap"


def stays(text: str) -> str:
    """make([]int, n) does not escape; also of parameters: p does not escape"""
    return f"{text} does not escape"


def zero_copy() -> str:
    """zero-copy string->[]byte conversion"""
    return "zero-copy string->[]byte conversion"


def leaks(param: str) -> str:
    """leaking param: p"""
    return f"leaking param: {param}"


def content_leaks(param: str) -> str:
    """leaking param content: p"""
    return f"leaking param content: {param}"


def leaks_to_result(param: str, result: str, level: int) -> str:
    """leaking param: p to result ~r0 level=1"""
    return f"leaking param: {param} to result {result} level={level}"


def assumed_uintptr(param: str) -> str:
    """assuming u is unsafe uintptr"""
    return f"assuming {param} is unsafe uintptr"


def escaping_uintptr(param: str) -> str:
    """marking u as escaping uintptr"""
    return f"marking {param} as escaping uintptr"


def escaping_uintptrs(param: str) -> str:
    """marking us as escaping ...uintptr"""
    return f"marking {param} as escaping ...uintptr"


def self_assignment(func: str, stmt: str) -> str:
    """(*B).cut ignoring self-assignment in b.buf = b.buf[1:]"""
    return f"{func} ignoring self-assignment in {stmt}"


def forbidden(name: str) -> str:
    """x escapes to heap, not allowed in runtime"""
    return f"{name} escapes to heap, not allowed in runtime"


# --- explanations (-m=2) -------------------------------------------------------------------------


def capturing(func: str, how: str, var: str, addrtaken: bool, assigned: bool, width: int) -> str:
    """f capturing by value: x (addr=false assign=false width=8)"""
    a, b = ("true" if flag else "false" for flag in (addrtaken, assigned))
    return f"{func} capturing by {how}: {var} (addr={a} assign={b} width={width})"


def escapes_in(text: str, func: str, release: Release) -> str:
    """x escapes to heap in f:"""
    if not release.names_function_in_notes:
        return f"{text} escapes to heap:"
    return f"{text} escapes to heap in {func}:"


def param_leaks(param: str, sink: str, func: str, derefs: int, release: Release) -> str:
    """parameter p leaks to {heap} for f with derefs=0:"""
    if not release.names_function_in_notes:
        return f"parameter {param} leaks to {sink} with derefs={derefs}:"
    return f"parameter {param} leaks to {sink} for {func} with derefs={derefs}:"


def flow(dst: str, ops: str, src: str, release: Release) -> str:
    """flow: ~r0 ← &x:"""
    arrow = "←" if release.names_function_in_notes else "="
    return f"  flow: {dst} {arrow} {ops}{src}:"


def reason(where: str, why: str, position: str) -> str:
    """from &x (address-of) at ./x.go:4:9"""
    return f"    from {where} ({why}) at {position}"


def truncated() -> str:
    """warning: truncated explanation due to assignment cycle; see golang.org/issue/35518"""
    return "  warning: truncated explanation due to assignment cycle; see golang.org/issue/35518"


# --- calls ---------------------------------------------------------------------------------------


def devirtualizing(call: str, target: str) -> str:
    """devirtualizing w.Write to *bytes.Buffer"""
    return f"devirtualizing {call} to {target}"


def partially_devirtualizing(call: str, target: str) -> str:
    """partially devirtualizing e.M to Y"""
    return f"partially devirtualizing {call} to {target}"


def shaped_receiver(call: str, target: str) -> str:
    """cannot devirtualize x.M(): shaped receiver G[go.shape.int]"""
    return f"cannot devirtualize {call}: shaped receiver {target}"


def shaped_interface(call: str, target: str) -> str:
    """cannot devirtualize x.M(): shaped interface I[go.shape.int]"""
    return f"cannot devirtualize {call}: shaped interface {target}"


# --- inlining --------------------------------------------------------------------------------------


def can_inline(fn: str) -> str:
    """can inline f"""
    return f"can inline {fn}"


def can_inline_at_cost(fn: str, cost: int, text: str) -> str:
    """can inline f with cost 4 as: func(int) int { return x + 1 }"""
    return f"can inline {fn} with cost {cost} as: {text}"


def cannot_inline(fn: str, reason: str) -> str:
    """cannot inline f: marked go:noinline"""
    return f"cannot inline {fn}: {reason}"


def inlining_call(callee: str) -> str:
    """inlining call to (*T).M"""
    return f"inlining call to {callee}"


def repeated_cycle(callee: str, caller: str) -> str:
    """cannot inline g into f: repeated recursive cycle"""
    return f"cannot inline {callee} into {caller}: repeated recursive cycle"


def big_function(fn: str) -> str:
    """function f considered 'big'; reducing max cost of inlinees"""
    return f"function {fn} considered 'big'; reducing max cost of inlinees"


# --- others ----------------------------------------------------------------------------------------


def imprecise_interface_call() -> str:
    """imprecise interface call"""
    return "imprecise interface call"


def skipped_loop() -> str:
    """skip inlining within testing.B.loop for for loop"""
    return "skip inlining within testing.B.loop for for loop"


def check_elided() -> str:
    """index bounds check elided"""
    return "index bounds check elided"
