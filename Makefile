# What people and CI run. Every target makes the virtual environment it needs.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
export DOCUMENTS ?=
# Tests start several hundred processes: with bytecode on disk none of them compiles our modules again, whatever the shell says.
export PYTHONDONTWRITEBYTECODE :=
# One worker more than there are cores: a third of the end-to-end tests' time is waiting.
JOBS ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)')
# A file's tests share their fixtures on one worker. In the order of collection the long end-to-end files come before the
# many short ones, so that both workers end at about the same time.
SPREAD := --dist loadfile --no-loadscope-reorder
SEEDS ?= 20
SEED ?=
WORLDS ?= 100000
SECONDS ?= 300
EXAMPLES ?= 4000
# Percent of branches and lines, a little below what is reached.
FLOOR := 97

.DEFAULT_GOAL := help
.PHONY: help venv engine parity sanitize fuzz fuzz-models hooks demo test coverage localstack test-localstack-host chaos worlds infra prove-infra check format lint fix types imports lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

venv: $(STAMP) ## make .venv with everything in it

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else "smartcat needs Python 3.11 to 3.13, and $(PYTHON) is %d.%d: try make PYTHON=python3.12" % v)'
	@echo "Installing into $(VENV) (about a minute, once) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement constraints.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

engine: $(STAMP) ## build the compiled engine again after a change to its C sources
	@$(PIP) install --no-deps --no-build-isolation --editable .

parity: $(STAMP) ## hold the engine against scikit-learn: every document of every corpus beside the clone, 40 times the examples
	@PARITY_EVERY=1 PARITY_EXAMPLES=40 $(BIN)/python -m pytest tests/unit/smartcat/classifier/test_native_binding.py \
	  tests/unit/smartcat/classifier/test_compiled_parity.py -n 2 --timeout 3600

sanitize: $(STAMP) ## the engine's tests under AddressSanitizer and UndefinedBehaviorSanitizer (two minutes; needs gcc)
	@tests/fuzz/sanitize.sh $(BIN)/python

fuzz: $(STAMP) ## a coverage-guided fuzzer against the engine for five minutes (SECONDS=n for another time; needs clang)
	@PYTHONPATH=. tests/fuzz/build_and_run.sh $(BIN)/python $(SECONDS)

demo: $(STAMP) ## train, stream, classify and account for several thousand documents on this machine
	@$(BIN)/smartcat demo $(if $(DOCUMENTS),--documents "$$DOCUMENTS")

test: $(STAMP) ## every test
	@$(BIN)/python -m pytest -n $(JOBS) $(SPREAD)

coverage: $(STAMP) ## every test, with branch coverage of what every document goes through; build/coverage/html has the lines
	@$(BIN)/python -m pytest -n $(JOBS) $(SPREAD) --cov --cov-fail-under=$(FLOOR) --cov-report=term --cov-report=html

localstack: $(STAMP) ## the end-to-end tests on LocalStack, built by Terraform and taken down again (needs Docker and Terraform)
	@$(BIN)/python tests/e2e/run_localstack.py

test-localstack-host: $(STAMP) ## the producers on LocalStack's Kinesis and S3, without Docker (two minutes; needs PyPI, npm and Python 3.13)
	@$(BIN)/python tests/contract/run_localstack_host.py

chaos: $(STAMP) ## inject faults into the running system, 20 plans (SEEDS=n, or SEED=n for one), account for every record; then 20,000 worlds
	@CHAOS_SEEDS=$(SEEDS) CHAOS_SEED=$(SEED) $(BIN)/python -m pytest tests/chaos -m chaos -n 2 --dist load
	@$(if $(SEED),,PYTHONPATH=.:tests $(BIN)/python -m model_check --worlds 20000)

worlds: $(STAMP) ## the whole function in 100,000 random worlds of virtual time (WORLDS=n for n of them, SEED=n to see one)
	@PYTHONPATH=.:tests $(BIN)/python -m model_check $(if $(SEED),--seed $(SEED),--worlds $(WORLDS))

infra: $(STAMP) ## format, validity and tests of infra/terraform
	@INFRA_SUITES=all $(BIN)/python -m pytest tests/infra -n 0

prove-infra: $(STAMP) ## take each relation of infra/terraform out, and see its test turn red (half a minute)
	@PROVE_INFRA=1 $(BIN)/python -m pytest tests/infra/test_relations.py -n 0

fuzz-models: $(STAMP) ## forge models at random and load them (EXAMPLES=n for n of them; some 65 a second)
	@FUZZ_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/unit/smartcat/classifier/test_forged_models.py -n 0 --timeout 0 --hypothesis-profile=default

check: format lint types imports coverage ## what CI runs: format, lint, types, import rules, tests with coverage

format: $(STAMP) ## refuse unformatted code (mend it with make fix)
	@$(BIN)/ruff format --check .

lint: $(STAMP) ## lint with every rule on
	@$(BIN)/ruff check .

fix: $(STAMP) ## format, and mend what the linter can mend
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

types: $(STAMP) ## mypy, strict
	@$(BIN)/mypy

imports: $(STAMP) ## which way imports point
	@$(BIN)/lint-imports

hooks: $(STAMP) ## check format, lint, types and imports before each commit
	@$(BIN)/pre-commit install

lock: $(STAMP) ## write constraints.txt anew: versions and hashes; what is in it stays where it still fits (UPGRADE=1: the newest)
	@$(BIN)/uv pip compile --quiet pyproject.toml --extra all --extra dev --output-file constraints.txt $(if $(UPGRADE),--upgrade) \
	  --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-annotate --custom-compile-command 'make lock'
	@$(BIN)/python -c "from pathlib import Path; from smartcat.cli.lambda_package.locked_wheels import extract; \
	  Path('smartcat/cli/lambda_package/locked.txt').write_text(extract(Path('constraints.txt').read_text('utf-8'), 'constraints.txt'), 'utf-8')"

clean: ## remove what the targets made
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
