// Package drive runs servers as child processes and loads them over loopback,
// for `make load`, `make growth` and `make bench`.
//
// The load comes from the same machine, so the clients are made to cost little
// (see client.go), and what is compared is to be taken in turns.
package drive
