# make run       set up on first use, then the main job on the embedded engine     make run ARGS="--layer gold"
# make test      the same set-up, then the tests, Spark's included                 make test ARGS="-k ledger"
# make test-all  slow tests too      make lint  ruff and mypy      make bench  the benchmark
# make lock      requirements.lock anew from pyproject.toml        make clean  everything that can be made again

.PHONY: run test test-all bench lint lock setup clean
.DEFAULT_GOAL := run

VENV := .venv
BIN  := $(VENV)/bin

# The first Python that is recent enough; PYTHON=/path/to/python3 decides otherwise.
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,$(shell $(p) -c '$(RECENT)' 2>/dev/null && echo $(p))))

# Sail needs neither Java nor jars, so a run goes on without them; the tests do not.
run: $(VENV)/.ready
	@$(MAKE) --no-print-directory $(VENV)/.spark \
		|| echo "Spark is not set up, for the reason above; the run goes on with Sail." >&2
	@$(BIN)/c360 run $(ARGS)

# Everything on Sail, and beside it what needs Spark or uses the suite's session. (5: ARGS left no test for one half.)
define both_engines
	@$(BIN)/pytest -q --half --engine spark $(1) $(ARGS) > .spark-tests.log 2>&1 & spark=$$!; \
	$(BIN)/pytest -q --half --engine sail $(1) $(ARGS); sail=$$?; \
	wait $$spark; spark=$$?; echo "On Spark:"; cat .spark-tests.log; \
	for code in $$sail $$spark; do test $$code -eq 0 || test $$code -eq 5 || exit $$code; done
endef

test: setup
	$(call both_engines,-m "not slow")

test-all: setup
	$(call both_engines,)

bench: setup
	$(BIN)/python bench/run.py $(ARGS)

lint: $(VENV)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup: $(VENV)/.spark

# Java, Delta's jars and Spark's settings.
$(VENV)/.spark: $(VENV)/.ready $(wildcard c360/install*.py)
	@$(BIN)/python -m c360.install
	@touch $@

$(VENV)/.ready: requirements.lock pyproject.toml
	@python=$$(command -v "$(PYTHON)") && "$$python" -c '$(RECENT)' || { echo "c360 needs Python 3.11 or later;" \
		"found: $$("$(or $(PYTHON),python3)" --version 2>&1 || true). Install one, or name it: make PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON); this is done once and takes a few minutes."
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

# Needs uv: https://docs.astral.sh/uv
lock:
	uv pip compile pyproject.toml --quiet --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
		--python-version 3.11 --extra local --extra postgresql --extra cloud --extra models --extra dashboard --extra dev --extra bench --custom-compile-command 'make lock' \
		--output-file requirements.lock

clean:
	rm -rf $(VENV) .spark-tests.log .pytest_cache .mypy_cache .ruff_cache .hypothesis spark-warehouse metastore_db derby.log
	find . -name __pycache__ -not -path './data/*' -prune -exec rm -rf {} +
