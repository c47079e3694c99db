// Package orders keeps the orders of a shop.
package orders

import "fmt"

// An Order is a number of things for somebody.
type Order struct {
	ID    int
	Lines []string
}

// A Book has every order by its number.
type Book struct {
	byID map[int]*Order
	last *Order
}

// Place makes an order and keeps it: the book outlives the call.
func (b *Book) Place(id int, lines []string) {
	order := Order{ID: id, Lines: lines}
	chosen := &order
	if b.last != nil && b.last.ID == id {
		chosen = b.last
	}
	b.keep(chosen)
}

//go:noinline
func (b *Book) keep(o *Order) {
	b.byID[o.ID] = o
	b.last = o
}

// Labels are the numbers as text. The slice grows while it is filled.
func Labels(orders []*Order) []string {
	var labels []string
	for _, o := range orders {
		labels = append(labels, fmt.Sprintf("%d", o.ID))
	}
	return labels
}

// Total counts the lines. Nothing here leaves the function.
func Total(orders []*Order) int {
	total := 0
	count := func(o *Order) { total += len(o.Lines) }
	for _, o := range orders {
		count(o)
	}
	return total
}

// Sum adds numbers through a pointer made for it.
func Sum(numbers []int) int {
	sum := new(int)
	for _, n := range numbers {
		*sum += n
	}
	return *sum
}

// Pair returns the address of its own variable.
func Pair(a, b int) *[2]int {
	pair := [2]int{a, b}
	return &pair
}
