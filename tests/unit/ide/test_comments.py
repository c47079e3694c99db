"""Comments behind code stay in line when edits change the lines before them, as gofmt sets them."""

from __future__ import annotations

import pytest
from goescape.ide.fixes.comments import comment_edits
from goescape.ide.fixes.edit import Edit, apply
from harness.fixes import gofmt

TEXT = gofmt("""package w

type t struct {
	a  int // one
	bb any // two
	c  string
	d  any // three
}

func f(n int) int {
	a := g(n)   // one
	bb := "//"  // two
	if n > 3 { // three
		c := 1 /* four */
		dd := 22 // five
		return c + dd
	} // six
	e := a // seven
	f := len(bb)

	return e + f // eight, '"'
}
""")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("g(n)", "g(n + 1)"),
        ('"//"', '"////////"'),
        ("n > 3", "n > 33333333"),
        ("c := 1", "c := 11111"),
        ("22", "2"),
        ("a := g(n)", "a := g(n)\n\tb := 3"),
        ("\te := a", "\te := a * 2"),
        ("bb any", "bb map[string]any"),
        ("return e + f", "return f"),
        ("é", "é"),
    ],
)
def test_as_gofmt_sets_them(old: str, new: str) -> None:
    text = TEXT.replace("one", "é").encode()
    start = max(text.find(old.encode()), 0)
    edit = Edit("w.go", start, start + len(old.encode()), new)
    after = apply(text, [edit, *comment_edits("w.go", text, [edit])]).decode()
    assert after == gofmt(apply(text, [edit]).decode())


@pytest.mark.parametrize(
    ("old", "new"), [("g(1, 2)", "g"), ("3", "33333"), ("six", "s"), ("e", "eeee")]
)
def test_a_line_of_several_elements_ends_a_run(old: str, new: str) -> None:
    text = gofmt("""package w

var list = []any{
	a, // one
	[]any{g(1, 2), ',', "five,"}, // two
	3, six, // three
	d, // four
	e, // five
	h(","), "seven", // six
}
""")
    start = text.index(old, text.index("{"))
    edit = Edit("w.go", start, start + len(old), new)
    after = apply(text.encode(), [edit, *comment_edits("w.go", text.encode(), [edit])]).decode()
    assert after == gofmt(apply(text.encode(), [edit]).decode())


def test_what_was_set_otherwise_is_left_alone() -> None:
    text = b"package w\n\nvar (\n\ta = 1 // one\n\tbb = 2 // two\n)\n"
    assert comment_edits("w.go", text, [Edit("w.go", 20, 21, "1111")]) == []
