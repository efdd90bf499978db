package torch

import (
	"archive/zip"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// Encode writes a state_dict of the given tensors in the zip layout, for torch.load of PyTorch 1.6 and later; element types that came later
// (U16, U32, U64, F8E4M3, F8E5M2) need 2.3. It holds nothing that torch.load(weights_only=True) refuses. Each tensor has a storage of its
// own, which begins on a multiple of 64 bytes.
func Encode(w io.Writer, entries []format.Entry) error {
	if err := format.CheckByteOrder(); err != nil {
		return err
	}
	pickle, err := encodePickle(entries)
	if err != nil {
		return err
	}
	out := &counter{w: w}
	a := archiveWriter{out, zip.NewWriter(out)}
	if err := a.add("data.pkl", pickle); err != nil {
		return err
	}
	if err := a.add("byteorder", []byte("little")); err != nil {
		return err
	}
	for i, e := range entries {
		t, err := e.Read()
		if err != nil {
			return err
		}
		if err := a.add("data/"+strconv.Itoa(i), t.Bytes()); err != nil {
			return err
		}
	}
	if err := a.add("version", []byte("3\n")); err != nil {
		return err
	}
	return a.zip.Close()
}

// A counter counts what is written.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

type archiveWriter struct {
	out *counter
	zip *zip.Writer
}

// add writes a file, uncompressed. An extra field moves its first byte to a multiple of tensor.Align, as PyTorch does.
func (a archiveWriter) add(name string, content []byte) error {
	const header, extra = 30, 4 // sizes of the parts before the name, and before the content of the extra field
	name = "archive/" + name
	if err := a.zip.Flush(); err != nil {
		return err
	}
	padding := -(a.out.n + header + int64(len(name)) + extra) & (tensor.Align - 1)
	field := append([]byte("FB"), byte(padding), 0)
	w, err := a.zip.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(content),
		CompressedSize64: uint64(len(content)), UncompressedSize64: uint64(len(content)),
		Extra: append(field, make([]byte, padding)...),
	})
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return err
}

// encodePickle returns data.pkl: collections.OrderedDict of tensors, of storages called "0", "1", ...
func encodePickle(entries []format.Entry) ([]byte, error) {
	p := &pickler{b: []byte{opProto, 2}, memo: map[string]byte{}}
	p.dict()
	p.b = append(p.b, opMark)
	seen := map[string]bool{}
	for i, e := range entries {
		if seen[e.Name] {
			return nil, fmt.Errorf("tensor %q: the name of two tensors", e.Name)
		}
		seen[e.Name] = true
		p.text(e.Name)
		p.tensor(i, e)
	}
	p.b = append(p.b, opSetItems, opStop)
	return p.b, nil
}

// A pickler writes the opcodes of protocol 2.
type pickler struct {
	b    []byte
	memo map[string]byte // where the globals are
}

func (p *pickler) global(module, name string) {
	g := module + "\n" + name + "\n"
	if i, ok := p.memo[g]; ok {
		p.b = append(p.b, opBinget, i)
		return
	}
	p.b = append(append(p.b, opGlobal), g...)
	i := byte(len(p.memo)) // there are fewer than 30 different ones
	p.memo[g] = i
	p.b = append(p.b, opBinput, i)
}

func (p *pickler) text(s string) {
	p.b = append(binary.LittleEndian.AppendUint32(append(p.b, opText), uint32(len(s))), s...)
}

func (p *pickler) integer(n int) {
	if n == int(int32(n)) {
		p.b = binary.LittleEndian.AppendUint32(append(p.b, opInt4), uint32(n))
		return
	}
	p.b = binary.LittleEndian.AppendUint64(append(p.b, opLong1, 8), uint64(n))
}

func (p *pickler) tuple(integers []int) {
	p.b = append(p.b, opMark)
	for _, n := range integers {
		p.integer(n)
	}
	p.b = append(p.b, opTuple)
}

// dict makes an empty OrderedDict.
func (p *pickler) dict() {
	p.global("collections", "OrderedDict")
	p.b = append(p.b, opEmptyTuple, opReduce)
}

// tensor makes the tensor of e from storage number i: of an element type that has a class of storages with _rebuild_tensor_v2, else with v3,
// which has the type as its last argument.
func (p *pickler) tensor(i int, e format.Entry) {
	class, dtype := classOf(e.DType)
	elements := e.Shape.Size()
	if dtype == "" {
		p.global(utils, "_rebuild_tensor_v2")
	} else {
		p.global(utils, "_rebuild_tensor_v3")
		elements = e.Bytes()
	}
	p.b = append(p.b, opMark)

	p.b = append(p.b, opMark)
	p.text("storage")
	if dtype == "" {
		p.global("torch", class)
	} else {
		p.global("torch.storage", class)
	}
	p.text(strconv.Itoa(i))
	p.text("cpu")
	p.integer(elements)
	p.b = append(p.b, opTuple, opPersid)

	p.integer(0) // offset
	strides := e.Shape.Strides()
	p.tuple(e.Shape.Dims())
	p.tuple(strides[:e.Shape.Rank()])
	p.b = append(p.b, opFalse) // no gradient
	p.dict()                   // no hooks
	if dtype != "" {
		p.global("torch", dtype)
	}
	p.b = append(p.b, opTuple, opReduce)
}

// classOf returns the class of storages for elements of type d, and for those that have no class of their own the name of the type.
func classOf(d tensor.DType) (class, dtype string) {
	for _, t := range storageTypes {
		if t.dtype == d {
			return t.name, ""
		}
	}
	for name, t := range dtypes {
		if t == d {
			dtype = name
		}
	}
	return untyped.name, dtype
}
