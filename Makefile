# Needs Go, Node and make; fetches everything else it needs. Bare `make` lists
# the targets. Made to work with the make 3.81 and bash 3.2 that macOS brings.
SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Two packages at a time: each runs its own tests in parallel on one database.
GO_TEST = go test -p 2
# The race detector needs a C compiler on Linux.
RACE = $(shell command -v "$$(go env CC)" >/dev/null 2>&1 && echo -race)

NPM_BIN    := node_modules/.bin
PLAYWRIGHT := $(NPM_BIN)/playwright test -c web/e2e/playwright.config.ts
SYSTEM_PG  := $(lastword $(sort $(wildcard /usr/lib/postgresql/*/bin)))

TEMPL       = $(shell find views -name '*.templ')
VIEW_GO     = $(shell find views -name '*.go' ! -name '*_templ.go')
ASSET_PARTS = static/build.mjs static/img/icons.txt tailwind.config.js \
	$(filter-out static/css/app.css,$(wildcard static/css/*.css)) $(wildcard static/js/*.js) $(wildcard static/js/pages/*.js)
ASSETS      = static/css/app.css static/img/icons.svg static/js/vendor/htmx.js static/js/built/every.js static/fonts/inter-latin.woff2

# Packages whose tests ask for a database: those are run on a second PostgreSQL.
DB_PACKAGES = $(shell go list -e -f '{{$$p := .ImportPath}}{{range .TestImports}}{{$$p}} {{.}}{{"\n"}}{{end}}{{range .XTestImports}}{{$$p}} {{.}}{{"\n"}}{{end}}' ./domain/... \
	| awk '$$2 ~ /\/tenancytest$$/ {print $$1}' | sort -u)

##@ Every day

.PHONY: run
run: build ## Set up, build, and serve the demo at http://127.0.0.1:8080
	@exec bin/anteroom serve --demo

.PHONY: dev
dev: build ## Serve the demo; build and restart at every change
	@exec node web/dev.mjs

.PHONY: build
build: setup ## Build bin/anteroom
	@mkdir -p bin
	@go build -o bin/anteroom ./web

.PHONY: setup
setup: node_modules/.stamp bin/.templ bin/.assets ## Fetch and generate what a build needs

##@ Tests

.PHONY: test
test: ## Run everything: checks, Go on two PostgreSQLs, isolation probe, browser
	@rm -rf bin/logs && mkdir -p bin/logs
	@$(MAKE) check
	@$(MAKE) test-go
	@$(MAKE) test-system-postgres
	@$(MAKE) verify
	@$(MAKE) test-e2e
	@printf '\n== How each run closed\n'
	@for log in bin/logs/*.log; do \
		printf '\n-- %s\n' "$$(basename "$$log" .log)"; \
		grep -vE '^\?|no test files' "$$log" | tail -n 30; \
	done

# web comes first: it starts and stops programs, and mostly waits for them.
.PHONY: test-go
test-go: build compiler ## Go tests with the race detector on a throwaway PostgreSQL
	@mkdir -p bin/logs; set -o pipefail; \
	bin/anteroom testdb -- $(GO_TEST) $(RACE) ./web ./... 2>&1 | tee bin/logs/1-go.log

# Without the race detector, which test-go has: this is about the server's version.
.PHONY: test-system-postgres
test-system-postgres: build ## Database tests again, on this machine's own PostgreSQL
ifeq ($(SYSTEM_PG),)
	@echo "No PostgreSQL under /usr/lib/postgresql: database tests ran on the npm package's only."
else
	@mkdir -p bin/logs; set -o pipefail; packages='$(DB_PACKAGES)'; \
	if [ -n "$$packages" ]; then \
		{ $(SYSTEM_PG)/postgres --version; bin/anteroom testdb --postgres $(SYSTEM_PG) -- $(GO_TEST) $$packages; } 2>&1 \
		| tee bin/logs/2-go-system-postgres.log; \
	fi
endif

.PHONY: verify
verify: build ## Attack the walls between clinics, and check every seal, in a fresh demo
	@mkdir -p bin/logs; set -o pipefail; \
	bin/anteroom testdb -- bin/anteroom verify --demo 2>&1 | tee bin/logs/3-verify.log

.PHONY: test-e2e
test-e2e: build ## The user's day in a real browser
	@mkdir -p bin/logs; set -o pipefail; browser="$$(web/e2e/browser.sh)" || exit 1; \
	CHROMIUM_PATH="$$browser" $(PLAYWRIGHT) </dev/null 2>&1 | tee bin/logs/4-e2e.log

# Generated files are compared before anything regenerates them, by content, so
# that it holds with uncommitted work too.
.PHONY: check
check: ## Formatting, generated files, go vet, and a linter where one is installed
	@unformatted="$$(gofmt -l domain handlers migrations static views web)"; \
	if [ -n "$$unformatted" ]; then echo "gofmt would change:"; echo "$$unformatted"; exit 1; fi
	@go tool templ fmt -fail -log-level error views
	@sum() { find views -name '*_templ.go' | LC_ALL=C sort | xargs cat /dev/null | cksum; }; \
	before="$$(sum)"; go tool templ generate -path views -log-level error || exit 1; \
	if [ "$$before" != "$$(sum)" ]; then echo "The *_templ.go files were not up to date; they are now. Commit them."; exit 1; fi
	@go vet ./...
	@if command -v golangci-lint >/dev/null 2>&1; then golangci-lint run ./...; \
	elif command -v staticcheck >/dev/null 2>&1; then staticcheck ./...; fi

.PHONY: compiler
compiler:
	@command -v "$$(go env CC)" >/dev/null 2>&1 && exit 0; \
	root=; [ "$$(id -u)" = 0 ] || root='sudo -n'; \
	if command -v apt-get >/dev/null 2>&1 && $$root true 2>/dev/null; then \
		echo "Installing a C compiler for the race detector"; \
		$$root apt-get update -qq && $$root apt-get install -y -qq --no-install-recommends gcc libc6-dev >/dev/null; \
	fi || true; \
	command -v "$$(go env CC)" >/dev/null 2>&1 || echo "No C compiler: Go tests run without the race detector."

##@ Measuring and looking

.PHONY: bench
bench: build ## Measure, each beside its limit in the same run
	@bin/anteroom bench

.PHONY: shots
shots: build ## Screenshots of every page: three widths, light and dark
	@browser="$$(web/e2e/browser.sh whole)" || exit 1; \
	CHROMIUM_PATH="$$browser" SHOTS=1 $(PLAYWRIGHT) --grep @shots </dev/null

.PHONY: lighthouse
lighthouse: build ## Lighthouse on the pages that make or break it, as a desktop and as a phone
	@browser="$$(web/e2e/browser.sh whole)" || exit 1; \
	CHROMIUM_PATH="$$browser" SHOTS=1 $(PLAYWRIGHT) --workers=1 --grep @lighthouse </dev/null

.PHONY: clean
clean: ## Remove what was built (the data folder stays)
	@rm -rf bin test-results playwright-report web/e2e/test-results web/e2e/playwright-report \
		static/js/vendor static/js/built static/fonts/*.woff2 static/css/app.css static/img/icons.svg

.PHONY: help
help: ## Show this
	@awk 'BEGIN {FS = ":.*## "; print "make <target>"} \
		/^##@/ {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z0-9-]+:.*## / {printf "  %-22s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

# Stamps: each step runs again only when what it reads has changed.

# No install scripts: nothing here needs one, and the program makes the links
# PostgreSQL's package leaves out.
node_modules/.stamp: package.json package-lock.json
	@echo "Fetching npm packages"
	@PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

bin/.templ: $(TEMPL) go.mod
	@mkdir -p bin
	@go tool templ generate -path views -log-level error
	@touch $@

bin/.assets: node_modules/.stamp $(ASSET_PARTS) $(TEMPL) $(VIEW_GO)
	@mkdir -p bin
	@node static/build.mjs
	@touch $@

# A built file that was deleted is built again, whatever the stamp says.
ifneq ($(words $(wildcard $(ASSETS))),$(words $(ASSETS)))
.PHONY: bin/.assets
endif
