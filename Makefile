# The ways of working. Everything here is plain go; `make -n TARGET` shows the command.

STATICCHECK = go run honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUZZTIME ?= 30s
KILLTIME ?= 3m
BENCH ?= .

.PHONY: all test race bench costs lint generate fuzz cover proof-resume proof-kill ci

all: lint test

test:                   # what README.md says
	go test ./...

race:                   # packages with goroutines of their own
	go test -race -short ./data/... ./backend/... ./train/... ./cmd/... .

bench:                  # BENCH=Gemm picks some; compare two runs with benchstat
	go test -run '^$$' -bench '$(BENCH)' -benchmem ./...

costs:                  # what the parts of convolutions take here: a row of internal/kernel/costs.go; a quiet machine is needed
	go test -count=1 -run 'TestCosts$$' -v ./internal/kernel -costs

lint:
	@test -z "$$(gofmt -l .)" || { echo "gofmt wants to change:"; gofmt -l .; exit 1; }
	go vet ./...
	$(STATICCHECK) ./...

generate:               # rewrites the committed assembly; go test fails when it is stale
	go generate ./...

fuzz:                   # each fuzz target for FUZZTIME; go test runs one at a time
	@set -e; go list ./... | while read -r p; do \
		for f in $$(go test -list '^Fuzz' "$$p" | grep '^Fuzz' || true); do \
			echo "== $$p $$f"; go test -run '^$$' -fuzz "^$$f\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x "$$p"; \
		done; \
	done

cover:                  # coverage.out; the browser page is `go tool cover -html coverage.out`
	go test -short -coverpkg ./... -coverprofile coverage.out ./...
	go tool cover -func coverage.out | tail -1

proof-resume:           # kill -9 and --resume, and any number of threads, end with the same parameters
	.ci/proof-resume

proof-kill:             # the same, killed at random moments for KILLTIME
	LINCE_PROOF_KILL=$(KILLTIME) go test -count=1 -v -timeout 1h -run TestKilledAtAnyTime ./train

ci:                     # all that must pass before a change is merged
	.ci/run
