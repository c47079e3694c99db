// Demo renders a few shapes, remembering what it has rendered already.
package main

import (
	"fmt"
	"os"

	"example.com/demo/cache"
	"example.com/demo/shape"
)

func main() {
	drawings := cache.New[string, string](16)
	shapes := []shape.Shape{
		shape.NewCircle(2),
		&shape.Rect{W: 3, H: 4},
		shape.Square(2),
	}
	total := 0.0
	visit(shapes, func(s shape.Shape) {
		total += s.Area()
	})
	for _, s := range shapes {
		text := drawings.Get(s.Name(), func() string { return render(s) })
		fmt.Println(text)
	}
	if err := report(total); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
}

// visit calls f for each shape. f does not outlive the call, so the literal in
// main stays on the stack, and so does the variable that it captures.
func visit(shapes []shape.Shape, f func(shape.Shape)) {
	for _, s := range shapes {
		f(s)
	}
}

// render builds a line in a buffer of its own.
func render(s shape.Shape) string {
	var buf [64]byte
	line := append(buf[:0], s.Name()...)
	line = append(line, ": "...)
	line = fmt.Appendf(line, "%.1f", s.Area())
	return string(line)
}

// failure is returned as an error, so it lives on the heap.
type failure struct {
	area float64
}

func (f *failure) Error() string {
	return fmt.Sprintf("the area %.1f is too large", f.area)
}

func report(area float64) error {
	if area > 100 {
		return &failure{area}
	}
	return nil
}
