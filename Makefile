# `make run` serves the portal with demo data; `make test` checks everything. Nothing has to be installed first
# but Python 3.11 or newer; as root on Debian or Ubuntu missing system packages are fetched by apt.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := run
.PHONY: run test battery covering lint bench mutations machine

# Known to the portal too: links in its mails name it.
export PORT ?= 8000
# A distribution's Python first, where it can make environments: one compiled by hand mostly lacks the optimisations.
PYTHON ?= $(shell \
	for name in /usr/bin/python3.13 /usr/bin/python3.12 /usr/bin/python3.11; do \
	$$name -c 'import ensurepip, venv' 2>/dev/null && { echo $$name; exit; }; done; \
	for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { command -v $$name; exit; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
SHELL_C := $(MANAGE) shell --verbosity 0 --no-imports -c
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes

# $(call fetch,packages): by apt as root, otherwise one line that says what to install.
fetch = if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; \
	then apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); \
	else echo "Please install first: sudo apt-get install $(1)" >&2; exit 1; fi

run: $(VENV)/run.stamp
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createcachetable
	@if $(SHELL_C) 'from accounts.models import User; exit(User.objects.exists())'; \
	then echo "Making demo data …"; $(MANAGE) seed_all >/dev/null; fi
	@echo "The portal is at http://localhost:$(PORT)/ (Ctrl+C stops it)."
	@$(SHELL_C) 'from core.site import site_settings; from unionops.management.commands.seed_auth import DOMAIN, PASSWORD; \
	site_settings().is_demo and print(f"Sign in as staff@{DOMAIN} (or admin@, officer@, steward@, member@) with {PASSWORD}")'
	@$(MANAGE) run_due --every 20 & exec $(BIN)/gunicorn unionops.wsgi --bind 127.0.0.1:$(PORT) --worker-class gthread --workers 2 --threads 4 \
		--log-level warning

# Everything on PostgreSQL, beside it lint and on SQLite what asks a database, but for the races and the browser.
# It ends with what the tests cost and the seed of their order; SEED=… repeats it.
test: machine
	@$(BIN)/python -m unionops.proof $(if $(SEED),--seed $(SEED))

# The same with the repetitions and amounts of the battery.
battery: machine
	@$(BIN)/python -m unionops.proof --battery $(if $(SEED),--seed $(SEED))

# Which items of a grid are enough on SQLite, written anew; a quarter of an hour.
covering: machine
	@$(BIN)/python -m unionops.proof --covering

lint: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/deptry .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python -m bench.mutations check
	DATABASE_URL=sqlite://:memory: UNIONOPS_TESTING=1 $(MANAGE) makemigrations --check --dry-run

bench: $(VENV)/dev.stamp machine
	$(BIN)/python -m bench.run $(ARGS)

mutations: $(VENV)/dev.stamp machine
	$(BIN)/python -m bench.mutations $(ARGS)

# What the tests need besides Python packages.
machine: $(VENV)/dev.stamp
	@$(BIN)/python -c 'from unionops.ephemeral_postgres import binaries; exit(binaries() is None)' || { $(call fetch,postgresql); }
	@command -v chromium-headless-shell >/dev/null || command -v chromium >/dev/null || \
		( $(call fetch,chromium-headless-shell) ) || ( $(call fetch,chromium) ) || $(BIN)/playwright install --with-deps chromium

$(VENV)/bin/python:
	[ -n "$(PYTHON)" ] || { $(call fetch,python3 python3-venv); }
	python=$(PYTHON); $${python:=python3} -c 'import ensurepip, venv' 2>/dev/null || \
		{ $(call fetch,python$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv); }; \
	$$python -m venv $(VENV)

$(VENV)/run.stamp: requirements.lock | $(VENV)/bin/python
	$(PIP) -r requirements.lock
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock | $(VENV)/bin/python
	$(PIP) -r requirements-dev.lock
	touch $@ $(VENV)/run.stamp
