# On a new machine, with Python 3.11 or later: make demo, make test.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
# Which tests: TESTS="not pg_cron and not browser" runs the long ones too, TESTS="pg_cron or browser"
# those that need Debian's packages.
TESTS  ?= not long and not pg_cron and not browser

.DEFAULT_GOAL := help

.PHONY: demo
demo: $(VENV)/.ok ## Show the main job on a private PostgreSQL
	@$(BIN)/stocksync demo

.PHONY: test
test: $(VENV)/.ok ## Run the tests on a private PostgreSQL
	$(BIN)/pytest -q -n auto -m "$(TESTS)"

.PHONY: check
check: lint test ## Lint, types and tests: what must pass before a commit

.PHONY: lint
lint: $(VENV)/.ok ## Check style and types of Python and SQL
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy
	$(BIN)/squawk $(filter-out %.rollback.sql,$(wildcard migrations/*.sql))

.PHONY: matrix
matrix: $(VENV)/.ok ## Run the tests on PostgreSQL 15, 16 and 17, too (needs npm)
	$(BIN)/python -m tests.matrix -m "$(TESTS)"

.PHONY: bench
bench: $(VENV)/.ok ## Measure against a table that keeps no stock, and others (an hour)
	$(BIN)/python -m tests.bench --json docs/bench/figures.json --markdown docs/bench/figures.md \
		--plots docs/bench

.PHONY: bench-quick
bench-quick: $(VENV)/.ok ## Print the same with less of everything (3 minutes)
	$(BIN)/python -m tests.bench --quick

.PHONY: migrate
migrate: $(VENV)/.ok ## Bring the database up to date
	@$(BIN)/stocksync migrate

.PHONY: refresh
refresh: $(VENV)/.ok ## Do what is to be done every hour
	@$(BIN)/stocksync refresh

.PHONY: audit
audit: $(VENV)/.ok ## Compare everything with the movements, correct nothing
	@$(BIN)/stocksync audit

.PHONY: fix
fix: $(VENV)/.ok ## Show what would be fixed of what an audit finds
	@$(BIN)/stocksync fix --all

.PHONY: backup
backup: $(VENV)/.ok ## Back up the database to a file that is read back
	@$(BIN)/stocksync backup create

.PHONY: sync
sync: $(VENV)/.ok ## Correct the stock that differs from its movements
	@$(BIN)/stocksync sync

.PHONY: generate
generate: $(VENV)/.ok ## Write tests/expected/schema.sql anew from the migrations
	$(BIN)/python -m tests.expected.generate

.PHONY: help
help: ## Print this message
	@awk -F ':.*## ' '/^[a-z\/-]+:.*## /{printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.ok: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check -e '.[dev]'
	@touch $@
