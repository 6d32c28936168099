# What is done with a checkout of Scorewire. `make help` lists it.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: run example test check pytest tools generate web library screenshot format lock bench crash fuzz clean help

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet
INSTALL := $(PIP) install --require-hashes -r
# Installs that are done leave these files behind, so that the next `make` starts at once.
RUN := .venv/run.done
DEV := .venv/dev.done
NODE_MODULES := client/web/node_modules/.package-lock.json
WATCHER := examples/node-watcher/node_modules/.package-lock.json
PAGE := client/web/dist/index.html
PAGE_SOURCES := $(shell find client/web/src generated/web -type f) $(wildcard client/web/*.html client/web/*.ts client/web/*.json)
LIBRARY := client/web/dist-lib/standalone.js
LIBRARY_SOURCES := $(shell find client/web/src/client client/web/src/board generated/web -type f) $(wildcard client/web/*.json client/web/*.config.ts)
NPM := tools/with-node npm --prefix client/web
# Tests run beside each other, as many as there are cores. Each process has servers of its own, so it takes them in the
# order in which they stand, as those of a file share theirs; who has none left takes half of another's.
BESIDE := --numprocesses logical --maxprocesses 8 --dist worksteal

run: $(RUN) $(PAGE) ## Run all of Scorewire on this machine; Ctrl-C stops it
	@exec .venv/bin/scorewire up

example: $(DEV) ## Run examples/fastapi beside `make run`
	@.venv/bin/uvicorn --app-dir examples/fastapi --port 8001 app:app

test: check pytest ## Set up all that the tests need, check, and run every test

check: $(DEV) $(NODE_MODULES) $(WATCHER) ## Lint, format, types, contract, generated code, locks, the page's own checks
	@tools/with-node $(PY) tools/check.py

pytest: $(DEV) $(PAGE) $(LIBRARY) $(WATCHER) tools
	@PATH="$(CURDIR)/.cache/bin:$$PATH" PYTHONDONTWRITEBYTECODE= $(PY) -m pytest $(BESIDE)

tools: # What tests need that no lock can have: a browser and grpcurl
	@tools/fetch

generate: $(DEV) $(NODE_MODULES) ## Make generated/ from protos/
	@tools/with-node $(PY) tools/generate.py

web: $(PAGE) ## Build the page

library: $(LIBRARY) ## Build the TypeScript client as a package

screenshot: $(DEV) $(PAGE) tools ## Take the pictures of the page and of the terminal that the docs show
	@$(PY) -m tests.screenshot
	@$(PY) -m tests.picture

format: $(DEV) $(NODE_MODULES) ## Format Python, TypeScript and protos
	@.venv/bin/ruff format --quiet . && .venv/bin/ruff check --quiet --fix .
	@.venv/bin/buf format --write protos
	@$(NPM) run --silent format
	@tools/with-node client/web/node_modules/.bin/biome check --write --config-path client/web examples tests/e2e

lock: $(DEV) ## Lock the newest versions that pyproject.toml and package.json allow
	@$(PY) tools/lock.py
	@tools/with-node tools/lock-npm

bench: $(DEV) ## Measure, as a table and as JSON: PARTS=coalesced, fanout, paint, pressure, smooth or verify, OVERLOAD_MINUTES=10, ROUNDS=16
	@$(PY) -m bench $(if $(PARTS),--parts $(PARTS)) $(if $(OVERLOAD_MINUTES),--overload-minutes $(OVERLOAD_MINUTES)) \
	  $(if $(ROUNDS),--rounds $(ROUNDS))

crash: $(DEV) ## Break it again and again: ROUNDS=24, SEED=1, DATABASE=sqlite or postgresql, TABLE=a Markdown file
	@$(PY) -m tests.crash $(if $(ROUNDS),--rounds $(ROUNDS)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(DATABASE),--database $(DATABASE)) $(if $(TABLE),--table $(TABLE))

fuzz: $(DEV) $(PAGE) ## Send hostile input of all kinds, other than the tests do each time: EXAMPLES=1000 of each
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),1000) $(PY) -m pytest -m fuzz --timeout 3600

clean: ## Remove all that was installed and built; keeps data/
	rm -rf .venv .cache client/web/node_modules client/web/dist client/web/dist-lib examples/*/node_modules

help:
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/bin/python:
	@tools/make-venv

$(RUN): requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing the locked dependencies..."
	@$(INSTALL) requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUN)
	@echo "Installing the locked tools of developers..."
	@$(INSTALL) requirements-dev.lock
	@touch $@

$(NODE_MODULES): client/web/package-lock.json client/web/package.json | .venv/bin/python
	@echo "Installing the page's locked dependencies..."
	@$(NPM) ci --loglevel error
	@touch $@

$(WATCHER): examples/node-watcher/package-lock.json examples/node-watcher/package.json | .venv/bin/python
	@echo "Installing the locked dependencies of an example..."
	@tools/with-node npm --prefix examples/node-watcher ci --loglevel error
	@touch $@

$(PAGE): $(NODE_MODULES) $(PAGE_SOURCES)
	@echo "Building the page..."
	@$(NPM) run --silent build
	@touch $@

$(LIBRARY): $(NODE_MODULES) $(LIBRARY_SOURCES)
	@echo "Building the TypeScript client..."
	@$(NPM) run --silent build:lib -- --logLevel warn
	@touch $@
