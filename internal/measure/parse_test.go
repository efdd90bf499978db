package measure

import (
	"strings"
	"testing"
)

func TestParseConv(t *testing.T) {
	for _, s := range []string{
		"8x64x56x56:64x3x3", "8x3x224x224:64x7x7:stride=2,pad=3", "1x32x20x10:32x3x1:stride=2x1,pad=1x0,dilation=2,groups=32",
	} {
		c, err := ParseConv(s)
		if err != nil || c.String() != "forward "+s {
			t.Errorf("%s is read as %v, %v", s, c, err)
		}
	}
	for s, want := range map[string]string{
		"8x64x56x56":                 "expected NxCxHxW:OxKHxKW",
		"8x64x56:64x3x3":             `images "8x64x56", expected 4 positive numbers`,
		"8x64x56x56:64x3":            "filters",
		"8x64x56x0:64x3x3":           "expected 4 positive numbers",
		"8x64x56x56:64x3x3:strid=2":  `did you mean "stride"?`,
		"8x64x56x56:64x3x3:pad=-1":   `pad is "-1", expected a whole number, 0 or more`,
		"8x64x56x56:64x3x3:pad":      "expected a whole number",
		"8x64x56x56:64x3x3:groups=3": "64 channels do not divide into 3 groups",
	} {
		if _, err := ParseConv(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, expected %q", s, err, want)
		}
	}
}

func TestParseMatMul(t *testing.T) {
	m, n, k, attrs, err := ParseMatMul("10x20x30:tb")
	if m != 10 || n != 20 || k != 30 || attrs.TransA || !attrs.TransB || err != nil {
		t.Errorf("%d %d %d %+v %v", m, n, k, attrs, err)
	}
	for s, want := range map[string]string{"10x20": "MxNxK", "ax2x3": "3 positive numbers", "1x2x3:tc": "there are ta and tb"} {
		if _, _, _, _, err := ParseMatMul(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, expected %q", s, err, want)
		}
	}
}
