# make serve: the service on the posts in content/posts, at http://$(HOST):$(PORT)/
# make test:  everything that can be checked here;  make check: the quick half of it

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV = .venv
BIN = $(VENV)/bin
# In the order of tests/conftest.py; by itself xdist deals out files with few tests last, and
# the longest are among those.
TWO = -n 2 --dist loadfile --no-loadscope-reorder
export HOST PORT

.PHONY: serve test check lint stand-in findings readers clean
.DEFAULT_GOAL := serve

serve: $(VENV)/.serve
	@exec $(BIN)/gunicorn

test: $(VENV)/.test lint
	$(BIN)/pytest -q $(TWO)
	@$(MAKE) --no-print-directory stand-in

check: $(VENV)/.test lint
	$(BIN)/pytest -q -n 2 -m "not slow" --hypothesis-profile quick

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# argostranslate, the distribution that Argos Translate itself publishes, may stand in for
# argos-translate-lt: what handles packages is tested with it too, in an environment of its own.
stand-in: $(VENV)/.stand-in
	$(VENV)/stand-in/bin/pytest -q $(TWO) tests/translate/packages/test_installed.py tests/translate/engines/test_argos.py \
		tests/translate/engines/test_model_lifecycle.py tests/translate/packages/test_package_download.py tests/translate/packages/test_opus_import.py \
		tests/feeds/cli/test_models.py tests/feeds/ops/doctor/test_checks.py

# What other programs do that one would not guess: findings/README.md.
findings:
	@bash findings/run.bash

# docs/readers.md: what readers make of our feeds. Debian's are asked where they are installed:
# newsboat rss2email sfeed rsstail elpa-elfeed ruby-feedparser libxml-feed-perl libxml-feedpp-perl
# golang-go golang-github-mmcdole-gofeed-dev curl, beside Node.js and npm.
readers: $(VENV)/.test
	@$(BIN)/python -m tests.readers.lab.table

# An install that was cut off leaves no stamp, and is made again.
$(VENV)/.serve: pyproject.toml setup.py constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "feedglot needs Python 3.11 or newer: make PYTHON=python3.12 serve"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing feedglot's libraries into $(VENV), this once: about a minute, 460 MB on disk"
	@bash -o pipefail -c '$(BIN)/pip install --disable-pip-version-check -c constraints.txt -e . | \
		sed -u -n -e "s/^Collecting \([A-Za-z0-9._-]*\).*/  \1/p" -e "s/^Installing c.*/  unpacking them/p"'
	@echo "Installed: $$(du -sm $(VENV) | cut -f1) MB in $(VENV)"
	@touch $@

$(VENV)/.test: $(VENV)/.serve
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

$(VENV)/.stand-in: $(VENV)/.test Makefile
	@test -x $(VENV)/stand-in/bin/python || $(PYTHON) -m venv $(VENV)/stand-in
	$(VENV)/stand-in/bin/pip install --quiet --disable-pip-version-check --no-compile -c constraints.txt \
		-e '.[firefox,postgres,redis]' pytest pytest-xdist hypothesis feedparser
	$(VENV)/stand-in/bin/pip uninstall --quiet --yes argos-translate-lt
	$(VENV)/stand-in/bin/pip install --quiet --disable-pip-version-check -c constraints.txt \
		--force-reinstall --no-deps argostranslate
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
