// Command gen writes the assembly of internal/kernel and the Go declarations
// that belong to it. It is run by "go generate ./internal/kernel"; the test
// beside it fails when a committed file is not what it writes.
//
// Every kernel is one Go function of this package that emits text through an
// [asm]; what differs between AVX-512 and AVX2 is hidden in an [isa], so most
// kernels are written once. The walks over the data of NEON are in the files
// neon_*.go; the formulas, written with the operations of ops.go, are shared.
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

// A family is the kernels of one file of each level.
type family struct {
	name string
	emit func(*asm)
}

// families are those of AVX-512 and AVX2.
var families = []family{
	{"vector", emitVector},
	{"math", emitMath},
	{"reduce", emitReduce},
	{"rowsum", emitRowSums},
	{"tile", emitTiles},
	{"wtile", emitWeightTiles},
	{"rowtile", emitRowTiles},
	{"outertile", emitOuterTiles},
	{"winograd", emitWinograd},
	{"dtile", emitDotTiles},
	{"move", emitMove},
	{"pool", emitPool},
	{"window", emitWindow},
	{"depthwise", emitDepthwise},
	{"pixel", emitPixel},
}

// familiesNEON are those of NEON.
var familiesNEON = []family{
	{"vector", emitVectorNEON},
	{"math", emitMathNEON},
	{"reduce", emitReduceNEON},
	{"rowsum", emitRowSumsNEON},
	{"tile", emitTilesNEON},
	{"wtile", emitWeightTilesNEON},
	{"rowtile", emitRowTilesNEON},
	{"outertile", emitOuterTilesNEON},
	{"winograd", emitWinogradNEON},
	{"dtile", emitDotTilesNEON},
	{"move", emitMoveNEON},
	{"pool", emitPoolNEON},
	{"window", emitWindowNEON},
	{"depthwise", emitDepthwiseNEON},
}

// files returns every generated file by name.
func files() map[string][]byte {
	out := map[string][]byte{}
	emit := func(s *stubs, isa *isa, families []family) {
		for _, f := range families {
			a := newAsm(isa, s)
			f.emit(a)
			if a.text.Len() > 0 {
				out[f.name+"_"+isa.name+"_"+isa.arch+".s"] = a.file()
			}
		}
	}
	amd64, arm64 := &stubs{arch: "amd64"}, &stubs{arch: "arm64"}
	emit(amd64, avx512, families)
	emit(amd64, avx2, families)
	emit(arm64, neon, familiesNEON)
	for _, s := range []*stubs{amd64, arm64} {
		out["stubs_"+s.arch+".go"] = s.file()
	}
	return out
}
