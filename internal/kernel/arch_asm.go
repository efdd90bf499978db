//go:build !noasm && (amd64 || arm64)

package kernel

// rowsOf returns the rows of one level.
func rowsOf(rows []Row, level string) []Row {
	var out []Row
	for _, r := range rows {
		if r.Level == level {
			out = append(out, r)
		}
	}
	return out
}

// panicLength is where the assembly goes when an input is shorter than the
// output.
//
//lint:ignore U1000 the assembly jumps to it
func panicLength() { panic("kernel: input shorter than output") }
