package memory

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// status is MEMORYSTATUSEX of the Windows API (sysinfoapi.h).
type status struct {
	length, load                        uint32
	totalPhys, availPhys                uint64
	totalPage, availPage                uint64
	totalVirtual, availVirtual, availEx uint64
}

var globalMemoryStatusEx = windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")

func available() (int64, error) {
	var s status
	s.length = uint32(unsafe.Sizeof(s))
	if ok, _, err := globalMemoryStatusEx.Call(uintptr(unsafe.Pointer(&s))); ok == 0 {
		return 0, fmt.Errorf("GlobalMemoryStatusEx: %w", err)
	}
	return int64(s.availPhys), nil
}
