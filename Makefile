# Operation Chaos. A bare `make` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-stamp

.PHONY: help setup run lab test check doctor up down heal reset bench docs

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## Set up the Python environment (.venv); every other target does this first

$(STAMP): pyproject.toml constraints.txt sample_app/pyproject.toml tools/setup.sh
	@bash tools/setup.sh $(VENV)
	@touch $@

run: setup ## Play the whole workshop headlessly to the scoreboard
	@$(BIN)/opchaos run

lab: setup ## Open the workshop in JupyterLab
	@$(BIN)/opchaos lab

test: setup ## Set everything up and run all checks and tests
	@bash tools/test.sh $(BIN)

check: setup ## Lint, format and type checks
	@bash tools/check.sh $(BIN)

doctor: setup ## Say what this machine has, lacks, and how to get it
	@$(BIN)/opchaos doctor

up: setup ## Start the lab
	@$(BIN)/opchaos up

down: setup ## Stop the lab and remove everything it created
	@$(BIN)/opchaos down

heal: setup ## Undo every attack that is still open
	@$(BIN)/opchaos heal --all

reset: setup ## Heal, stop the lab, and put the mission folder aside for a fresh start
	@$(BIN)/opchaos reset

bench: setup ## Run every benchmark and write docs/benchmarks.md
	@$(BIN)/python -m benchmarks

docs: setup ## Build the companion site into site/
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
