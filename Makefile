# Everything that one does with this checkout; each target sets the machine up first (deploy/dev/setup).
python := .venv/bin/python
# What runs in the foreground ends with make, however make ends.
bound := setpriv --pdeathsig TERM

.PHONY: help setup lab demo quick test coverage smoke bench timing styleguide lint lock release shots clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: ## install what the machine lacks, and .venv from requirements.lock
	@sh deploy/dev/setup/setup.sh

lab: setup ## the Active Directory forest alone, until Ctrl-C
	@$(bound) $(python) -m deploy.dev.lab up

demo: setup ## the whole product on http://localhost:8000 (or the next free port, or PORT=…), until Ctrl-C
	@$(bound) $(python) -m deploy.dev.demo $(if $(PORT),--port $(PORT))

quick: ## the tests that need only Python 3.11, in about a minute: no root, no packages, no servers
	@sh deploy/dev/setup/setup.sh venv
	$(python) -m pytest -m quick -n auto --dist loadscope

test: setup ## the whole suite
	$(bound) $(python) -m pytest -n 4 --dist loadscope

coverage: setup ## the whole suite, and which lines and branches it reaches (tests/README.md)
	@$(bound) $(python) -m tests.coverage

smoke: setup ## a real Chromium resets a password in the running demo
	@$(bound) $(python) -m deploy.dev.smoke

bench: setup ## the figures, measured side by side
	@$(bound) $(python) -m deploy.dev.bench

timing: setup ## whether a stranger can tell kinds of people apart by the time of an answer
	@$(bound) $(python) -m deploy.dev.timing

styleguide: setup ## every page in every state, with made-up people, until Ctrl-C
	@$(bound) $(python) -m deploy.dev.site

shots: setup ## the screenshots in docs
	@$(bound) $(python) -m deploy.dev.shots

lint: setup ## types, style, templates, scripts, import contracts
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/djlint templates --check --lint --quiet
	@# biome has a wheel for Linux on x86-64 only.
	if [ "$$(uname -sm)" = "Linux x86_64" ]; then .venv/bin/biome check --error-on-warnings; fi
	git grep -lE "^#!/bin/sh$$" -- .ci deploy | xargs shellcheck
	.venv/bin/lint-imports

lock: setup ## all lock files from pyproject.toml, with hashes
	.venv/bin/uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
		--quiet pyproject.toml --extra dev --output-file requirements.lock
	.venv/bin/uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
		--quiet pyproject.toml --constraint requirements.lock --output-file requirements-run.lock
	echo "setuptools>=77" | .venv/bin/uv pip compile --generate-hashes --python-version 3.11 --no-emit-index-url \
		--quiet - --output-file requirements-build.lock

release: setup ## source, wheel, notes, SBOM, licences and checksums of what is committed, in var/release
	@$(python) -m deploy.dev.release

clean: ## remove what was built and cached
	rm -rf --one-file-system var .venv
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
