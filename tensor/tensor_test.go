package tensor

import (
	"testing"
	"unsafe"
)

func TestShape(t *testing.T) {
	s := ShapeOf(2, 3, 4)
	if s.Rank() != 3 || s.Size() != 24 || s.Dim(-1) != 4 || s.String() != "[2 3 4]" {
		t.Errorf("shape %v: rank %d size %d last %d", s, s.Rank(), s.Size(), s.Dim(-1))
	}
	if s != ShapeOf(2, 3, 4) || s == ShapeOf(2, 3) || s.With(-1, 5) != ShapeOf(2, 3, 5) {
		t.Error("shapes do not compare by value")
	}
	if st := s.Strides(); st[0] != 12 || st[1] != 4 || st[2] != 1 {
		t.Errorf("strides %v", st)
	}
	if n, ok := ShapeOf(1<<40, 1<<40).CheckedSize(); ok {
		t.Errorf("overflow not seen: %d", n)
	}
	if (Shape{}).Size() != 1 || ShapeOf(3, 0).Size() != 0 {
		t.Error("size of a scalar or of an empty shape")
	}
}

func TestTensor(t *testing.T) {
	x := Of(ShapeOf(2, 2), float32(1), 2, 3, 4)
	y := x.Clone()
	y.F32()[3] = 5
	if x.F32()[3] != 4 || x.String() != "f32[2 2]" {
		t.Errorf("clone shares memory, or %v", x)
	}
	if x.Reshape(ShapeOf(4)).F32()[2] != 3 {
		t.Error("reshape lost the values")
	}
	for n := range 100 {
		if b := Bytes(n); len(b) != n || uintptr(unsafe.Pointer(unsafe.SliceData(b)))%Align != 0 {
			t.Fatalf("Bytes(%d): %d bytes at %p", n, len(b), b)
		}
	}
}

func TestMisuse(t *testing.T) {
	for name, f := range map[string]func(){
		"dtype":  func() { Of(ShapeOf(1), int32(1)).F32() },
		"size":   func() { Of(ShapeOf(3), float32(1)) },
		"rank":   func() { ShapeOf(1, 1, 1, 1, 1, 1, 1, 1, 1) },
		"sign":   func() { ShapeOf(-1) },
		"bounds": func() { ShapeOf(1).Dim(1) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}
