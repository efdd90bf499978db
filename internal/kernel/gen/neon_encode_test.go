package main

import "testing"

// TestEncode compares the encoders with what the assembler of GNU binutils 2.40 makes of the text.
func TestEncode(t *testing.T) {
	for _, c := range []struct {
		got  inst
		word uint32
		text string
	}{
		{fadd(0, 1, 2), 0x4e22d420, "fadd v0.4s, v1.4s, v2.4s"},
		{fsub(31, 30, 29), 0x4ebdd7df, "fsub v31.4s, v30.4s, v29.4s"},
		{fmul(3, 17, 31), 0x6e3fde23, "fmul v3.4s, v17.4s, v31.4s"},
		{fdiv(9, 8, 7), 0x6e27fd09, "fdiv v9.4s, v8.4s, v7.4s"},
		{fmax(16, 0, 15), 0x4e2ff410, "fmax v16.4s, v0.4s, v15.4s"},
		{fmin(1, 31, 0), 0x4ea0f7e1, "fmin v1.4s, v31.4s, v0.4s"},
		{faddp(5, 21, 10), 0x6e2ad6a5, "faddp v5.4s, v21.4s, v10.4s"},
		{fcmeq(2, 4, 8), 0x4e28e482, "fcmeq v2.4s, v4.4s, v8.4s"},
		{fcmge(31, 16, 1), 0x6e21e61f, "fcmge v31.4s, v16.4s, v1.4s"},
		{fcmgt(7, 24, 30), 0x6ebee707, "fcmgt v7.4s, v24.4s, v30.4s"},
		{fneg(0, 31), 0x6ea0fbe0, "fneg v0.4s, v31.4s"},
		{fabs(31, 0), 0x4ea0f81f, "fabs v31.4s, v0.4s"},
		{fsqrt(12, 21), 0x6ea1faac, "fsqrt v12.4s, v21.4s"},
		{frintn(6, 25), 0x4e218b26, "frintn v6.4s, v25.4s"},
		{fcvtns(19, 3), 0x4e21a873, "fcvtns v19.4s, v3.4s"},
		{scvtf(14, 22), 0x4e21dace, "scvtf v14.4s, v22.4s"},
		{ucvtf(23, 11), 0x6e21d977, "ucvtf v23.4s, v11.4s"},
		{fcmgt0(13, 18), 0x4ea0ca4d, "fcmgt v13.4s, v18.4s, #0.0"},
		{fcmlt0(20, 27), 0x4ea0eb74, "fcmlt v20.4s, v27.4s, #0.0"},
		{bic(28, 26, 5), 0x4e651f5c, "bic v28.16b, v26.16b, v5.16b"},
		{sshr(4, 29, 1), 0x4f3f07a4, "sshr v4.4s, v29.4s, #1"},
		{sshr(10, 2, 23), 0x4f29044a, "sshr v10.4s, v2.4s, #23"},
		{fmla(0, 24, 28, 0), 0x4f9c1300, "fmla v0.4s, v24.4s, v28.s[0]"},
		{fmla(31, 1, 15, 1), 0x4faf103f, "fmla v31.4s, v1.4s, v15.s[1]"},
		{fmla(23, 25, 31, 2), 0x4f9f1b37, "fmla v23.4s, v25.4s, v31.s[2]"},
		{fmla(8, 16, 4, 3), 0x4fa41a08, "fmla v8.4s, v16.4s, v4.s[3]"},
		{ldrq(31, 1, 24), 0x3cf8683f, "ldr q31, [x1, x24]"},
		{ldrq(0, 17, 2), 0x3ce26a20, "ldr q0, [x17, x2]"},
		{strq(5, 13, 9), 0x3ca969a5, "str q5, [x13, x9]"},
		{strq(30, 0, 21), 0x3cb5681e, "str q30, [x0, x21]"},
	} {
		if c.got.word != c.word || c.got.text != c.text {
			t.Errorf("%08x %q, want %08x %q", c.got.word, c.got.text, c.word, c.text)
		}
	}
}
