// Package faults takes things away from the built program while it serves: the
// database, the disk, its own life, the clock. ARCHITECTURE.md has the table of
// what clients see of it. Everything is in test files, and for Linux, which can
// mount a tiny disk and run a server as another user.
package faults
