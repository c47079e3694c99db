// Package cache remembers computed values.
package cache

// A Cache keeps up to a number of values by key.
type Cache[K comparable, V any] struct {
	entries map[K]*entry[V]
	limit   int
	misses  func() int
}

type entry[V any] struct {
	value V
	used  int
}

// New returns an empty cache for limit values.
func New[K comparable, V any](limit int) *Cache[K, V] {
	misses := 0
	c := &Cache[K, V]{entries: make(map[K]*entry[V]), limit: limit}
	// The literal outlives New, and misses with it.
	c.misses = func() int {
		misses++
		return misses
	}
	return c
}

// Get returns the value for key; if there is none, it is made.
func (c *Cache[K, V]) Get(key K, make func() V) V {
	if e := c.entries[key]; e != nil {
		e.used++
		return e.value
	}
	c.misses()
	e := entry[V]{value: make()}
	if len(c.entries) < c.limit {
		c.entries[key] = &e
	}
	return e.value
}

// Newest returns the longer of two keys: both flow to its result.
func Newest(a, b *string) *string {
	if len(*a) > len(*b) {
		return a
	}
	return b
}
