# АЗС TwinLab: short names for `python -m twinlab <command>`; `make help` lists them. Works with GNU make 3.81 (macOS)
# and later.

.DEFAULT_GOAL := help
.NOTPARALLEL:

# Parameters are passed through the environment, so that the shell never interprets a value as a command.
export CLIENTS MONTHS SEED SOURCE FEATURE FULL GRADE PORT PYTHON

TWINLAB := @sh twinlab/preflight.sh
CLIENTS_SEED := $${CLIENTS:+"--clients=$$CLIENTS"} $${SEED:+"--seed=$$SEED"}

.PHONY: help
help: ## list the commands
	@echo 'АЗС TwinLab. Usage: make <command>'
	@echo
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)$$/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r name text; do printf '  %-10s %s\n' "$$name" "$$text"; done

# ---- user commands ---------------------------------------------------------------------------------------------------

.PHONY: setup
setup: ## install what a run needs: .venv and reports/node_modules
	$(TWINLAB) setup

.PHONY: run
run: ## build warehouse and reports [CLIENTS=2000 MONTHS=12 SEED=42 SOURCE=folder]
	$(TWINLAB) run $(CLIENTS_SEED) $${MONTHS:+"--months=$$MONTHS"} $${SOURCE:+"--source=$$SOURCE"}

.PHONY: simulate
simulate: ## recompute everything that depends on rules and features, and the reports [FEATURE=free_coffee]
	$(TWINLAB) simulate $${FEATURE:+"--feature=$$FEATURE"}

.PHONY: serve
serve: ## open the built reports on http://127.0.0.1:3000 [PORT=3000]
	$(TWINLAB) serve $${PORT:+"--port=$$PORT"}

.PHONY: dev
dev: ## edit the reports with live reload
	$(TWINLAB) dev

.PHONY: export
export: ## write the warehouse's CSV files, briefs and audiences to data/
	$(TWINLAB) export

.PHONY: docs
docs: ## generate dbt's documentation into dbt_project/target/
	$(TWINLAB) docs

.PHONY: evaluate
evaluate: ## the long grading, tables in data/evaluation/ [CLIENTS=1000 SEED=1 GRADE=settings FULL=1 adds 1,000,000 clients]
	$(TWINLAB) evaluate $(CLIENTS_SEED) $${FULL:+--full} $${GRADE:+"--grade=$$GRADE"}

.PHONY: bench
bench: ## measure time and memory, tables in data/bench/ [FULL=1 goes to 70 million visits]
	$(TWINLAB) bench $${FULL:+--full}

# ---- developer commands ----------------------------------------------------------------------------------------------

.PHONY: setup-dev
setup-dev: ## setup, plus what the tests need
	$(TWINLAB) setup --dev

.PHONY: lint
lint: ## ruff, sqlfluff, eslint and svelte-check
	$(TWINLAB) lint

.PHONY: types
types: ## mypy
	$(TWINLAB) types

.PHONY: browser
browser: ## find or install the Chromium of the browser tests [TWINLAB_CHROMIUM=path]
	$(TWINLAB) browser

.PHONY: check
check: ## lint, types and the quick tests
	$(TWINLAB) check

.PHONY: test
test: ## check, a run in a copy of the checkout, and the tests of it
	$(TWINLAB) test

.PHONY: test-full
test-full: ## lint, types, a run in a copy of the checkout, and all tests: what CI runs
	$(TWINLAB) test-full

# From pip's index, by default the public one; no extra index, as the hashes must be those of the public packages.
.PHONY: lock
lock: ## regenerate requirements*.txt from requirements*.in
	$(TWINLAB) lock

.PHONY: clean
clean: ## remove build results (warehouse, exports, site, caches); installed packages stay
	$(TWINLAB) clean
