package torch

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format/formattest"
)

// run runs a pickle without storages.
func run(pickle string) (any, error) {
	return unpickle(newInput(strings.NewReader(pickle), int64(len(pickle))), storages{}.load)
}

func TestBadPickles(t *testing.T) {
	for _, c := range []struct{ pickle, want string }{
		{"", "truncated: 1 bytes expected, 0 found"},
		{"\x80\x06.", "protocol 6, expected 2 to 5"},
		{"\x80\x02", "truncated"},
		{".", "a value is missing"},
		{"NN.", "1 values left"},
		{"(.", "a value is missing"},
		{"N(.", "a value is missing"},
		{"t.", "a mark is missing"},
		{"0.", "a value is missing"},
		{"2.", "a value is missing"},
		{"h\x00.", "nothing was memoised as 0"},
		{"Na.", "a value is missing"},
		{"NNa.", "no list"},
		{"N(Ne.", "no list"},
		{"}(Nu.", "a key without a value"},
		{"NNNs.", "no dictionary"},
		{"NNR.", "no function"},
		{"ctorch\nSize\nNR.", "torch.Size is called without a tuple"},
		{"NQ.", "no tuple"},
		{")Q.", "0 values, expected a persistent id"},
		{"NN\x93.", "no string"},
		{"I5\n.", "opcode 0x49"},
		{"X\xff\xff\xff\xff", "truncated: 4294967295 bytes expected, 0 found"},
		{"\x8d\xff\xff\xff\xff\xff\xff\xff\xff", "truncated: 18446744073709551615 bytes expected, 0 found"},
		{"\x8b\xff\xff\xff\x7f", "truncated"},
		{"cbuiltins\neval\n.", `asks for the global "builtins.eval"`},
		{"c__builtin__\neval\n.", `asks for the global "builtins.eval"`},
		{"\x8c\x05posix\x8c\x06system\x93.", `asks for the global "posix.system"`},
		{"(iposix\nsystem\n.", `asks for the global "posix.system"`},
		{"ctorch.hub\nload\n.", `asks for the global "torch.hub.load"`},
		{"c" + strings.Repeat("x", 2000) + "\ny\n.", "a name of more than 1024 bytes"},
		{"ctorch._tensor\n_rebuild_from_type_v2\n(ctorch._tensor\n_rebuild_from_type_v2\nN)NtR.", "expected a function of torch._utils"},
		{"ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR.", "a tensor without a storage"},
		{"ctorch._utils\n_rebuild_tensor_v2\n)R.", "0 arguments, at least 4 expected"},
	} {
		if _, err := run(c.pickle); err == nil || !strings.HasPrefix(err.Error(), "pickle") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error %v\nwant %s", c.pickle, err, c.want)
		}
	}
}

func TestIntegers(t *testing.T) {
	for pickle, want := range map[string]int64{
		"K\xff.": 255, "M\xff\xff.": 65535, "J\xff\xff\xff\xff.": -1, "\x8a\x00.": 0, "\x8a\x01\x80.": -128, "\x8a\x02\xff\x00.": 255,
		"\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.": -1 << 63, "\x8b\x01\x00\x00\x00\x7f.": 127,
	} {
		if v, err := run(pickle); err != nil || v != want {
			t.Errorf("%q: %v, %v, want %d", pickle, v, err, want)
		}
	}
}

// tensorPickle is a tensor of storage "0" with 10 elements; args are its offset, size and stride.
func tensorPickle(args string) []byte {
	return []byte("\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x0atQ" + args + "\x89NtR.")
}

func TestViewsStayInTheirStorage(t *testing.T) {
	data := make([]byte, 40)
	for args, want := range map[string]string{
		"K\x00K\x0a\x85K\x01\x85":                    "",
		"K\x09K\x01\x85K\x07\x85":                    "",
		"K\x00))":                                    "",
		"K\x0a))":                                    "leaves its storage of 10",
		"K\x01K\x0a\x85K\x01\x85":                    "leaves its storage of 10",
		"K\x00K\x02\x85K\x0a\x85":                    "leaves its storage of 10",
		"K\x00K\x02\x85J\xff\xff\xff\xff\x85":        "leaves its storage of 10",
		"J\xff\xff\xff\xffK\x02\x85K\x01\x85":        "offset -1",
		"K\x00J\xff\xff\xff\xff\x85K\x01\x85":        "size -1",
		"K\x00K\x02\x85)":                            "1 sizes and 0 strides",
		"K\x00NN":                                    "expected a tuple of integers",
		"K\x00N\x85N\x85":                            "expected integers",
		"K\x00(" + strings.Repeat("K\x01", 9) + "t)": "9 dimensions",
		"K\x00\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40\x86K\x00K\x00\x86": "beyond this machine's memory",
		"K\x00\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x08\x85K\x00\x85":                                              "eight times the file",
		"K\x00K\x02\x85\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85":                                              "leaves its storage",
	} {
		f, err := decode(archiveOf(map[string][]byte{"a/data.pkl": tensorPickle(args), "a/data/0": data}))
		if err == nil {
			err = formattest.ReadAll(f.Entries)
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: error %v, want %q", args, err, want)
		}
	}
}

// TestPartsOfStorages reads a legacy file in which the storage of a tensor is a part of another.
func TestPartsOfStorages(t *testing.T) {
	file := func(part string) []byte {
		return []byte("\x80\x02\x8a\x0a" + string(magic) + "." + "\x80\x02M\xe9\x03." + "\x80\x02}U\x0dlittle_endian\x88s." +
			"\x80\x02}U\x01xctorch._utils\n_rebuild_tensor\n((U\x07storagectorch\nByteStorage\nU\x03keyU\x03cpuK\x05" + part + "tQK\x01K\x02\x85K\x01\x85tRs." +
			"\x80\x02]U\x03keya." + "\x05\x00\x00\x00\x00\x00\x00\x00abcde")
	}
	for part, want := range map[string]string{"N": "bc", "(U\x04viewK\x02K\x03t": "de", "(U\x04viewK\x03K\x02t": "", "(U\x04viewK\x06K\x02t": "", "(U\x04viewNNt": "", "K\x00": ""} {
		f, err := decode(file(part))
		if (err == nil) != (want != "") {
			t.Errorf("%q: error %v", part, err)
		} else if err == nil {
			if x := formattest.Read(t, f.Entries[0]); string(x.Bytes()) != want {
				t.Errorf("%q: %q, want %q", part, x.Bytes(), want)
			}
		}
	}
}

func TestPick(t *testing.T) {
	const tensors = "ctorch._utils\n_rebuild_tensor_v2\n((U\x07storagectorch\nFloatStorage\nU\x010U\x03cpuK\x0atQK\x00K\x0a\x85K\x01\x85\x89NtR"
	text := func(s string) string { return "\x8c" + string(rune(len(s))) + s }
	in := func(pairs ...string) string {
		p := "}("
		for i := 0; i < len(pairs); i += 2 {
			p += text(pairs[i]) + pairs[i+1]
		}
		return p + "u"
	}
	for _, c := range []struct{ pickle, key, err string }{
		{tensors, "", ""},
		{in("w", tensors), "", ""},
		{in("model", in("w", tensors)), "model", ""},
		{in("ema", in("w", tensors), "state_dict", in("w", tensors)), "state_dict", ""},
		{in("model", in("state_dict", in("w", tensors), "epoch", "N")), "model.state_dict", ""},
		{in("mine", in("w", tensors), "optimizer", in("lr", "K\x01")), "mine", ""},
		{in("a", in("w", tensors), "b", in("w", tensors)), "", `several dictionaries of tensors: "a", "b"`},
		{in("optimizer", in("lr", "K\x01")), "", `no tensors: a dictionary with "optimizer", expected a state_dict`},
		{"}", "", "no tensors: a dictionary with no names"},
		{"]", "", "neither a dictionary nor a tensor"},
		{in("w", tensors, "w", tensors), "", `tensor "w": twice`},
		{"}q\x00U\x05modelh\x00s", "", "no tensors"}, // itself
	} {
		f, err := decode(archiveOf(map[string][]byte{"a/data.pkl": []byte("\x80\x02" + c.pickle + "."), "a/data/0": make([]byte, 40)}))
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: error %v, want %s", c.pickle, err, c.err)
			}
		case err != nil || len(f.Entries) != 1 || f.Metadata["torch.key"] != c.key:
			t.Errorf("%q: %v, %v, want key %q", c.pickle, f, err, c.key)
		}
	}
}

// TestAllocationIsBounded runs pickles that build as much as they can from few bytes.
func TestAllocationIsBounded(t *testing.T) {
	const n = 1 << 18
	for name, pickle := range map[string]string{
		"dictionaries": strings.Repeat("}", n),
		"lists":        "(" + strings.Repeat("]", n),
		"marks":        strings.Repeat("(", n),
		"none":         strings.Repeat("N", n),
		"memo":         "N" + strings.Repeat("\x94", n),
		"copies":       "N" + strings.Repeat("2", n),
		"tuples":       "N" + strings.Repeat("\x85", n),
		"calls":        "ccollections\nOrderedDict\nq\x00" + strings.Repeat("h\x00)R", n/4),
		"integers":     strings.Repeat("K\x01", n),
		"a long text":  "X\xff\xff\xff\x7f",
		"long bytes":   "\x8e\xff\xff\xff\xff\xff\xff\xff\x00",
		"large tuples": "Nq\x00(" + strings.Repeat("(h\x00h\x00h\x00h\x00t", n/8),
	} {
		got := formattest.Allocated(func() { run(pickle) })
		if limit := uint64(3<<20 + 3*memoryFactor*len(pickle)); got > limit {
			t.Errorf("%s: %d bytes allocated for a pickle of %d", name, got, len(pickle))
		}
	}
	for name, b := range map[string][]byte{
		"an expanded tensor": archiveOf(map[string][]byte{
			"a/data.pkl": tensorPickle("K\x00\x8a\x08\x00\x00\x00\x00\x01\x00\x00\x00\x85K\x00\x85"), "a/data/0": make([]byte, 40)}),
		"a storage that is not there": archiveOf(map[string][]byte{"a/data.pkl": bytes.Replace(tensorPickle("K\x00K\x01\x85K\x01\x85"),
			[]byte("K\x0atQ"), []byte("\x8a\x06\x00\x00\x00\x00\x00\x01tQ"), 1), "a/data/0": make([]byte, 40)}),
		"a legacy storage that is not there": legacyOf(1 << 40),
	} {
		got := formattest.Allocated(func() {
			if f, err := decode(b); err == nil {
				formattest.ReadAll(f.Entries)
			}
		})
		if got > 3<<20+40*uint64(len(b)) {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, got, len(b))
		}
	}
}

// legacyOf returns a file of the legacy layout with a storage that is said to have n elements, and has none.
func legacyOf(n uint64) []byte {
	numel := append([]byte("\x8a\x08"), binary.LittleEndian.AppendUint64(nil, n)...)
	b := append([]byte("\x80\x02\x8a\x0a"), magic...)
	b = append(b, ".\x80\x02M\xe9\x03.\x80\x02}."...)
	b = append(b, bytes.Replace(tensorPickle("K\x00K\x01\x85K\x01\x85"), []byte("K\x0atQ"), append(numel, "tQ"...), 1)...)
	b = append(b, "\x80\x02]X\x01\x00\x00\x000a."...)
	return binary.LittleEndian.AppendUint64(b, n)
}

// FuzzPickle runs pickles without the archive around them.
func FuzzPickle(f *testing.F) {
	f.Add(oneTensor(1))
	f.Add(tensorPickle("K\x00K\x0a\x85K\x01\x85"))
	f.Add([]byte("\x80\x02}(U\x01a(K\x01M\x01\x00J\x01\x00\x00\x00\x8a\x01\x01G\x00\x00\x00\x00\x00\x00\x00\x00N\x88\x89tU\x01b](Nau."))
	f.Add([]byte("\x80\x04\x95\x00\x00\x00\x00\x00\x00\x00\x00\x8f\x94(K\x01\x90(\x91\x86."))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := decode(archiveOf(map[string][]byte{"a/data.pkl": b, "a/data/0": make([]byte, 40), "a/data/1": make([]byte, 8)}))
		if err == nil {
			formattest.ReadAll(file.Entries)
		}
	})
}
