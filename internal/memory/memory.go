// Package memory knows how much memory is free.
package memory

// Available returns how many bytes a process may take without making the machine swap, or that a container allows it. Where the system does not
// say, it is an error.
func Available() (int64, error) { return available() }
