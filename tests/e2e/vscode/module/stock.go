package orders

// Left tells how many are left.
func Left(stock, sold int) *int {
	left := stock - sold
	return &left
}
