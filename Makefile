# Two commands do everything: `make run` starts the product, `make test` checks it.
# Each installs what it needs, once.

.PHONY: help run test check bench eval gallery pictures model lock messages system-packages clean

# The first that really runs: a name may be on the PATH and lead nowhere.
PYTHON = $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
BIN := .venv/bin
INSTALLED := .venv/installed
INSTALLED_FOR_TESTS := .venv/installed-for-tests

# Where a package of the system may be installed by us: as root, or where sudo asks for no password.
AS_ROOT := $(if $(filter 0,$(shell id -u)),env,$(shell sudo -n true 2>/dev/null && echo sudo))
APT := $(if $(AS_ROOT),$(if $(shell command -v apt-get),$(AS_ROOT) DEBIAN_FRONTEND=noninteractive apt-get))

help:
	@echo "make run       start the bot; without BOT_TOKEN on the sandbox, with a chat page in the browser"
	@echo "make test      every check and test"
	@echo "make bench     how fast broadcasts and searches are"
	@echo "make eval      how well questions are understood: a table, and every error"
	@echo "make model     learn anew from the examples in bot/understanding/phrases"
	@echo "make gallery   everything the bot says, in three languages side by side: build/gallery.html"
	@echo "make pictures  take the pictures of docs/walkthrough.md anew"
	@echo "make messages  renew the catalogues in locales/ from the code"
	@echo "make lock      choose the newest versions of the libraries and lock them"
	@echo "make clean     remove what was installed; data/ stays"

run: $(INSTALLED)
	@exec $(BIN)/obmin run

test: $(INSTALLED_FOR_TESTS) system-packages check
	$(BIN)/python -m pytest

check: $(INSTALLED_FOR_TESTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: $(INSTALLED_FOR_TESTS)
	$(BIN)/obmin bench delivery
	$(BIN)/obmin bench pace
	$(BIN)/obmin bench fan-out
	$(BIN)/obmin bench search

eval: $(INSTALLED_FOR_TESTS)
	$(BIN)/python -m tests.evaluate --errors

gallery: $(INSTALLED_FOR_TESTS)
	$(BIN)/python -m tests.gallery

pictures: $(INSTALLED_FOR_TESTS) system-packages
	$(BIN)/python -m tests.walkthrough

model: $(INSTALLED_FOR_TESTS)
	$(BIN)/python -m bot.understanding.train

messages: $(INSTALLED_FOR_TESTS)
	$(BIN)/python locales/update.py

lock: $(INSTALLED_FOR_TESTS)
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" --group build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" --group build --group test pyproject.toml \
		-o requirements-test.lock

clean:
	rm -rf .venv *.egg-info

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install the package python3."; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "Python's venv module is missing."; \
		test -n "$(APT)" || { echo "Install the package python3-venv, then try again."; exit 1; }; \
		$(APT) -qq update && $(APT) -qq install -y python3-venv; }
	@echo "Making .venv with $(PYTHON) ..."
	@$(PYTHON) -m venv .venv

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the libraries, once ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(INSTALLED_FOR_TESTS): requirements-test.lock $(INSTALLED)
	@echo "Installing the tests' libraries, once ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@

# What the tests use of the system, installed once where we may; otherwise they say what they skip.
system-packages:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || $(call install,chromium)
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		$(call install,postgresql)

define install
{ if test -n "$(APT)"; then echo "Installing $(1) for the tests, once ..."; \
	$(APT) -qq update && $(APT) -qq install -y $(1) >/dev/null || \
		echo "$(1) could not be installed: its tests will be skipped."; \
	else echo "No $(1), and no right to install it: its tests will be skipped."; fi; }
endef
