package format

import (
	"archive/zip"
	"fmt"
	"hash/crc32"
	"io"
	"sync"
)

// Stored returns the content of a file that a zip archive in r holds uncompressed, with a function that checks it against its CRC-32
// when it is called first. A CRC-32 of 0 stands for none: PyTorch can leave it out.
func Stored(r Reader, f *zip.File) (content *Section, check func() error, err error) {
	if f.Method != zip.Store {
		return nil, nil, fmt.Errorf("%q: compressed, expected it as it is: unpack the archive and pack it without compression", Shorten(f.Name))
	}
	at, err := f.DataOffset()
	if err != nil {
		return nil, nil, fmt.Errorf("%q: damaged: %w", Shorten(f.Name), err)
	}
	if size := f.UncompressedSize64; at > r.Size() || size > uint64(r.Size()-at) || size != f.CompressedSize64 {
		return nil, nil, fmt.Errorf("%q: truncated: %d bytes at byte %d expected, the end is at %d", Shorten(f.Name), size, at, r.Size())
	}
	content = SectionOf(r, at, int64(f.UncompressedSize64))
	return content, sync.OnceValue(func() error { return checkCRC(content, f) }), nil
}

func checkCRC(content *Section, f *zip.File) error {
	if f.CRC32 == 0 {
		return nil
	}
	sum := crc32.NewIEEE()
	if _, err := io.CopyBuffer(sum, io.NewSectionReader(content, 0, content.Size()), make([]byte, min(1<<18, content.Size()+1))); err != nil {
		return fmt.Errorf("%q: %w", Shorten(f.Name), err)
	}
	if sum.Sum32() != f.CRC32 {
		return fmt.Errorf("checksum: the file is damaged: %q has the CRC-32 %08x, expected %08x", Shorten(f.Name), sum.Sum32(), f.CRC32)
	}
	return nil
}

// Shorten keeps what a file says from filling the screen.
func Shorten(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}
