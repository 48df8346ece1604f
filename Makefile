# Everything a newcomer types. `make` alone says what there is.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DASHBOARD ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint browser bench clean libgomp

help: ## What can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: libgomp $(STAMP) ## The environment .venv from requirements.lock (done once)

$(STAMP): requirements.lock pyproject.toml
	@command -v python3.11 >/dev/null || { echo "Python 3.11 is needed: apt-get install python3.11 python3.11-venv" >&2; exit 1; }
	@echo "Installing into $(VENV); this takes a few minutes the first time …"
	@test -x $(BIN)/python || python3.11 -m venv $(VENV) || { echo "The module venv is needed: apt-get install python3.11-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

# LightGBM needs GNU OpenMP, which slim images leave out.
libgomp:
	@ldconfig -p 2>/dev/null | grep -q libgomp.so.1 || /sbin/ldconfig -p 2>/dev/null | grep -q libgomp.so.1 || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing libgomp1 …"; (apt-get install -y -qq libgomp1 || (apt-get update -qq && apt-get install -y -qq libgomp1)) >/dev/null; \
	  else echo "libgomp1 is missing and LightGBM needs it: apt-get install libgomp1" >&2; exit 1; fi

demo: setup ## Sample data all the way to mails and the dashboard (DASHBOARD=0: without the dashboard)
	@$(BIN)/sda demo $(if $(filter 0 no false,$(DASHBOARD)),--no-dashboard)

test: setup browser lint ## Lint, types and all tests
	$(BIN)/python -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

lint: setup ## Format, lint, import directions, types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/mypy

browser: setup ## A Chromium for the tests that drive one (they are skipped without)
	@command -v chromium >/dev/null || \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests …"; \
	    (apt-get install -y -qq chromium || (apt-get update -qq && apt-get install -y -qq chromium)) >/dev/null 2>&1 || \
	      echo "Chromium could not be installed: the browser tests will be skipped." >&2; \
	  else echo "There is no Chromium (apt-get install chromium): the browser tests will be skipped." >&2; fi

bench: setup ## The figures of benchmarks/, as JSON (takes hours; one alone: python -m benchmarks.NAME)
	$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.bench.lock
	@for script in $$(grep -l __main__ benchmarks/*.py); do \
	  echo "$$script" >&2; $(BIN)/python -m $$(echo $${script%.py} | tr / .) || exit 1; \
	done

clean: ## Remove what was generated here: var/, caches, .venv
	rm -rf var $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
