# The commands of this house. Everything runs from .venv, made from requirements/*.lock (hashes checked).
# PORT=, DAIGOU_HOME= move `make run`; PYTHON= names another interpreter than python3.
.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev front-end catalogues bytecode browser test check checks bench bench-large lock messages screenshots clean
PY := .venv/bin/python
PYTEST := $(PY) -m pytest
export PYTHONPATH := $(CURDIR)
# Where it is set, every test process would compile and rewrite all test modules anew.
unexport PYTHONDONTWRITEBYTECODE
export UV_SYSTEM_CERTS := 1

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

run: setup ## set up what is missing, then start everything on http://127.0.0.1:PORT (8000)
	@exec $(PY) -m daigou.embedded

setup: ## only set up
	@tools/setup.sh run
	@$(MAKE) --no-print-directory front-end catalogues bytecode

setup-dev:
	@tools/setup.sh dev
	@$(MAKE) --no-print-directory front-end catalogues

front-end:
	@$(PY) tools/front_end.py

catalogues:
	@tools/catalogues.sh

# PYTHONDONTWRITEBYTECODE may be set: a start that compiles everything again takes three times as long.
bytecode:
	@$(PY) -m compileall -q $(wildcard daigou blueprints compliance traceability wsgi.py)

browser:
	@tools/browser.sh

check: setup-dev checks ## the inner loop: lint, types, staircase, fast tests
	@$(PYTEST) -m "not slow and not browser" -n 2

checks:
	@tools/checks.sh

# In two rounds, the whole stacks of the second by one worker: tools/tests.py.
test: setup-dev bytecode browser ## everything, the browser included
	@tools/checks.sh; checks=$$?; $(PY) tools/tests.py && exit $$checks

bench: setup ## speeds and memory, written to docs/benchmarks.md: a quarter of an hour
	@$(PY) -m benchmarks

bench-large: setup ## the same of a million entries and more, in a section of its own
	@$(PY) -m benchmarks --large

lock: setup-dev ## requirements/*.in -> *.lock, package.json -> package-lock.json; no registry host in either
	@tools/lock.sh

messages: setup-dev ## words: source -> translations/*.po -> *.mo
	@tools/messages.sh

screenshots: setup-dev bytecode browser ## the main pages, drawn into screenshots/
	@DAIGOU_SCREENSHOTS=screenshots $(PYTEST) -m browser -k screenshot

clean: ## what set-up and tests made; never the data in .home
	@if [ -L .venv ]; then rm -f .venv; else rm -rf .venv; fi
	@rm -rf node_modules blueprints/static/vendor build dist screenshots *.egg-info \
	  .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.home/*' -prune -exec rm -rf {} +
	@find translations -name '*.mo' -delete
