package safetensors

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

// The checksum is a metadata entry
//
//	"lince.sha256":"lince:<64 lower-case hexadecimal digits>"
//
// whose digits are the SHA-256 of the whole file, from the first byte to the last, with these 64 digits taken as
// 64 times '0'. So every byte of the file is covered. The prefix of the value is there for damage to the key: the
// entry counts as a checksum if either of the two is right, and as damaged if only one is.
//
// Files of other programs have no such entry, and are read without this check.
const (
	checksumKey    = "lince.sha256"
	checksumPrefix = "lince:"
	checksumDigits = 2 * sha256.Size
)

var zeroDigits = strings.Repeat("0", checksumDigits)

// findChecksum returns where the digits of the checksum are in header, or -1 if the metadata has no checksum.
func findChecksum(header []byte, metadata map[string]string) (int, error) {
	for key, value := range metadata {
		if key != checksumKey && strings.HasPrefix(value, checksumPrefix) && len(value) == len(checksumPrefix)+checksumDigits {
			return 0, fmt.Errorf("checksum: the file is damaged: found under the key %q, which should be %q", key, checksumKey)
		}
	}
	value, ok := metadata[checksumKey]
	if !ok {
		return -1, nil
	}
	digits, ok := strings.CutPrefix(value, checksumPrefix)
	if !ok || len(digits) != checksumDigits {
		return 0, fmt.Errorf("checksum: the file is damaged: %q should be %q and %d digits", value, checksumPrefix, checksumDigits)
	}
	// A string of the header cannot hold these bytes by accident: its quotes would have backslashes.
	entry := fmt.Sprintf("%q:%q", checksumKey, value)
	i := bytes.Index(header, []byte(entry))
	if i < 0 {
		return 0, fmt.Errorf("checksum: the file was changed: the header does not hold %s as lince writes it", entry)
	}
	return i + len(entry) - len(`"`) - checksumDigits, nil
}

// startChecksum begins the sum with the first bytes of a file up to the data. The digits are at header[at:].
func startChecksum(length, header []byte, at int) hash.Hash {
	sum := sha256.New()
	sum.Write(length)
	sum.Write(header[:at])
	sum.Write([]byte(zeroDigits))
	sum.Write(header[at+checksumDigits:])
	return sum
}

func digitsOf(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }
