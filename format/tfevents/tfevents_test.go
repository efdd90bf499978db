package tfevents

import (
	"bytes"
	"os"
	"testing"
	"time"
)

// testdata/events.bin is what testdata/events.py, with TensorBoard's own writer, makes of the same events.
func TestAgainstTensorBoard(t *testing.T) {
	want, err := os.ReadFile("testdata/events.bin")
	if err != nil {
		t.Fatal(err)
	}
	at := time.UnixMicro(1700000000500000)
	got := AppendHeader(nil, at)
	got = Append(got, Event{at, 445, []Value{{Tag: "loss/train", Scalar: 0.25}, {Tag: "accuracy/validation", Scalar: 0.9767}}})
	got = Append(got, Event{at, 0, []Value{{Tag: "lr", Scalar: 1e-7}}})
	got = Append(got, Event{at, 1 << 40, []Value{{Tag: "plots/curves", PNG: []byte("\x89PNG, or so"), Width: 640, Height: 200}}})
	if !bytes.Equal(got, want) {
		t.Errorf("%d bytes\n%q\nwant %d\n%q", len(got), got, len(want), want)
	}
}

// The checksum of the standard's own example: RFC 3720, appendix B.4, 32 bytes of zeros.
func TestMasked(t *testing.T) {
	crc := uint32(0x8a9136aa)
	if got, want := masked(make([]byte, 32)), (crc>>15|crc<<17)+0xa282ead8; got != want {
		t.Errorf("%08x, want %08x", got, want)
	}
}
