# What people do here. `make help` explains each.
ADDR ?= 127.0.0.1:8080
DATA ?= ./data
GO   ?= go

.PHONY: help run build test lint bench bench-peers torture linear mutants generate
help:            ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /	/' | expand -t 12

run:             ## one process with a demo company: make run ADDR=127.0.0.1:8080 DATA=./data
	$(GO) build -buildvcs=auto -o bin/muster ./cmd/muster && exec bin/muster up --addr "$(ADDR)" --data "$(DATA)"

build:           ## bin/muster
	$(GO) build -buildvcs=auto -o bin/muster ./cmd/muster

test:            ## install and start what the tests need (Neo4j, Redis, Chromium; as root on Debian), then run all of them
	scripts/test

lint:            ## golangci-lint with .golangci.yml, gofumpt
	scripts/lint

bench:           ## every figure of docs/benchmarks.md beside its peer, on SQLite and Neo4j
	scripts/bench

bench-peers:     ## the assignment solver beside LEMON, OR-Tools and SciPy, which it installs into .peers: make bench-peers ARGS="--turns 5"
	scripts/bench-peers $(ARGS)

torture:         ## kill replicas, Neo4j and Redis under load and look for what is lost: make torture ARGS="-kills 100"; RESUME=1 goes on
	scripts/torture $(ARGS)

linear:          ## let many fight over the same tickets and check that an order makes every answer right: make linear ARGS="-ops 1000000"
	$(GO) build -buildvcs=auto -o bin/linear ./cmd/linear && bin/linear $(ARGS)

mutants:         ## put known bugs into a copy of the sources, one at a time; a test must fail for each: make mutants DIR=testdata/mutants ARGS="-slice 3"
	$(GO) build -buildvcs=auto -o bin/mutants ./cmd/mutants && bin/mutants -dir "$(or $(DIR),testdata/mutants)" $(ARGS)

generate:        ## the files that are made from others: web bundle, OpenAPI, docs
	$(GO) generate ./...
