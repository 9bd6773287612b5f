// Package bench measures the service as it ships: `make bench` builds the
// binary, runs it as a child process with its defaults and asks it over
// loopback. Everything is in test files, so nothing of it gets into a binary.
//
// What runs and loads the servers is internal/tools/drive, which `make load` uses, too.
package bench
