# АЗС TwinLab: all commands of the project; `make help` lists them. Works with GNU make 3.81 (macOS) and later.

.DEFAULT_GOAL := help
.NOTPARALLEL:

# Parameters are passed through the environment, so that the shell never interprets a value as a command.
export CLIENTS MONTHS SEED SOURCE FEATURE FULL GRADE PORT PYTHON
# No telemetry.
export DO_NOT_TRACK := 1
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export SEND_ANONYMOUS_USAGE_STATS := no

VENV := .venv
PY := $(VENV)/bin/python
# Stamps are written last, so that an interrupted installation is repeated. The one of Node is in node_modules, which
# `npm ci` empties first.
RUN_PACKAGES := $(VENV)/.run-packages
DEV_PACKAGES := $(VENV)/.dev-packages
NODE_PACKAGES := reports/node_modules/.installed
PIP_INSTALL := $(PY) -m pip install --disable-pip-version-check --no-input --require-hashes --quiet
REHEARSAL := data/.build/rehearsal
# Real data that is not part of the project; its test is skipped if it is absent.
FUEL_CARDS := $(abspath ../shared/data/ccs_fuel_cards)
# One process per core, at most four: each may build a warehouse or run a browser. tests/conftest.py defines the groups.
PARALLEL := --numprocesses=auto --maxprocesses=4 --dist=loadgroup --no-loadscope-reorder --durations=20 --durations-min=20
PARAMETERS := $${CLIENTS:+"--clients=$$CLIENTS"} $${MONTHS:+"--months=$$MONTHS"} \
	$${SEED:+"--seed=$$SEED"} $${SOURCE:+"--source=$$SOURCE"}

.PHONY: help
help: ## list the commands
	@echo 'АЗС TwinLab. Usage: make <command>'
	@echo
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)$$/\1|\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS='|' read -r name text; do printf '  %-10s %s\n' "$$name" "$$text"; done

# ---- set-up ----------------------------------------------------------------------------------------------------------

.PHONY: preflight
preflight:
	@sh twinlab/preflight.sh python
	@sh twinlab/preflight.sh node

.PHONY: setup
setup: preflight $(RUN_PACKAGES) $(NODE_PACKAGES) ## install what a run needs: .venv and reports/node_modules

.PHONY: setup-dev
setup-dev: preflight $(RUN_PACKAGES) $(DEV_PACKAGES) $(NODE_PACKAGES) ## the same, plus what the tests need

$(RUN_PACKAGES): requirements.txt
	@rm -f $@
	@python=$$(sh twinlab/preflight.sh venv) || exit 1; \
	if [ -n "$$python" ]; then \
		echo "setup: virtual environment in $(VENV) ($$python)"; \
		"$$python" -m venv --clear $(VENV); \
	fi
	@echo 'setup: Python packages (about a minute; 1 GB on disk)'
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

$(DEV_PACKAGES): requirements-dev.txt $(RUN_PACKAGES)
	@rm -f $@
	@echo 'setup: Python packages of the tests'
	@$(PIP_INSTALL) -r requirements-dev.txt
	@touch $@

$(NODE_PACKAGES): reports/package.json reports/package-lock.json
	@rm -f $@
	@echo 'setup: packages of the report site (about a minute and a half; 650 MB on disk)'
	@cd reports && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# ---- user commands ---------------------------------------------------------------------------------------------------

# Before setup, so that invalid parameters are rejected at once: this command needs no installed package.
.PHONY: parameters
parameters:
	@python=$$(sh twinlab/preflight.sh venv) || exit 1; \
	"$${python:-$(PY)}" -m twinlab check $(PARAMETERS)

.PHONY: run
run: preflight parameters setup ## build warehouse and reports [CLIENTS=2000 MONTHS=12 SEED=42 SOURCE=folder]
	@$(PY) -m twinlab run $(PARAMETERS)

.PHONY: simulate
simulate: setup ## recompute everything that depends on rules and features, and the reports [FEATURE=free_coffee]
	@$(PY) -m twinlab simulate $${FEATURE:+"--feature=$$FEATURE"}

.PHONY: serve
serve: setup ## open the built reports on http://127.0.0.1:3000 [PORT=3000]
	@$(PY) -m twinlab serve $${PORT:+"--port=$$PORT"}

.PHONY: dev
dev: setup ## edit the reports with live reload
	@$(PY) -m twinlab dev

.PHONY: export
export: $(RUN_PACKAGES) ## write the warehouse's CSV files, briefs and audiences to data/
	@$(PY) -m twinlab export

.PHONY: docs
docs: $(RUN_PACKAGES) ## generate dbt's documentation into dbt_project/target/
	@$(PY) -m twinlab docs

.PHONY: evaluate
evaluate: $(RUN_PACKAGES) ## the long grading, tables in data/evaluation/ [CLIENTS=1000 SEED=1 GRADE=settings FULL=1 adds 1,000,000 clients]
	@$(PY) -m lab evaluate $${CLIENTS:+"--clients=$$CLIENTS"} $${SEED:+"--seed=$$SEED"} \
		$${FULL:+--full} $${GRADE:+"--grade=$$GRADE"}

.PHONY: bench
bench: setup ## measure time and memory, tables in data/bench/ [FULL=1 goes to 70 million visits]
	@$(PY) -m lab bench $${FULL:+--full}

# ---- developer commands ----------------------------------------------------------------------------------------------

.PHONY: lint
lint: $(DEV_PACKAGES) ## ruff and sqlfluff
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m sqlfluff lint --disable-progress-bar models tests/dbt dbt_project/macros

.PHONY: browser
browser: $(DEV_PACKAGES) ## find or install the Chromium of the browser tests [TWINLAB_CHROMIUM=path]
	@$(PY) -m twinlab browser

# `make run` and the tests run in a copy of what git would commit, so that published files are not touched.
.PHONY: test
test: setup-dev browser lint ## all checks: ruff, sqlfluff, all tests, the built site in a browser
	@$(PY) -m twinlab rehearse
	@cd $(REHEARSAL) && env -u TWINLAB_DUCKDB -u TWINLAB_REFERENCE TWINLAB_CCS="$${TWINLAB_CCS:-$(FUEL_CARDS)}" \
		$(PY) -m pytest $(PARALLEL)

# From pip's index, by default the public one; no extra index, as the hashes must be those of the public packages.
.PHONY: lock
lock: $(DEV_PACKAGES) ## regenerate requirements*.txt from requirements*.in
	@$(PY) -m twinlab lock

.PHONY: clean
clean: ## remove build results (warehouse, exports, site, caches); installed packages stay
	@rm -rf data/twinlab.duckdb data/*.csv data/bench data/evaluation data/.build reports/build reports/.build-last reports/.build-next reports/.evidence \
		dbt_project/target dbt_project/logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find documents generator ingest lab ml models tests twinlab vocabulary -name __pycache__ -type d -prune -exec rm -rf {} +
