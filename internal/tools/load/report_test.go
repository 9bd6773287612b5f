package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

func TestChartIsWellFormed(t *testing.T) {
	svg, err := chart(`<R> & "S"`, []group{
		{"a & b", []bar{{"bare <Gin>", 41234}, {"tiny", 0.5}}},
		{"none", nil},
		{"c", []bar{{"x", 10}, {"y", 100}, {"z", 99999}, {"0", 1}, {"1", 2}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	rects, texts := 0, ""
	for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			if token.Name.Local == "rect" {
				rects++
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Value, "-") || strings.Contains(a.Value, "NaN") || strings.Contains(a.Value, "Inf") {
					t.Errorf("%s of %s is %s", a.Name.Local, token.Name.Local, a.Value)
				}
			}
		case xml.CharData:
			texts += string(token)
		}
	}
	if rects != 7 {
		t.Errorf("%d bars, want 7", rects)
	}
	for _, want := range []string{`<R> & "S"`, "a & b", "bare <Gin>", "41,234", "prefers-color-scheme: dark"} {
		if !strings.Contains(texts, want) {
			t.Errorf("no %q in %s", want, svg)
		}
	}
}

func TestChartRefusesWhatIsNoValue(t *testing.T) {
	for _, value := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := chart("", []group{{"", []bar{{"", value}}}}); err == nil {
			t.Errorf("%v: no error", value)
		}
	}
}

func TestReportTellsWhatWasNotRun(t *testing.T) {
	load := string(loadReport{notRun: []setup{{"postgres", 1}, {"postgres", 2}}}.markdown())
	growth := string(growthReport{users: []int{1000, 1000000}, notRun: []string{"postgres"}}.markdown())
	for _, want := range []string{"## PostgreSQL\n\nnot run", "## PostgreSQL, 2 instances\n\nnot run"} {
		if !strings.Contains(load, want) {
			t.Errorf("no %q in\n%s", want, load)
		}
	}
	if !strings.Contains(growth, "## PostgreSQL\n\nnot run") || !strings.Contains(growth, "1,000,000 users") {
		t.Error(growth)
	}
}

func TestNumbers(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{thousands(7.25), "7.2"},
		{thousands(53), "53"},
		{thousands(999), "999"},
		{thousands(1000), "1,000"},
		{thousands(1234567), "1,234,567"},
		{ratioText(0.914), "0.91"},
		{ratioText(0.0017), "0.0017"},
		{ratioText(1.1), "1.10"},
		{duration(512 * time.Microsecond), "512 µs"},
		{duration(5120 * time.Microsecond), "5.1 ms"},
		{duration(512 * time.Millisecond), "512 ms"},
		{duration(5120 * time.Millisecond), "5.1 s"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
}

func TestMix(t *testing.T) {
	count := map[action]int{}
	for n := range 200 {
		count[mixed(n)]++
	}
	if count[read] != 180 || count[logIn] != 10 || count[refresh] != 10 {
		t.Errorf("%v, want 180 reads, 10 logins, 10 refreshes", count)
	}
}

func TestRefreshToken(t *testing.T) {
	if got := string(refreshToken([]byte(`{"token_type":"bearer","refresh_token":"abc","scope":""}`))); got != "abc" {
		t.Error(got)
	}
	if got := refreshToken([]byte(`{}`)); got != nil {
		t.Error(got)
	}
}
