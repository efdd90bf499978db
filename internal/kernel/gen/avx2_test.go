package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// later are the registers of AVX-512: the assembler takes them in any instruction, and encodes that for AVX-512.
var later = regexp.MustCompile(`\b([XY](1[6-9]|2[0-9]|3[01])|Z[0-9]+|K[0-7])\b`)

// vexInstructions are those of AVX, AVX2 and FMA that the level avx2 uses (Intel's manual, volume 2, the column "CPUID feature flag").
var vexInstructions = strings.Fields(`VADDPS VANDNPS VANDPS VBLENDVPS VBROADCASTSS VCMPPS VCVTDQ2PS VCVTPS2DQ VCVTSI2SSL VDIVPS VEXTRACTF128
	VFMADD213PS VFMADD213SS VFMADD231PS VFNMADD231PS VMASKMOVPS VMAXPS VMINPS VMOVAPS VMOVSS VMOVUPS VMULPS VORPS VPADDD VPAND VPCMPEQD
	VPERM2F128 VPERMILPS VPERMPD VPMOVZXBD VPSLLD VPSRAD VPSRLQ VPSUBD VROUNDPS VSHUFPS VSQRTPS VSUBPS VUNPCKHPD VUNPCKHPS VUNPCKLPD
	VUNPCKLPS VXORPS VZEROUPPER`)

// TestAVX2 fails when the level avx2 would stop with an illegal instruction on a processor without AVX-512; on one that has it, all works.
func TestAVX2(t *testing.T) {
	checked := 0
	for name, content := range files() {
		if !strings.Contains(name, "_avx2_") {
			continue
		}
		checked++
		for i, line := range bytes.Split(content, []byte("\n")) {
			code, _, _ := strings.Cut(strings.TrimSpace(string(line)), "//")
			if r := later.FindString(code); r != "" {
				t.Errorf("%s:%d: %s is a register of AVX-512: %s", name, i+1, r, code)
			}
			mnemonic, _, _ := strings.Cut(code, " ")
			if strings.HasPrefix(mnemonic, "V") && !slices.Contains(vexInstructions, mnemonic) {
				t.Errorf("%s:%d: %s is not known to be of AVX2: %s", name, i+1, mnemonic, code)
			}
		}
	}
	if checked == 0 {
		t.Error("no files of the level avx2")
	}
}
