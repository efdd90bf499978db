package metric_test

import (
	"testing"

	"github.com/lince-ml/lince/metric"
)

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567", -123: "-123"} {
		if got := metric.Thousands(n); got != want {
			t.Errorf("Thousands(%d) = %q, expected %q", n, got, want)
		}
	}
}
