// Package shape has things with an area.
package shape

// A Shape has a name and an area.
type Shape interface {
	Name() string
	Area() float64
}

// A Circle is round.
type Circle struct {
	radius float64
	tags   []string
}

// NewCircle returns a circle. Its address is the result, so it is on the heap.
func NewCircle(radius float64) *Circle {
	c := Circle{radius: radius}
	c.tag("round")
	return &c
}

func (c *Circle) tag(names ...string) {
	c.tags = append(c.tags, names...)
}

// Name is part of Shape.
func (c *Circle) Name() string { return "circle" }

// Area is part of Shape.
func (c *Circle) Area() float64 { return 3.14 * c.radius * c.radius }

// A Rect has four corners.
type Rect struct{ W, H float64 }

// Name is part of Shape.
func (r *Rect) Name() string { return "rect" }

// Area is part of Shape.
func (r *Rect) Area() float64 { return r.W * r.H }

// A Square is kept by value.
type Square float64

// Name is part of Shape.
func (s Square) Name() string { return "square" }

// Area is part of Shape.
func (s Square) Area() float64 { return float64(s * s) }

var last Shape

// Remember keeps s: what it is given is on the heap.
func Remember(s Shape) { last = s }

// Largest returns the shape with the largest area. Its loop keeps an address
// that does not leave the function.
func Largest(shapes []Shape) Shape {
	var best Shape
	area := -1.0
	for _, s := range shapes {
		a := s.Area()
		p := &a
		if *p > area {
			best, area = s, *p
		}
	}
	return best
}
