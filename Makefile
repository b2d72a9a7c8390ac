# Belleville's commands. `make` alone prints them; each needs Go, and says what else it needs.

FUZZTIME  ?= 60s
BENCH     ?= .
BENCHTIME ?= 1s
# -short, or -o docs/performance.md to write the tables down
BENCHFLAGS ?=
SOAK      ?= 5m
ADDR      ?= 127.0.0.1:8000
# Where make test keeps its events and make conformance finds them, so that one run does for both.
RESULTS   ?=
SET       ?= security
N         ?= 0

# Built with modules of their own: adapters whose dependencies are heavy.
MODULES = $(patsubst %/go.mod,%,$(shell find . -name go.mod -not -path '*/testdata/*' -not -path './.*/*'))

# The version of govulncheck is not in go.mod's tool section: it is used when it can be installed.
GOVULNCHECK = golang.org/x/vuln/cmd/govulncheck@v1.4.0

.DEFAULT_GOAL := help
.PHONY: help run test test-cache lint docs tutorial fmt fuzz e2e bench soak conformance sabotage tools clean

help: ## Print this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

run: export CGO_ENABLED = 0
run: export DEBUG ?= 1
run: export DATABASE_URL ?= sqlite:.demo/db.sqlite3
run: ## Serve the demo on ADDR (127.0.0.1:8000); its data lie in .demo unless DATABASE_URL is set
	@go build -o bin/manage ./cmd/manage
	@mkdir -p .demo
	@test -s .demo/secret_key || (umask 077; head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n' > .demo/secret_key)
	@export SECRET_KEY="$${SECRET_KEY:-$$(cat .demo/secret_key)}"; \
	bin/manage migrate && bin/manage loaddemo && exec bin/manage runserver $(ADDR)

test: ## Run all tests on SQLite, and on PostgreSQL when TEST_DATABASE_URL or 127.0.0.1:5432 lets us in
	@go run ./internal/testdb/which
	@test -n "$$DJANGO_PYTHONPATH" || ls "$${DJANGO_CACHE:-$${XDG_CACHE_HOME:-$$HOME/.cache}/belleville-django}"/*/pythonpath > /dev/null 2>&1 || \
	echo "Django: none is unpacked, so nothing is tested beside it; make django does both"
	@if go build -race -o /dev/null ./internal/testdb/which 2> /dev/null; then \
		race=-race; echo "race detector: on"; \
	elif [ "$$REQUIRE_RACE" = 1 ]; then \
		echo "race detector: REQUIRE_RACE=1, but it does not work; install a C compiler"; exit 1; \
	else \
		echo "race detector: OFF, it needs a C compiler"; \
	fi; \
	if [ -n "$(RESULTS)" ]; then \
		: > "$(RESULTS)"; \
		for module in $(MODULES); do (cd $$module && go test $$race -json ./...); done | tee "$(RESULTS)" | go run ./internal/testlines; \
	else \
		for module in $(MODULES); do (cd $$module && go test $$race ./...) || failed=1; done; exit $${failed:-0}; \
	fi

# What reads sessions and users, or writes them. No race detector: make test has it, and starts a cache
# in tests of its own.
CACHED = ./core/changes ./contrib/auth ./contrib/auth/authviews ./contrib/sessions/... ./contrib/messages ./examples/polls

test-cache: ## Run the tests of whatever reads users and sessions with the cache on
	@TEST_CACHE=1 go test -count=1 $(CACHED)

django: ## Unpack Django 5.2, 4.2 and 3.2 from Debian's packages and run the live suite beside each
	@internal/djangotest/install.sh
	@cd internal/djangotest && DJANGO_ALL=1 go test -count=1

lint: ## Check format, go vet, staticcheck, doc comments, known vulnerabilities
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "run make fmt, these are not formatted:"; echo "$$unformatted"; exit 1; }
	@for module in $(MODULES); do (cd $$module && go vet ./...) || exit 1; done
	@go build -o bin/staticcheck honnef.co/go/tools/cmd/staticcheck
	@for module in $(MODULES); do (cd $$module && $(CURDIR)/bin/staticcheck ./...) || exit 1; done
	@go run ./internal/doccheck
	@GOBIN=$(CURDIR)/bin go install $(GOVULNCHECK) 2> /dev/null || { echo "govulncheck: left out, it cannot be installed here"; exit 0; }; \
	report=$$(bin/govulncheck ./... 2>&1); status=$$?; \
	case $$status in \
	0) echo "govulncheck: no known vulnerability is called" ;; \
	3) echo "$$report"; exit 1 ;; \
	*) echo "govulncheck: left out, it does not work here: $$(echo "$$report" | tail -1)" ;; \
	esac
	@echo "lint: ok"

docs: ## Build the site of docs/ into site/ (Debian: mkdocs; graphviz when a diagram has changed)
	@for dot in docs/design/*.dot; do \
		svg=$${dot%.dot}.svg; sum=$$(sha256sum < $$dot | cut -d ' ' -f 1); \
		if ! grep -qs "$$sum" $$svg; then \
			command -v dot > /dev/null || { echo "make docs: $$dot has changed, and graphviz is not installed"; exit 1; }; \
			{ dot -Tsvg $$dot; echo "<!-- of $$dot, sha256 $$sum -->"; } > $$svg; \
		fi; \
	done
	@command -v mkdocs > /dev/null || { echo "make docs: MkDocs is not installed (apt-get install mkdocs, or pip install mkdocs)"; exit 1; }
	@mkdocs build --strict --quiet --clean
	@echo "docs: site/index.html"

tutorial: ## Do what docs/tutorial.md says, by copy and paste, in an empty folder
	@TUTORIAL=1 go test -count=1 -timeout 20m -run TestTutorial ./internal/docs

fmt: ## Format all Go files
	@gofmt -w .

fuzz: ## Run every fuzz target for FUZZTIME (60s)
	@go run ./internal/fuzzall -time $(FUZZTIME)

e2e: ## Use the demo in a browser (Debian: chromium), and keep the pictures in docs/screenshots
	@mkdir -p docs/screenshots
	@cd internal/e2e && REQUIRE_BROWSER=1 E2E_SCREENSHOTS=$(CURDIR)/docs/screenshots go test -count=1 ./...

bench: ## Run the benchmarks that match BENCH (all), each for BENCHTIME (1s), and measure beside Django (wrk)
	@go test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem ./... | grep -v 'no test files'
	@go run ./bench $(BENCHFLAGS)

soak: ## Run two servers with sessions for SOAK (5m), kill them, PostgreSQL and Redis meanwhile, and look for losses
	@cd internal/soak && go run . -duration $(SOAK)

conformance: ## Count Django's test cases and the reference rows that hold; writes docs/conformance.md
	@go run ./internal/testdb/which
	@if [ -n "$(RESULTS)" ]; then cat "$(RESULTS)"; else \
		for module in $(MODULES); do (cd $$module && go test -count=1 -json ./...); done; \
	fi | go run ./internal/conformance -o docs/conformance.md

sabotage: ## Make wrong changes, one at a time, which a test must notice: all of SET (security), or N random rows
	@go run ./internal/testdb/which
	@go run ./internal/sabotage -set $(SET) -n $(N)

tools: ## Install the tools pinned in go.mod into Go's bin folder
	@go install tool

clean: ## Delete what the other targets made, the demo's data included
	@rm -rf bin .demo site
