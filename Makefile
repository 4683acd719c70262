# make run    the product on http://127.0.0.1:8000 (PORT, VAR_DIR and the rest of docs/running.md from the environment)
# make test   style, types and the tests
# Both make .venv first; nothing but make and Python 3.12 or later is needed.

PYTHON := .venv/bin/python
SLOW := stack or slow
APART := $(SLOW) or resilience or browser

.PHONY: run test test-browser test-slow test-resilience screenshots lint bench load validation audit clean setup setup-test

run: setup
	@exec $(PYTHON) manage.py up

test: setup-test lint
	$(PYTHON) -m pytest -n 2 -m "not ($(APART))"

# Starts whole products, kills parts of them, loads them.
test-slow: setup-test
	$(PYTHON) -m pytest -m "$(SLOW)"

# Looks at the pages of a whole product in Chromium.
test-browser: setup-test
	$(PYTHON) -m pytest -m browser

# Every page, light, dark, on a phone and on paper, in var/screenshots.
screenshots: setup-test
	$(PYTHON) -m tests.browser.screenshots

# Kills workers, database and broker while calculations run.
test-resilience: setup-test
	$(PYTHON) -m pytest -m resilience

lint: setup-test
	$(PYTHON) -m ruff check
	$(PYTHON) -m ruff format --check
	$(PYTHON) -m mypy .
	$(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	.venv/bin/lint-imports --no-logo

bench: setup-test
	$(PYTHON) -m tests.bench

# Simulated users on a database of 10,000 projects: make load USERS=500 SECONDS=120
load: setup-test
	$(PYTHON) -m tests.load

# docs/validation.md: our values beside those of other programs.
validation: setup-test
	$(PYTHON) -m tests.validation

# Whether a pinned package has known vulnerabilities; fails unless every one could be asked about.
audit: setup-test
	$(PYTHON) bin/audit.py

# What is made again by itself; the data of the product in VAR_DIR stays.
clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .coverage var/test var/audit

setup:
	@sh bin/bootstrap run

setup-test:
	@sh bin/bootstrap test
