package drive_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"latchkey/internal/tools/drive"
)

func TestPercentile(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	for p, want := range map[int]float64{0: 1, 1: 1, 20: 1, 21: 2, 50: 3, 99: 5, 100: 5} {
		if got := drive.Percentile(values, p); got != want {
			t.Errorf("percentile %d is %v, want %v", p, got, want)
		}
	}
	if got := drive.Percentile(drive.Took{}, 50); got != 0 {
		t.Errorf("of nothing it is %v", got)
	}
}

// echo answers with the path, that many times, and remembers it.
func echo(t *testing.T, times int) (addr string, seen *sync.Map) {
	t.Helper()
	seen = &sync.Map{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r.URL.Path, true)
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		fmt.Fprint(w, strings.Repeat(r.URL.Path, times))
	}))
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), seen
}

func TestClientReadsShortAndLongBodies(t *testing.T) {
	for _, times := range []int{1, 1000, 5000} { // the long ones come in chunks
		addr, _ := echo(t, times)
		client, err := drive.Dial(t.Context(), addr)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			body, err := client.Do(drive.Get("/a", ""))
			if err != nil || string(body) != strings.Repeat("/a", times) {
				t.Fatalf("%d bytes, %v", len(body), err)
			}
		}
		if err := client.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestClientRefusesOtherAnswers(t *testing.T) {
	addr, _ := echo(t, 1)
	if body, err := drive.Once(t.Context(), addr, drive.Get("/missing", "")); err == nil {
		t.Errorf("answered %q", body)
	}
}

func TestEachIsSentOnce(t *testing.T) {
	addr, seen := echo(t, 1)
	var requests [][]byte
	for i := range 100 {
		requests = append(requests, drive.Get(fmt.Sprint("/", i), ""))
	}
	crowd := drive.Crowd{Addrs: []string{addr}, Connections: 7}
	took, err := crowd.Send(t.Context(), crowd.Each(requests))
	if err != nil || len(took) != len(requests) {
		t.Fatalf("%d answers, %v", len(took), err)
	}
	paths := 0
	seen.Range(func(any, any) bool { paths++; return true })
	if paths != len(requests) {
		t.Errorf("%d paths, want %d", paths, len(requests))
	}
}

func TestCrowdAsksSeveralInTurn(t *testing.T) {
	one, seenByOne := echo(t, 1)
	two, seenByTwo := echo(t, 1)
	crowd := drive.Crowd{Addrs: []string{one, two}, Connections: 1}
	_, err := crowd.Send(t.Context(), crowd.Each([][]byte{drive.Get("/a", ""), drive.Get("/b", ""), drive.Get("/c", "")}))
	if err != nil {
		t.Fatal(err)
	}
	for path, by := range map[string]*sync.Map{"/a": seenByOne, "/b": seenByTwo, "/c": seenByOne} {
		if _, ok := by.Load(path); !ok {
			t.Errorf("%s went to the other", path)
		}
	}
}

func TestForSeesTheLastAnswer(t *testing.T) {
	addr, _ := echo(t, 1)
	crowd := drive.Crowd{Addrs: []string{addr}, Connections: 1}
	answers := 0
	took, err := crowd.Send(t.Context(), drive.For(20*time.Millisecond, func(_, _ int, answer []byte) []byte {
		if string(answer) == "/a" {
			answers++
		}
		return drive.Get("/a", "")
	}))
	if err != nil || answers != len(took) {
		t.Errorf("%d of %d answers, %v", answers, len(took), err)
	}
}
