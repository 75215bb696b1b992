# Everything a person or a machine does with this project. `make` alone lists it.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Where cargo puts what it builds; the site for browsers lies there too.
TARGET := $(abspath $(or $(CARGO_TARGET_DIR),target))
# What follows `breakwater serve`, for instance: make run ARGS="--listen 0.0.0.0:80"
ARGS ?=

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Side by side, the site first: it ends with minutes on one core, which the console fills.
.PHONY: build
build: ## the console and the site for browsers, ready to start
	@end2end/scripts/tools.sh
	@$(MAKE) --no-print-directory --jobs=2 console site

.PHONY: console site
console:
	nice -n 19 cargo build --release --locked -p server
site:
	cargo run --quiet --locked -p build-site

.PHONY: run
run: build ## build all that is missing and start the console
	@exec $(TARGET)/release/breakwater serve --site $(TARGET)/site $(ARGS)

.PHONY: dev
dev: ## the console in watch mode: builds and starts again when a file changes
	@end2end/scripts/tools.sh
	@exec end2end/scripts/dev.sh $(TARGET) $(ARGS)

.PHONY: test
test: ## every check there is: style, units, both databases, browser, accessibility, size
	@exec end2end/scripts/test.sh $(TARGET)

.PHONY: demo
demo: build ## simulated Harbors and a console set up already, with an outage every few minutes
	cargo build --release --locked -p harbor-sim
	@exec node end2end/scripts/demo.mjs $(TARGET)/release $(TARGET)/site $(ARGS)

.PHONY: screens
screens: ## the pictures under docs/screens
	@end2end/scripts/tools.sh test
	cargo build --locked -p server -p harbor-sim
	@$(MAKE) --no-print-directory site
	@BREAKWATER_TEST_BINARIES=$(TARGET)/debug BREAKWATER_TEST_SITE=$(TARGET)/site npm --prefix end2end run screens

.PHONY: soak
soak: ## thousands of random lives of two masters, healed and looked at; SEEDS=0..3000
	BREAKWATER_SOAK=$(or $(SEEDS),0..3000) cargo test --locked -p clusters --test clusters soak:: -- --nocapture --ignored

.PHONY: order
order: build ## writes anew which functions run while the console is idle; after a new Rust, or when `make bench` misses the memory
	@end2end/scripts/tools.sh order
	cargo build --release --locked -p harbor-sim
	@node end2end/scripts/order.mjs $(TARGET)/release $(TARGET)/site server/idle.order

.PHONY: bench
bench: build ## the promised figures, measured; wants a quiet machine; ARGS=ledger for those of comparing
	cargo build --release --locked -p server -p harbor-sim -p watch -p model -p store -p ledger -p pages --bins --examples
	cargo build --release --locked -p server -p harbor-sim -p watch -p model -p store -p ledger -p pages --features pages/testing --example render
	@# Last: with the examples it was built with what only tests use, and it is measured as people get it.
	@$(MAKE) --no-print-directory console
	@exec node end2end/scripts/bench.mjs $(TARGET)/release $(TARGET)/site $(ARGS)
