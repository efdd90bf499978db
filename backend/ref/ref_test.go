package ref_test

import (
	"testing"

	"github.com/lince-ml/lince/backend/backendtest"
	"github.com/lince-ml/lince/backend/ref"
)

func TestConformance(t *testing.T) { backendtest.Run(t, ref.Backend{}) }
