# The two commands are `make report` and `make test`; both set up everything that they need.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
IN     ?=
OUT    ?= reports/trends.html
# Python compiles what it imports; compiling all that is installed takes longer than installing it.
PIP    := $(BIN)/pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt
PYTEST := $(BIN)/python -m pytest -n auto --maxprocesses 4
NBMAKE := --nbmake --nbmake-timeout=600

.PHONY: report slides gallery test setup dev chromium lint notebooks bench docs docs-links constraints clean

report: setup  ## a trend report of IN="files, globs or folders", or of the embedded sample
	@$(BIN)/trends report $(IN) --output $(OUT)

slides: OUT = reports/slides
slides: $(VENV)/installed-slides  ## a deck and its figures, of IN="files or a saved study", or of the embedded sample
	@$(BIN)/trends slides $(IN) --output $(OUT)

gallery: setup  ## every chart, of the embedded sample and of a planted table
	@$(BIN)/python -m benchmarks.gallery reports/gallery.html

test:  ## everything that must hold
	@$(MAKE) --no-print-directory --jobs 2 chromium lint
	@$(PYTEST) $(NBMAKE) tests notebooks

$(VENV)/installed-slides: $(VENV)/installed
	@$(PIP) --editable '.[slides]' >&2
	@touch $@

setup: $(VENV)/installed
dev: $(VENV)/installed-dev

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "trends needs Python 3.11 or later; name one with make PYTHON=python3.12")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(BIN)/python
	@$(PIP) --editable . >&2
	@touch $@

$(VENV)/installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	@$(PIP) --editable '.[dev]' >&2
	@touch $(VENV)/installed $@

# The browser tests need one; Debian installs it here, elsewhere the tests say that they are skipped. The
# package without a window is the smaller and the faster one, and older systems lack it.
chromium:
	@for name in chromium-headless-shell chromium chromium-browser; do command -v $$name >/dev/null && exit; done; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
	  apt-get update -qq && export DEBIAN_FRONTEND=noninteractive && \
	  { apt-get install -y -qq --no-install-recommends chromium-headless-shell fonts-liberation >/dev/null 2>&1 || \
	  apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; }; \
	else echo "No Chromium found: the browser tests will be skipped." >&2; fi

lint: dev  ## style, types and the layers of imports
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo >/dev/null || { $(BIN)/lint-imports; exit 1; }

notebooks: dev  ## run every notebook from top to bottom
	@$(PYTEST) $(NBMAKE) notebooks

bench: dev  ## the measurements of benchmarks/README.md
	@$(BIN)/python -m benchmarks

docs: dev  ## the documentation as pages in build/docs; a broken link or reference fails
	@$(BIN)/python -m sphinx -b html -W --keep-going -n -q docs build/docs
	@echo build/docs/index.html

docs-links: dev  ## ask every outside link of the documentation; needs a network
	@$(BIN)/python -m sphinx -b linkcheck -q docs build/links

constraints: dev  ## renew constraints.txt from what is installed
	@{ echo "# Exact versions that the two commands install; renewed with: make constraints"; \
	$(BIN)/pip freeze --exclude-editable | grep -v '^trends' | sed 's/+cpu$$//' | LC_ALL=C sort -f; } > constraints.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
