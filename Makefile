# Everything a newcomer types: `make demo`, `make test`. Each installs what it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO := .demo
PIP := -m pip install -qq --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help setup format check lint docs test bench demo clean

help:  ## Show what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

setup: $(VENV)/ready  ## Make a virtual environment with all that development needs

$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "modelhub needs Python 3.11 or later; name one with: make PYTHON=python3.x"; exit 1; }
	@$(PYTHON) -m venv $(VENV) 2>/dev/null || sh tools/install-venv.sh "$(PYTHON)" $(VENV)
	@echo "installing what development needs into $(VENV) (a minute or two)"
	@$(BIN)/python $(PIP) --upgrade 'pip>=25.1'
	@$(BIN)/python $(PIP) --editable . --group dev
	@touch $@

format: setup  ## Put the code into its form
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

check: lint docs  ## Format, lint, types, import contracts, documents executed

lint: setup
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/codespell

docs: setup
	$(BIN)/python -m pytest -q -n auto -p no:cacheprovider tests/test_docs.py

test: setup  ## Run the suite; make check runs the documents
	@sh tools/install-system.sh
	$(BIN)/python -m pytest -n auto --dist worksteal --ignore tests/test_docs.py tests

bench: setup  ## List the benchmarks
	@grep -l __main__ benchmarks/*.py | sed 's|^|$(BIN)/python |'

demo:  ## Train real networks, commit, fork, list and take them back byte for byte
	@$(PYTHON) -m venv $(DEMO)/venv 2>/dev/null || sh tools/install-venv.sh "$(PYTHON)" $(DEMO)/venv
	@echo "installing the demo into $(DEMO)/venv (two or three minutes, the first time)"
	@rm -rf build  # what an earlier build left would be installed, too
	@$(DEMO)/venv/bin/python $(PIP) '.[server]' torch scikit-learn
	@$(DEMO)/venv/bin/python demo/demo.py $(DEMO)/work

clean:  ## Delete what was made
	rm -rf $(VENV) $(DEMO) build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache \
	  .import_linter_cache .hypothesis
