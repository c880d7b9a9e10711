# The only list of commands. Each does its own set-up; `make` alone lists them.
# make PYTHON=/path/to/python3.12 ... uses another Python than the one on the path.

.DEFAULT_GOAL := help
.PHONY: help setup demo up test lint format check soak bench lock clean
BIN := .venv/bin
# One more than the two cores that are expected: tests wait for servers and processes a third of their time.
WORKERS ?= 3

# Set in many containers. Every process that the tests start would compile all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv from the hash-pinned lock, read the dbt project
	@PYTHON="$(PYTHON)" scripts/setup

demo: setup ## simulate a company, run everything, show the numbers; without a terminal: and exit
	@if [ -t 0 ] && [ -t 1 ]; then exec $(BIN)/roosevelt demo; else exec $(BIN)/roosevelt demo --once; fi

up: setup ## run on the organisation named in roosevelt.toml
	@exec $(BIN)/roosevelt up

test: check ## every check, lint and test
	@$(BIN)/pytest -q -n $(WORKERS) --no-loadscope-reorder

check: setup
	@echo "ruff"; $(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@echo "mypy, sqlfluff"; $(BIN)/mypy --no-error-summary & types=$$!; \
		$(BIN)/sqlfluff lint --disable-progress-bar -p $(WORKERS) dbt_project/models dbt_project/functions dbt_project/tests >.sqlfluff.log 2>&1 \
		&& rm .sqlfluff.log || { cat .sqlfluff.log; wait $$types; exit 1; }; wait $$types

lint: check ## ruff, mypy, sqlfluff

format: setup ## rewrite what ruff and sqlfluff can mend
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet . ; $(BIN)/sqlfluff fix --quiet dbt_project/models dbt_project/functions dbt_project/tests

soak: setup ## the tests that take longer than make test may
	@$(BIN)/pytest -q -m soak

bench: setup ## measure requests, points, rows a second, memory; asserts nothing. make bench QUICK=1 takes a minute
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick)

lock: setup ## resolve pyproject.toml into requirements.lock anew
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links --group dev \
		--python-version 3.11 --custom-compile-command "make lock" pyproject.toml -o requirements.lock

clean: ## remove what set-up and tests made; the data in .roosevelt stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
