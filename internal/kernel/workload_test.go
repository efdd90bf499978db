package kernel

import "testing"

// TestWorkloads runs each row of the table once.
func TestWorkloads(t *testing.T) {
	for _, row := range Table() {
		w := row.Workload()
		if w.Flops+w.Bytes <= 0 || w.Size == "" {
			t.Errorf("%s/%s %dx%d: no size: %+v", row.Level, row.Name, row.MR, row.NR, w)
		}
		w.Run()
	}
}

// BenchmarkTable measures each row of the table on data in the first-level cache.
func BenchmarkTable(b *testing.B) {
	for _, row := range Table() {
		w := row.Workload()
		b.Run(row.Level+"/"+row.Name+"/"+w.Size, func(b *testing.B) {
			b.SetBytes(int64(w.Bytes))
			b.ReportAllocs()
			for b.Loop() {
				w.Run()
			}
			if w.Flops > 0 {
				gflops(b, float64(w.Flops))
			}
		})
	}
}
