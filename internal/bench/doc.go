// Package bench measures the service as it ships: `make bench` builds the
// binary, runs it as a child process with its defaults and asks it over
// loopback. Everything is in test files, so nothing of it gets into a binary.
//
// The load comes from the same machine, so the clients are made to cost little
// (see client_test.go), and figures that are compared are taken in turns.
package bench
