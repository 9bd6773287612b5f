package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"latchkey/models"
)

// machine is what a reader has to know of where it was measured, and no more.
type machine struct {
	date, system, goVersion string
	cores                   int
}

func thisMachine() machine {
	return machine{
		date: time.Now().UTC().Format(time.DateOnly), system: runtime.GOOS + "/" + runtime.GOARCH,
		goVersion: runtime.Version(), cores: runtime.NumCPU(),
	}
}

func (m machine) String() string {
	return fmt.Sprintf("Measured on %s: %d cores, which the load generator and PostgreSQL share; %s, %s.", m.date, m.cores, m.system, m.goVersion)
}

// loadReport is what `make load` found out.
type loadReport struct {
	machine machine
	time    time.Duration
	cells   []cell
	notRun  []setup

	connections int
}

// engineNames are how people write them.
var engineNames = map[string]string{"sqlite": "SQLite", "postgres": "PostgreSQL"}

func (s setup) String() string {
	name := engineNames[s.engine]
	if s.instances > 1 {
		name += fmt.Sprintf(", %d instances", s.instances)
	}
	return name
}

func (c cell) setup() setup { return setup{c.engine, c.instances} }

func (r loadReport) markdown() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Load

<!-- Made by make load; do not edit. -->

%s

Each figure stands beside that of a bare Gin handler, which answers the same requests with a constant JSON of the same size,
in turns in the same run: only their ratio says something on another machine. %d connections send without pause, %s for each
figure and as long for the bare handler; of two instances each connection asks one and then the other. The access log goes to a
file, and limits are off. Any answer but a 200 would have ended the run, so there were no errors. CPU and memory are the service's processes' alone,
without PostgreSQL's; memory is the peak (VmHWM).

![Requests per second](load.svg)
`, r.machine, r.connections, r.time)
	var last setup
	for _, c := range r.cells {
		if c.setup() != last {
			last = c.setup()
			fmt.Fprintf(&b, "\n## %s\n\n| | requests/s | of bare Gin | p50 | p99 | CPU for each | memory | bare Gin: requests/s | p50 | p99 |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n", last)
		}
		s, bare := c.service, c.bare
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %.0f MiB | %s | %s | %s |\n", c.scenario.title, thousands(s.rate), ratioText(c.ratio()),
			duration(s.p50), duration(s.p99), duration(s.cpu), s.memory, thousands(bare.rate), duration(bare.p50), duration(bare.p99))
	}
	for _, s := range r.notRun {
		fmt.Fprintf(&b, "\n## %s\n\nnot run: there was no PostgreSQL.\n", s)
	}
	b.WriteString("\nA login is a password's hash, on purpose, and a refresh is a transaction that is on the disk before it is answered; the bare\n" +
		"handler does neither. `make bench` compares logins with the hash alone. What many users do to it is in [growth.md](growth.md).\n")
	return b.Bytes()
}

// plot has a group of bars for each scenario: the setups, and the bare handler as it was beside the first of them.
func (r loadReport) plot() ([]byte, error) {
	var groups []group
	for _, s := range scenarios() {
		g := group{title: strings.ReplaceAll(s.title, "`", "")}
		for _, c := range r.cells {
			if c.scenario.name != s.name {
				continue
			}
			if len(g.bars) == 0 {
				g.bars = append(g.bars, bar{"bare Gin", c.bare.rate})
			}
			g.bars = append(g.bars, bar{c.setup().String(), c.service.rate})
		}
		groups = append(groups, g)
	}
	return chart("Requests per second, logarithmic", groups)
}

// growthReport is what `make growth` found out.
type growthReport struct {
	machine machine
	time    time.Duration
	users   []int
	lines   []growthLine
	notRun  []string

	connections int
}

func (r growthReport) markdown() []byte {
	few, many := thousands(float64(r.users[0])), thousands(float64(r.users[1]))
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Growth

<!-- Made by make growth; do not edit. -->

%s

The same service with %s and with %s users, each with an event, and every tenth with a session and a refresh token; both in
turns, %d rounds, %s in all for each figure. The ratio is the median of the rounds: below 0.90 the many are more than a
tenth slower. %d connections send without pause, but for searches, which one connection makes: these read all users, and so
they take longer the more there are; a call may take five seconds.
`, r.machine, few, many, growthRounds, r.time, r.connections)
	last := ""
	for _, l := range r.lines {
		if l.engine != last {
			last = l.engine
			fmt.Fprintf(&b, "\n## %s\n\n| | requests/s with %s | with %s | ratio | p50 with %s | with %s | p99 with %s | with %s |\n|---|--:|--:|--:|--:|--:|--:|--:|\n",
				engineNames[last], few, many, few, many, few, many)
		}
		ratio := ratioText(l.ratio)
		if l.search {
			ratio = "–"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", l.title, thousands(l.few.rate), thousands(l.many.rate), ratio,
			duration(l.few.p50), duration(l.many.p50), duration(l.few.p99), duration(l.many.p99))
	}
	for _, engine := range r.notRun {
		fmt.Fprintf(&b, "\n## %s\n\nnot run: there was no PostgreSQL.\n", engineNames[engine])
	}
	return b.Bytes()
}

// ratioText has two digits that say something.
func ratioText(ratio float64) string {
	if ratio < 0.095 {
		return fmt.Sprintf("%.2g", ratio)
	}
	return fmt.Sprintf("%.2f", ratio)
}

// duration has three digits at most.
func duration(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d >= 10*time.Millisecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	default:
		return fmt.Sprintf("%d µs", d.Microseconds())
	}
}

// thousands is a number as people write it: 12,345, or 7.3 where that matters.
func thousands(n float64) string {
	if n < 100 {
		return strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0")
	}
	digits := []byte(fmt.Sprintf("%.0f", n))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = slices.Insert(digits, i, ',')
	}
	return string(digits)
}

// write makes the folder of the report, too.
func write(path string, content []byte) error {
	err := os.MkdirAll(filepath.Dir(path), 0o755)          //nolint:gosec // a report is for all to read
	return cmp.Or(err, os.WriteFile(path, content, 0o644)) //nolint:gosec // a report is for all to read
}

// accessToken is the one in the answer to a login, which has to be good for that scope.
func accessToken(body []byte, scope string) (string, error) {
	var answer models.TokenAnswer
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", err
	}
	if !slices.Contains(models.SplitScope(answer.Scope), scope) {
		return "", fmt.Errorf("the login gave %q, not %s", answer.Scope, scope)
	}
	return answer.AccessToken, nil
}
