# Casebook, from a fresh clone. `make help` says what there is.
PYTHON ?= python3
SERVE ?= yes
CORE ?= ../shared/core/check
PYTEST := .venv/bin/pytest
JUDGED := CASEBOOK_DATABASE_URL=sqlite:///var/judge/casebook.db CASEBOOK_OWNER_DATABASE_URL=sqlite:///var/judge/casebook.db

.DEFAULT_GOAL := help
.PHONY: help setup migrate demo test coverage serve lint docs bench mutants judge lock
.DELETE_ON_ERROR:

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

setup: .venv/ready ## make .venv with everything that the other commands need (PYTHON=python3.12 for another Python)

migrate: setup ## bring the database to the newest revision, as the owner of its tables
	.venv/bin/casebook migrate

demo: setup ## KN5601 from first visit to SDTM, then serve it (SERVE=no: end after printing)
	.venv/bin/casebook migrate
	.venv/bin/casebook seed
	.venv/bin/casebook export KN5601-DEMO --out var/demo/export
	$(if $(filter no,$(SERVE)),,.venv/bin/casebook serve --tokens)

test: setup ## the whole suite, on SQLite and on PostgreSQL
	$(PYTEST) -n auto --dist worksteal

coverage: setup ## every branch of every rule is taken by a test of the rules
	$(PYTEST) tests/rules --cov=app.rules --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

serve: setup ## serve the API on 127.0.0.1:8000
	.venv/bin/casebook serve

lint: setup ## ruff, mypy --strict, import contracts
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy app cdisc seed migrations docs bench tests
	.venv/bin/lint-imports

docs: setup ## the pages of the rules, made from their modules (docs/rules)
	.venv/bin/python -m docs.pages

bench: setup ## saves and rules against their floors, export seconds
	.venv/bin/python -m bench

mutants: setup ## every mutant of the rules is noticed by a test or listed (MODULE=app/rules/safety/crs.py: of that one)
	COVERAGE_FILE=var/mutants/reached $(PYTEST) tests/rules -q --cov=app.rules --cov-context=test --cov-report=
	.venv/bin/python -m tests.mutants $(MODULE)

judge: setup ## an export of every study with subjects before the CDISC CORE engine, and seeded faults (CORE=path of its `check`)
	@test -x "$(CORE)" || { echo "make judge: there is no judge at '$(CORE)'; say where with CORE=path/to/check" >&2; exit 2; }
	rm -rf var/judge
	$(JUDGED) .venv/bin/casebook migrate
	$(JUDGED) .venv/bin/casebook seed --summary var/judge/summary.json
	$(JUDGED) .venv/bin/casebook export KN5601-DEMO --out var/judge/KN5601-DEMO
	$(JUDGED) .venv/bin/casebook export KN5601 --out var/judge/KN5601
	$(JUDGED) .venv/bin/casebook export SYS6020-DEMO --out var/judge/SYS6020-DEMO
	$(CORE) var/judge/KN5601-DEMO/sdtm --allow cdisc/core-allow.txt & demo=$$!; \
	$(CORE) var/judge/KN5601/sdtm --allow cdisc/core-allow-published.txt && \
	$(CORE) var/judge/SYS6020-DEMO/sdtm --allow cdisc/core-allow.txt && wait $$demo
	.venv/bin/python -m tests.cdisc.control $(CORE)

lock: setup ## resolve the dependencies anew into the two lock files
	.venv/bin/uv pip compile --quiet --upgrade $(LOCK) --extra dev --output-file requirements-dev.lock
	.venv/bin/uv pip compile --quiet --upgrade $(LOCK) --constraint requirements-dev.lock --output-file requirements.lock

LOCK := pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

.venv/ready: pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed" >&2; exit 2; }
	test -x .venv/bin/uv || { $(PYTHON) -m venv .venv && .venv/bin/python -m pip install --quiet uv; }
	.venv/bin/uv pip install --quiet --python .venv --require-hashes --requirements requirements-dev.lock
	.venv/bin/uv pip install --quiet --python .venv --no-deps --editable .
	touch $@
