# The project's commands; `make` alone lists them.

LINT    := go tool -modfile=internal/tools/lint/go.mod golangci-lint
REDOCLY := @redocly/cli@2.77.0
VULN    := golang.org/x/vuln/cmd/govulncheck@v1.8.0

# The race detector needs a C compiler and is used where there is one: RACE=1 demands it, RACE=0 leaves it out.
RACE ?= $(shell go build -race runtime/cgo 2>/dev/null && echo 1)
race  = $(if $(filter 1,$(RACE)),-race)

BROWSERS  := chromium chromium-browser google-chrome headless-shell
TESTFLAGS ?=
BENCH     ?= .
FUZZTIME  ?= 20s
LOADTIME  ?= 5s

# The working tree as it stands, new files included, as a git tree object; neither the index nor a file is touched.
snapshot = $$(export GIT_INDEX_FILE="$$(git rev-parse --absolute-git-dir)/snapshot.index"; \
	git add --all && git write-tree && rm "$$GIT_INDEX_FILE")

.PHONY: help run build test lint fmt generate check-generated lint-openapi vuln fuzz bench load growth screenshot cover clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## start the service from source
	go run .

build: ## build bin/latchkey, a static binary
	CGO_ENABLED=0 go build -trimpath -o bin/latchkey .

test: ## run all tests; what needs a missing Chromium, PostgreSQL or nginx skips, unless LATCHKEY_TEST_REQUIRE=chromium,postgres,nginx
	@for b in $(BROWSERS); do command -v $$b >/dev/null && exit; done; \
	echo 'No Chromium on the PATH: the browser tests skip, or fail with LATCHKEY_TEST_REQUIRE=chromium.'
	go test $(race) $(TESTFLAGS) ./...

lint: ## check the Go code, the import arrows included (the first run builds the linter: minutes)
	$(LINT) run

fmt: ## format the Go code as lint wants it
	$(LINT) fmt

generate: ## make the generated files anew
	go generate ./...

check-generated: ## fail where a generated file is not what `make generate` makes
	@before=$(snapshot) && $(MAKE) --no-print-directory generate && after=$(snapshot) && \
	{ git --no-pager diff --stat --patch --exit-code $$before $$after || \
	{ echo 'The generated files were out of date: commit what `make generate` has made.' >&2; exit 1; }; }

lint-openapi: export REDOCLY_TELEMETRY = off
lint-openapi: export REDOCLY_SUPPRESS_UPDATE_NOTICE = true
lint-openapi: ## check docs/openapi.json by Redocly's recommended rules, warnings too (needs Node 20.19 or later)
	npx --yes $(REDOCLY) lint --extends recommended-strict docs/openapi.json

vuln: ## look for known vulnerabilities in what the program calls (asks vuln.go.dev)
	go run $(VULN) ./...

fuzz: ## run every fuzz target for FUZZTIME (20s)
	@grep -rEo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | while IFS=: read -r file target; do \
		target=$${target#func }; echo "== $$target in $${file%/*}"; \
		go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$${file%/*}" || exit 1; \
	done

bench: ## measure the built program: speed beside bare Gin, a storm of logins, cold start, memory; BENCH=name picks some
	go test -run '^$$' -bench '$(BENCH)' -benchtime 1x ./internal/bench

load: ## load the built program on both engines, LOADTIME (5s) for each figure; makes internal/readme/load.md
	go run ./internal/tools/load -time $(LOADTIME) -out internal/readme

growth: ## compare a thousand with a million users (minutes, some 2 GB of disk); makes internal/readme/growth.md
	go run ./internal/tools/load -growth -time $(LOADTIME) -out internal/readme

screenshot: ## take the README's picture of /docs anew (needs Chromium)
	LATCHKEY_TEST_REQUIRE=chromium LATCHKEY_TEST_SCREENSHOT=$(CURDIR)/internal/readme/docs.png \
		go test -count=1 -run '^TestDocsInABrowser$$' ./handlers

cover: ## show the tests' coverage per function
	@mkdir -p bin
	go test -coverpkg=./... -coverprofile=bin/coverage.out ./...
	go tool cover -func=bin/coverage.out

clean: ## remove what was built
	rm -rf bin
