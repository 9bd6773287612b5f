package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testName = regexp.MustCompile("`([a-z]+\\.(?:Test|Fuzz)\\w+)`")
	asvsRow  = regexp.MustCompile(`(?m)^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.*?) ?\|$`)
	pageLink = regexp.MustCompile(`\]\(([^)]+)\)`)
)

// TestSecurityNamesTestsThatExist looks up every test that SECURITY.md names.
func TestSecurityNamesTestsThatExist(t *testing.T) {
	existing := testsOfTheRepository(t)
	named := testName.FindAllStringSubmatch(securityPage(t), -1)
	if len(named) < 100 {
		t.Fatalf("SECURITY.md names %d tests: they are written `package.TestName`", len(named))
	}
	for _, name := range named {
		if !existing[name[1]] {
			t.Errorf("there is no %s", name[1])
		}
	}
}

// TestSecurityShowsWhatIsMet wants a test for every requirement that is met,
// and for every other one a reason.
func TestSecurityShowsWhatIsMet(t *testing.T) {
	page := securityPage(t)
	rows, seen := asvsRow.FindAllStringSubmatch(page, -1), map[string]bool{}
	if all := regexp.MustCompile(`(?m)^\| \d`).FindAllString(page, -1); len(rows) != len(all) || len(rows) < 50 {
		t.Fatalf("%d of %d rows have an id, a requirement, a status and what shows it", len(rows), len(all))
	}
	for _, row := range rows {
		id, status, shown := row[1], row[3], row[4]
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
		kind := regexp.MustCompile(`^(met|not met|n/a)\b`).FindString(status)
		switch {
		case kind == "":
			t.Errorf("%s is %q: neither met, not met nor n/a", id, status)
		case kind == "met" && !testName.MatchString(shown):
			t.Errorf("%s is met, and no test shows it", id)
		case kind == "not met" && len(status) < len("not met: why"):
			t.Errorf("%s is not met, and nothing says why", id)
		}
		if rest := strings.Trim(testName.ReplaceAllString(shown, ""), ", "); rest != "" {
			t.Errorf("%s is shown by %q, which is no test", id, rest)
		}
	}
}

// TestSecurityLinksToWhatExists follows the links into the repository, and
// those to headings.
func TestSecurityLinksToWhatExists(t *testing.T) {
	for _, link := range pageLink.FindAllStringSubmatch(securityPage(t), -1) {
		path, heading, _ := strings.Cut(link[1], "#")
		if strings.Contains(path, "://") {
			continue
		}
		if _, err := os.Stat(filepath.FromSlash(path)); err != nil {
			t.Error(err)
			continue
		}
		if heading != "" && !hasHeading(t, path, heading) {
			t.Errorf("%s has no heading #%s", path, heading)
		}
	}
}

func securityPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// hasHeading looks for the heading that a page makes that anchor of.
func hasHeading(t *testing.T, path, anchor string) bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(string(text), -1) {
		plain := regexp.MustCompile(`[^a-z0-9 -]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		if strings.ReplaceAll(plain, " ", "-") == anchor {
			return true
		}
	}
	return false
}

// testsOfTheRepository are all tests and fuzz targets, as package.TestName.
func testsOfTheRepository(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "." && strings.HasPrefix(entry.Name(), "."):
			return filepath.SkipDir
		case entry.IsDir() || !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declared := range file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil {
				tests[strings.TrimSuffix(file.Name.Name, "_test")+"."+f.Name.Name] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tests
}
