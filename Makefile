# make run · make test · make demo — the README says what each does.

# Asked once, and only when an environment is built.
PYTHON ?= $(eval PYTHON := $(shell sh deploy/choose-python))$(PYTHON)
VENV := .venv
BIN := $(VENV)/bin
# --use-pep517, as every pip does since 23.1: an older one would warn of the one package that is no wheel.
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps --no-compile --use-pep517
COMPILE = $(BIN)/python -m compileall -q -j 0 $(1) || echo "Not all bytecode can be kept; starts will take longer." >&2
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
TEST_PROCESSES_MAX ?= 4
PACKAGES := config incident_service workers

.DEFAULT_GOAL := help
.PHONY: help run demo test lint bench install lock clean

help:
	@echo "make run    start everything; Ctrl-C stops it"
	@echo "make demo   play one case against a running service"
	@echo "make test   run the whole test suite"
	@echo "make lint   ruff and mypy"
	@echo "make bench  measure speed and memory"
	@echo "make clean  remove the environment and caches; the data stays"

# Each stamp is as new as the lock file it was built from, so a second start installs nothing.
$(VENV)/runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "$(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or newer is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Building the environment in $(VENV), with $(PYTHON) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --requirement requirements.txt
	@$(call COMPILE,$(VENV)/lib)
	@touch $@

$(VENV)/development: $(VENV)/runtime requirements-dev.txt
	@echo "Adding what the tests need ..."
	@$(PIP) --requirement requirements-dev.txt
	@$(call COMPILE,$(VENV)/lib)
	@touch $@

# Python's bytecode of our own modules: without it, where the environment forbids Python to keep any, every process
# would compile 420 modules anew.
$(VENV)/compiled: $(VENV)/runtime wsgi.py $(shell find $(PACKAGES) -name '*.py')
	@$(call COMPILE,$(PACKAGES) wsgi.py)
	@touch $@

install: $(VENV)/development $(VENV)/compiled

run: $(VENV)/compiled
	@exec $(BIN)/python -m incident_service.operations

demo: $(VENV)/compiled
	@exec $(BIN)/python -m incident_service.demo

test: install
	@exec $(BIN)/python -m pytest -n auto --maxprocesses $(TEST_PROCESSES_MAX) --max-worker-restart 2 $(ARGS)

lint: $(VENV)/development
	@$(BIN)/ruff check . && $(BIN)/mypy

bench: install
	@exec $(BIN)/python -m benchmarks $(ARGS)

lock:
	$(LOCK) requirements.in --output-file requirements.txt
	$(LOCK) requirements-dev.in --output-file requirements-dev.txt

clean:
	@rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
