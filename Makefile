# Everything from a fresh machine with Python 3.11 or later: `make demo`, `make test`, `make bench`.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for name in python3.11 python3 python3.12 python3.13 python3.14; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; \
	done)

.PHONY: demo test soak bench catalogues screenshots

demo: $(VENV)/.installed
	@$(BIN)/boxoffice demo

test: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 3 --dist worksteal

# What draws, kills and crowds, twenty times as long: see docs/testing.md.
soak: export BOXOFFICE_SOAK ?= 20
soak: $(VENV)/.installed-dev
	$(BIN)/pytest -n 3 --dist worksteal tests/sales/test_any_order*.py tests/sales/test_killed.py tests/sales/test_tampering.py tests/sales/test_closing_tampering.py

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m bench

# Brings the words of the code into the English catalogue, and compiles it. New ones are left to translate:
# do so in boxoffice.po, then make it again.
LOCALE := boxoffice/locale
catalogues: $(VENV)/.installed
	@$(BIN)/pybabel -q extract --no-wrap --sort-output --no-location --no-default-keywords -k _ -k later -k plural:1,2 \
		-o $(LOCALE)/boxoffice.pot boxoffice
	@$(BIN)/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		-D boxoffice -d $(LOCALE) -i $(LOCALE)/boxoffice.pot
	@rm $(LOCALE)/boxoffice.pot
	@$(BIN)/pybabel compile -D boxoffice -d $(LOCALE)

# The pictures of the README, from the running program.
screenshots: $(VENV)/.installed
	@$(BIN)/python scripts/screenshots.py

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Il faut Python 3.11 ou plus récent : installez-le, puis recommencez." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python ne peut pas créer d'environnement ici : installez son module venv (paquet python3-venv), puis recommencez." >&2; exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installation dans $(VENV) : une minute, la première fois seulement." >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.installed
