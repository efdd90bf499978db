package cpu

import (
	"testing"

	"github.com/lince-ml/lince/backend/backendtest"
	"github.com/lince-ml/lince/internal/kernel"
)

// TestConformance runs every kernel level.
func TestConformance(t *testing.T) {
	for _, k := range kernel.Sets() {
		t.Run(k.Level, func(t *testing.T) {
			b := &Backend{newPool(2), k}
			defer b.Close()
			backendtest.Run(t, b)
		})
	}
}
