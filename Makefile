# `make validate` and `make test` need nothing but git and make on a fresh Debian or Ubuntu: .ci/setup does the rest.
BIN := .venv/bin
export RPY2_CFFI_MODE := ABI

.PHONY: help setup validate test lint matrix corpus clean

help:
	@echo 'make validate   set up, then compare pymeta with R, side by side  (make validate ARGS="--html out.html")'
	@echo 'make test       set up, then all checks and tests, as CI runs them  (make test ARGS="-k forest")'
	@echo 'make lint       set up, then ruff and mypy only'
	@echo 'make matrix     record the cases on the newer R and metafor of Debian trixie and forky (root, debootstrap)'
	@echo 'make corpus     run the examples of metafor and metadat in R again, replay them, write docs/coverage.md (half an hour)'
	@echo 'make setup      install what is missing: R, metafor, .venv with rpy2'
	@echo 'make clean      remove .venv, caches and builds'

setup:
	@.ci/setup

validate: setup
	@$(BIN)/pymeta validate $(ARGS)

# pytest comes last: CI reads its closing line.
test: lint
	@.ci/browser
	@$(BIN)/python -m pytest -n auto --maxprocesses 8 $(ARGS)

matrix: setup
	@.ci/matrix

corpus: setup
	@$(BIN)/python -m docs.coverage --trace

lint: setup
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist site htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
