PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench docs weights intents clean

demo: $(READY) ## Make a day of traffic with a hidden campaign, scan it, say where the report lies
	$(BIN)/stillwatch range make --scenario demo --out demo/range
	$(BIN)/stillwatch scan demo/range/traffic --out demo/scan
	$(BIN)/stillwatch range score demo/scan demo/range/truth.parquet

test: $(READY) ## Run the tests
	$(BIN)/pytest -n auto

lint: $(READY) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) demo .bench site
