// Package version knows which lince this is.
package version

import "runtime/debug"

const module = "github.com/lince-ml/lince"

// String returns the version of the lince module in this program, such as "v0.1.0", or "devel" where the build does not say.
func String() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	m := &info.Main
	for _, d := range info.Deps {
		if d.Path == module {
			m = d
		}
	}
	if m.Path != module || m.Version == "" || m.Version == "(devel)" {
		return "devel"
	}
	return m.Version
}
