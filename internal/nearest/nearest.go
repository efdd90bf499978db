// Package nearest finds what somebody who misspelt a name meant.
package nearest

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Error returns the error for a name that is none of names, such as
//
//	unknown model "lenet": did you mean "lenet5"? there are cnn3, lenet5 and lenet5-1998
//
// where what is "model". The names are listed in the order given.
func Error(what, name string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("unknown %s %q: there are none", what, name)
	}
	hint := ""
	if n, ok := Name(name, names); ok {
		hint = fmt.Sprintf(" did you mean %q?", n)
	}
	return fmt.Errorf("unknown %s %q:%s %s", what, name, hint, list(names))
}

// Name returns the one of names that name is most likely meant to be, and false if none is like it: the one that takes the fewest
// changes of a letter (at most one in three), or else the first that begins with name.
func Name(name string, names []string) (string, bool) {
	best, fewest := "", 1+max(1, len(name)/3)
	for _, n := range names {
		if d := distance(strings.ToLower(name), strings.ToLower(n)); d < fewest {
			best, fewest = n, d
		}
	}
	if best != "" {
		return best, true
	}
	i := slices.IndexFunc(names, func(n string) bool { return name != "" && strings.HasPrefix(n, name) })
	if i < 0 {
		return "", false
	}
	return names[i], true
}

// Path returns the file or folder that the one at path, which is not there, is most likely meant to be: one beside it; see Name.
func Path(path string) (string, bool) {
	dir, base := filepath.Split(filepath.Clean(path))
	entries, err := os.ReadDir(cmp.Or(dir, "."))
	if err != nil {
		return "", false
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	n, ok := Name(base, names)
	return dir + n, ok
}

func list(names []string) string {
	if len(names) == 1 {
		return "there is only " + names[0]
	}
	last := len(names) - 1
	return "there are " + strings.Join(names[:last], ", ") + " and " + names[last]
}

// distance returns how many letters must be inserted, removed, replaced or swapped with their neighbour to turn a into b (Damerau 1964,
// in its restricted form, which changes no letter twice). It compares bytes: the names are ASCII.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j // the distance of nothing to b[:j]
	}
	for i := range len(a) {
		before, last, row = last, row, before // of a[:i-1], a[:i], and now a[:i+1]
		row[0] = i + 1
		for j := range len(b) {
			replace := last[j]
			if a[i] != b[j] {
				replace++
			}
			row[j+1] = min(replace, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}
