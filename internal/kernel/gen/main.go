// Command gen writes the assembly of internal/kernel and the Go declarations
// that belong to it. It is run by "go generate ./internal/kernel"; the test
// beside it fails when a committed file is not what it writes.
//
// Every kernel is one Go function of this package that emits text through an
// [asm]; what differs between AVX-512 and AVX2 is hidden in an [isa], so most
// kernels are written once.
package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	dir := "."
	if len(os.Args) > 1 {
		dir = os.Args[1]
	}
	out := files()
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if err := os.WriteFile(filepath.Join(dir, name), out[name], 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "gen:", err)
			os.Exit(1)
		}
	}
}

// files returns every generated file by name.
func files() map[string][]byte {
	out := map[string][]byte{}
	var stubs stubs
	for _, isa := range []*isa{avx512, avx2} {
		for _, f := range []struct {
			name string
			emit func(*asm)
		}{
			{"vector", emitVector},
			{"math", emitMath},
			{"reduce", emitReduce},
			{"tile", emitTiles},
			{"wtile", emitWeightTiles},
			{"rowtile", emitRowTiles},
			{"outertile", emitOuterTiles},
			{"winograd", emitWinograd},
			{"dtile", emitDotTiles},
			{"move", emitMove},
			{"pool", emitPool},
			{"window", emitWindow},
		} {
			a := newAsm(isa, &stubs)
			f.emit(a)
			if a.text.Len() == 0 {
				continue
			}
			out[f.name+"_"+isa.name+"_amd64.s"] = a.file()
		}
	}
	out["stubs_amd64.go"] = stubs.file()
	return out
}
