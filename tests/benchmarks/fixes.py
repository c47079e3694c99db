"""What fixes are worth: a benchmark of each kind, before and after, by the real toolchain.

    cd tests; ../.venv/bin/python -m benchmarks.fixes [--older DIR] [FIX...]

Each program is fixed as an editor would fix it, and `go test -bench -benchmem` is run on both texts. The
table stands in the README. `closure-argument` matters without inlining only, and is run so;
`make-constant` before go1.25 only: it is left out, unless `--older` is a toolchain (a GOROOT) of go1.24.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from harness.fixes import fixed
from harness.oracle import Target, environment, goroot

_HEAD = "package w\n\n"
_BENCHMARK = """package w

import (
	"io"
	"log"
	"testing"
)

func BenchmarkRun(b *testing.B) {
	log.SetOutput(io.Discard)
	for i := 0; i < b.N; i++ {
		Run(i)
	}
}
"""
_RESULT = re.compile(r"BenchmarkRun\S*\s+\d+\s+([\d.]+) ns/op\s+(\d+) B/op\s+(\d+) allocs/op")

ROUNDS = 5
"""The quickest of so many runs counts."""

PROGRAMS = {
    "without-fmt": """import "fmt"

var text string

func Run(n int) { text = fmt.Sprintf("%d", n+1000) }
""",
    "format-directly": """import (
	"fmt"
	"log"
)

func Run(n int) { log.Print(fmt.Sprintf("n is %d", n+1000)) }
""",
    "write-string": """import "io"

type null struct{}

func (null) Write(p []byte) (int, error) { return len(p), nil }

func (null) WriteString(s string) (int, error) { return len(s), nil }

var out io.Writer = null{}

var text = "a text of more than thirty-two bytes, to be written"

func write(s string) { out.Write([]byte(s)) }

func Run(n int) { write(text) }
""",
    "without-conversion": """import "strings"

//go:noinline
func count(b []byte) int { return strings.IndexByte(string(b), ':') }

var text = []byte("a text of more than thirty-two bytes: one that is looked through")

var found int

func Run(n int) { found = count(text) }
""",
    "hoist": """var calls [8]func() int

type counter struct{ n int }

//go:noinline
func (c *counter) next() int {
	c.n++
	return c.n
}

//go:noinline
func fill(c *counter) {
	for i := range calls {
		calls[i] = c.next
	}
}

var c counter

func Run(n int) { fill(&c) }
""",
    "constant-capacity": """//go:noinline
func sum(n int) int {
	s := make([]int, 0, n)
	for i := 0; i < n; i++ {
		s = append(s, i)
	}
	return s[len(s)-1]
}

func Run(n int) { sum(n%32 + 8) }
""",
    "backing-array": """//go:noinline
func last(n int) int {
	s := make([]int, n)
	s[n-1] = n
	return s[n-1]
}

func Run(n int) { last(n%32 + 8) }
""",
    "preallocate": """//go:noinline
func count(n int) int {
	var s []int
	for i := 0; i < 40; i++ {
		s = append(s, i)
	}
	return s[n]
}

func Run(n int) { count(n % 40) }
""",
    "declare-value": """type big struct {
	n    int
	data [70000]byte
}

//go:noinline
func (b *big) grow() int { b.n++; return b.n }

func Run(n int) {
	b := &big{n: n}
	b.grow()
}
""",
    "return-value": """type point struct{ x, y int }

//go:noinline
func newPoint(x int) *point {
	p := point{x, x}
	return &p
}

var last int

func Run(n int) {
	p := newPoint(n)
	last = p.x + p.y
}
""",
    "caller-provides": """//go:noinline
func next(b byte) []byte {
	p := make([]byte, 64)
	p[0] = b
	return p
}

var last byte

func Run(n int) { last = next(byte(n))[0] }
""",
    "capture-copy": """//go:noinline
func pick(names []string) func() string {
	last := ""
	for _, name := range names {
		last = name
	}
	for {
		if len(names) > 0 {
			return func() string { return last }
		}
	}
}

var names = []string{"a", "b"}

func Run(n int) { pick(names) }
""",
    "keep-concrete": """type record struct{ id, code int }

type sink struct{ last any }

//go:noinline
func (s *sink) put(v any) { s.last = v }

var out sink

func Run(n int) { out.put(record{n, n}) }
""",
    "make-generic": """type shape interface{ area() int }

type square struct{ a, b int }

func (s square) area() int { return s.a * s.b }

type circle struct{ r, x int }

func (c circle) area() int { return 3 * c.r * c.r }

//go:noinline
func twice(s shape) int { return 2 * s.area() }

var last int

func Run(n int) { last = twice(square{n, n}) + twice(circle{n, n}) }
""",
    "take-pointer": """type s struct{ a [8]int }

//go:noinline
func ref(z s) *s { return &z }

var last int

func Run(n int) {
	var x s
	x.a[0] = n
	last = ref(x).a[0]
}
""",
    "fit-limit": """func Run(n int) {
	b := make([]byte, 65*1024)
	b[n%1024] = 1
}
""",
    "make-constant": """func Run(n int) {
	size := 128
	b := make([]byte, size)
	b[n&127] = 1
}
""",
    "closure-argument": """var last int

func Run(n int) {
	var x *int
	func() {
		y := n
		x = &y
		last += *x
	}()
}
""",
}
OLDER, PLAIN = "make-constant", "closure-argument"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--older", type=Path, help="GOROOT of go1.24")
    parser.add_argument("fixes", nargs="*")
    options = parser.parse_args()
    print("| fix | ns/op | B/op | allocs/op |")
    print("| --- | --- | --- | --- |")
    status = 0
    for code in options.fixes or PROGRAMS:
        root, go, inline = goroot(), "", code != PLAIN
        if code == OLDER:
            if options.older is None:
                continue
            root, go = options.older.resolve(), "1.24"
        text = _HEAD + PROGRAMS[code]
        after = fixed(text, code, go, inline=inline)
        if after == text:
            print(f"{code}: nothing was fixed", file=sys.stderr)
            status = 1
            continue
        both = [_measured(t, root, go or "1.27", inline) for t in (text, after)]
        cells = [f"{a} → {b}" for a, b in zip(*both, strict=True)]
        print(f"| `{code}` | {' | '.join(cells)} |", flush=True)
    return status


def _measured(text: str, root: Path, go: str, inline: bool) -> tuple[str, str, str]:
    """ns/op, B/op and allocs/op of a program, by the toolchain at `root`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "go.mod").write_text(f"module w\n\ngo {go}\n")
        (path / "w.go").write_text(text)
        (path / "w_test.go").write_text(_BENCHMARK)
        words = ["test", "-vet=off", "-run=^$", "-bench=.", "-benchmem", "-benchtime=20000x"]
        words.append(f"-count={ROUNDS}")
        if not inline:
            words.append("-gcflags=-l")
        variables = {**environment(Target()), "GOROOT": str(root)}
        done = subprocess.run(
            [str(root / "bin" / "go"), *words], cwd=path, env=variables,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    found = _RESULT.findall(done.stdout)
    assert len(found) == ROUNDS, done.stdout
    ns, size, allocs = min(found, key=lambda numbers: float(numbers[0]))
    return f"{float(ns):.0f}", size, allocs


if __name__ == "__main__":
    sys.exit(main())
