# `make` lists what there is. Everything that judges a change is a target here;
# continuous integration runs the same.

GO       ?= go
TOOL     := $(GO) tool -modfile=tools/go.mod
WITH_PG  := scripts/with-postgres
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
T        ?= 30s
BASE     ?= HEAD
COUNT    ?= 6
PACKAGES ?= ./...
export CGO_ENABLED ?= 0

.DEFAULT_GOAL := help
.PHONY: help run build quick test test-race e2e pictures proof fuzz bench bench-compare bench-baseline lint golden docs tidy ci deps

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## the product with a sample agency, on a throw-away database
	bin/minutebook demo

build: ## bin/minutebook, static, with its version
	$(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/minutebook ./cmd/minutebook

quick: ## before each commit, under ten seconds: format, vet, house, rules
	@unformatted=$$($(TOOL) gofumpt -l $$(git ls-files -co --exclude-standard '*.go')); \
	  if [ -n "$$unformatted" ]; then echo "not formatted, run gofumpt -w on:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) test . ./billing/...

test: deps ## every test, on SQLite and PostgreSQL, in any order
	$(WITH_PG) $(GO) test -shuffle=on -timeout 30m $(PACKAGES)

test-race: deps ## the same with the race detector (needs a C compiler)
	CGO_ENABLED=1 $(WITH_PG) $(GO) test -race -shuffle=on -timeout 60m $(PACKAGES)

e2e: deps ## stories against the built program, on both databases
	$(WITH_PG) $(GO) test -count=1 ./e2e/...

pictures: deps ## take the pictures of the documents from the running demo
	$(GO) test -count=1 ./e2e -run TestPicturesOfTheDemo -pictures $(CURDIR)/docs/pictures

proof: deps ## the long form of the proof, resumable; see docs/proof.md
	scripts/proof

fuzz: ## each fuzz target for T=30s
	scripts/fuzz $(T)

bench: deps ## the table of docs/performance.md, about ten minutes; LINES="growth pages" SIZE=10000000 RUNS=5 PUBLISH=docs/performance.md
	$(GO) build -o bin/bench ./bench
	$(WITH_PG) --durable bin/bench $(if $(filter command line,$(origin LINES)),--lines="$(LINES)") $(if $(SECONDS_PER_RUN),--seconds=$(SECONDS_PER_RUN)) $(if $(RUNS),--runs=$(RUNS)) \
	  $(if $(SIZE),--size=$(SIZE)) $(if $(CLIENTS),--clients=$(CLIENTS)) $(if $(DATABASES),--databases=$(DATABASES)) $(if $(PUBLISH),--publish=$(PUBLISH)) $(BENCH)

bench-compare: deps ## the micro-benchmarks of BASE=HEAD and of the tree, in turns, compared
	scripts/bench-compare $(BASE) $(COUNT)

bench-baseline: ## the micro-benchmarks of the tree against those kept in git; SAVE=1 keeps them
	scripts/bench-baseline $(COUNT) $(SAVE)

lint: ## staticcheck and golangci-lint (the first time, they take minutes to build)
	$(TOOL) staticcheck ./...
	$(TOOL) golangci-lint run ./...

golden: deps ## write the expected answers anew; read the diff
	scripts/golden

docs: ## check what the documents say
	$(GO) test . -run 'House|Docs'

tidy: ## format, and tidy both modules
	$(TOOL) gofumpt -w $$(git ls-files -co --exclude-standard '*.go')
	$(GO) mod tidy
	cd tools && $(GO) mod tidy

ci: ## what continuous integration runs
	.ci/run

deps: ## install PostgreSQL and Chromium for the tests, if they are missing (apt-get)
	@scripts/deps
