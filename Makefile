# The verbs of the project; each makes .venv first where it is missing.
PYTHON_VENV := .venv/bin/python

.PHONY: help setup
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## make .venv with the pinned stack (2 min; 6 min where the operators compile)
	@tools/setup_env.sh
