PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench docs weights intents clean

demo: $(READY) ## Make a day of traffic with a hidden campaign, scan it, say where the report lies
	$(BIN)/stillwatch range make --scenario demo --out demo/range
	$(BIN)/stillwatch scan demo/range/traffic --out demo/scan
	$(BIN)/stillwatch range score demo/scan demo/range/truth.parquet
	@echo "The report: demo/scan/report.html"

test: $(READY) ## Run the tests
	$(BIN)/pytest -n auto

lint: $(READY) ## Check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY) ## Measure the figures in the README (two hours; see benchmarks/README.md)
	$(BIN)/python benchmarks/real_mix.py
	$(BIN)/stillwatch range evaluate --out .bench/evaluation
	$(BIN)/python benchmarks/peers.py
	$(BIN)/python benchmarks/coordination.py
	$(BIN)/python benchmarks/sketch_speed.py
	$(BIN)/python benchmarks/scan_scale.py
	$(BIN)/python benchmarks/readme.py

docs: $(READY) ## Generate the reference and build the site into site/
	$(BIN)/python -m stillwatch.docs
	$(BIN)/pip install --quiet --disable-pip-version-check mkdocs-material
	$(BIN)/mkdocs build --strict

intents: $(READY) ## Train the intent model again
	$(BIN)/python training/intents.py

weights: $(READY) ## Fit the weights of the signals again (some hours; cut off, it goes on)
	$(BIN)/python training/weights.py

# Spark is tested where there is a Java to run it.
EXTRAS = dev$(if $(shell command -v java),$(comma)spark)
comma := ,

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one with make PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[$(EXTRAS)]'
	touch $(READY)

clean:
	rm -rf $(VENV) demo .bench site
