# Two commands matter: `make run` and `make test`. Both set up what they need.

CONFIG ?= configs/buttberg2025_set_1mA.yaml
ARGS ?=
TESTS ?= tests

PYTHON := .venv/bin/python

# The linear algebra of these problems is too small for threads: they only get in each other's way.
export OMP_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: docs docs-links help setup run test coverage verify seeded-faults faults mpi-test hpc-test image bench scaling
.PHONY: certify verification-page validation-table format clean
.PHONY: lint lint-format lint-style lint-imports lint-budgets lint-types

help:  ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup:  ## Prepare .venv (done by every other command, at once if nothing changed)
	@.ci/setup.sh

run: setup  ## Run CONFIG=configs/….yaml, results in runs/<name>/ (ARGS: options of `tusk run`, such as --restart)
	.venv/bin/tusk run $(CONFIG) $(if $(findstring --restart,$(ARGS)),,--overwrite) $(ARGS)

test: setup  ## Run the tests that take seconds (TESTS=path for some of them)
	$(PYTHON) -m pytest -n 2 -m "not slow" --ignore=tests/mpi --ignore=tests/robustness $(TESTS)

verify: setup  ## Run the tests that take minutes, then the seeded faults
	$(PYTHON) -m pytest -m slow --ignore=tests/mpi --ignore=tests/robustness $(TESTS)
	@$(MAKE) --no-print-directory seeded-faults

seeded-faults: setup  ## Seed faults into copies of the code; each has to make its test fail (2 minutes)
	$(PYTHON) -m tests.faults.seed

faults: seeded-faults  ## The same, then kill, fill, damage and fuzz runs: nothing may be lost (15 minutes)
	$(PYTHON) -m pytest -n 2 --dist loadfile -rP tests/robustness

mpi-test: setup  ## Run tests/mpi on 2, 3 and 4 ranks
	.ci/mpi-test.sh 2 3 4

coverage: setup  ## Run the quick tests; hold the branch coverage of each package to 90 %
	rm -f .coverage .coverage.*
	$(PYTHON) -m pytest -n 2 -m "not slow" --ignore=tests/mpi --ignore=tests/robustness --cov --cov-branch --cov-report=
	@for package in solver meshes postprocess; do \
	    $(PYTHON) -m coverage report --include="$$package/*" --skip-covered --fail-under=90 || exit 1; \
	done

hpc-test: setup  ## Start a Slurm cluster of one node and run jobs on it (as root on Debian)
	tests/hpc/run.sh

image:  ## Build the container image tusk
	docker build -t tusk .

docs: setup  ## Build the site in build/site; every warning is an error (two minutes)
	$(PYTHON) -m sphinx -q -W --keep-going -j 2 -b html -d build/site-cache docs build/site

docs-links: setup  ## Ask every outside link of the site whether it is still there (needs the network)
	$(PYTHON) -m sphinx -q -b linkcheck -d build/site-cache docs build/links

bench: setup  ## Measure run time, Newton steps, cost (half an hour; ARGS=--store keeps the result and writes docs/performance.md)
	$(PYTHON) benchmarks/bench.py $(ARGS)

scaling: setup  ## Measure two ranks against two copies at once on 740 000 degrees of freedom (4 minutes)
	$(PYTHON) benchmarks/strong_scaling.py $(ARGS)

# Configs whose error bars are shipped with the program.
CERTIFIED := buttberg2025_set_1mA buttberg2025_set_10uA buttberg2025_set_100nA

certify: setup  ## Renew the error bars of the shipped configs (half an hour; goes on where it stopped)
	@mkdir -p configs/certificates
	set -e; for name in $(CERTIFIED); do \
	  .venv/bin/tusk certify configs/$$name.yaml --out build/certificates/$$name $(ARGS); \
	  cp build/certificates/$$name/certificate.json configs/certificates/$$name.json; \
	done
	$(PYTHON) -m tests.verification.page

verification-page: setup seeded-faults  ## Write docs/verification.md from the tests that measure (minutes)
	$(PYTHON) -m pytest -q tests/verification --ignore=tests/verification/test_buttberg2025.py \
	  -o junit_family=xunit1 --junitxml=build/verification.xml
	$(PYTHON) -m tests.verification.page build/verification.xml

validation-table: setup  ## Compare the shipped configs with the paper in docs/validation.md (15 minutes)
	$(PYTHON) -m tests.verification.table build/validation

lint: lint-format lint-style lint-imports lint-budgets lint-types  ## Check format, style, imports, budgets and types

lint-format: setup
	$(PYTHON) -m ruff format --check .

lint-style: setup
	$(PYTHON) -m ruff check .

lint-imports: setup
	.venv/bin/lint-imports --no-cache --no-logo

lint-budgets: setup
	$(PYTHON) .ci/budgets.py

lint-types: setup
	$(PYTHON) -m mypy

format: setup  ## Format the code and mend what can be mended
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

clean:  ## Remove caches and build products; keeps .venv, build/uv and runs
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov dist
	rm -rf build/lib build/bdist.* build/requirements.txt *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
