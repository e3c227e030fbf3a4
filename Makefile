# Two commands set everything up on a machine with Python 3.11+ and pip:
#   make demo    trains on the wine data that ships here, says where the report is
#   make test    installs what tests need and runs all of them
# make check runs what CI runs; make torture kills, damages and fills disks for long
# (DOVETAIL_TORTURE_SEED=n for other kills); make fuzz reads spoilt files (SEED=n, CASES=n
# for others); VENV=dir and PYTHON=python3.12 choose others.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
WINE := examples/data/wine_quality.csv
OUT ?= runs/wine-quality.model
# Two cores are the common case; more threads than cores slow each other down.
WORKERS ?= 2
CASES ?= 100000
SEED ?= 0

# make checks runs scikit-learn's checks with trainings that are not cut short.
.PHONY: demo test torture fuzz checks lint types format check clean

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The core alone: what `pip install dovetail-ml` gives.
$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet -c constraints.txt -e ".[dev,loops]"
	touch $@ $(VENV)/.core

demo: $(VENV)/.core
	$(BIN)/dovetail fit $(WINE) --target quality --out $(OUT) --force
	@echo "The report is at $(abspath $(OUT))/report.html"

# Neighbours in a file run on one worker, so that what they share is made once.
test: $(VENV)/.dev
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal

torture: $(VENV)/.dev
	DOVETAIL_TORTURE=1 $(BIN)/python -m pytest -q -s -m torture tests/train tests/cli

fuzz: $(VENV)/.dev
	DOVETAIL_EXPLORE=1 $(BIN)/python -m pytest -q tests/fuzz
	$(BIN)/python -m tests.fuzz.run --cases $(CASES) --seed $(SEED)

checks: $(VENV)/.dev
	DOVETAIL_FULL=1 $(BIN)/python -m pytest -q -n $(WORKERS) tests/sklearn/test_checks.py

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/dovetail doctor src examples

types: $(VENV)/.dev
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: test lint types demo

clean:
	rm -rf $(VENV) runs .pytest_cache .mypy_cache .ruff_cache
