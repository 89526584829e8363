# make serve: the service on the posts in content/posts, at http://$(HOST):$(PORT)/
# make test:  everything that can be checked here;  make check: the quick half of it

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV = .venv
BIN = $(VENV)/bin
export HOST PORT

.PHONY: serve test check fast lint clean
.DEFAULT_GOAL := serve

serve: $(VENV)/.serve
	@exec $(BIN)/gunicorn

test: $(VENV)/.test lint
	$(BIN)/pytest -q -n 2 --dist loadfile

check: $(VENV)/.test lint
	$(BIN)/pytest -q -n 2 -m "not slow"

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# An install that was cut off leaves no stamp, and is made again.
$(VENV)/.serve: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "feedglot needs Python 3.11 or newer: make PYTHON=python3.12 serve"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.test: $(VENV)/.serve
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test]'
	@touch $@

clean:
	rm -rf $(VENV) build *.egg-info
