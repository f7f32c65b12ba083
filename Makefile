# Two commands do everything: `make run` starts the product, `make test` checks it.
# Each installs what it needs, once.

.PHONY: help run test check bench eval gallery pictures model lock messages system-packages clean
.PHONY: audit audit-code audit-http audit-kills audit-updates audit-libraries sbom

# The first that really runs: a name may be on the PATH and lead nowhere.
PYTHON = $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
# Bytecode is kept even where PYTHONDONTWRITEBYTECODE is set: without it each start takes a third longer.
export PYTHONDONTWRITEBYTECODE :=
BIN := .venv/bin
INSTALLED := .venv/installed
INSTALLED_FOR_TESTS := .venv/installed-for-tests
INSTALLED_FOR_AUDIT := .venv/installed-for-audit

# Seconds for each fuzzer of the audit. AUDIT_OFFLINE=1: it may pass without the list of vulnerabilities.
AUDIT_SECONDS ?= 600
AUDIT_OFFLINE ?=
FUZZERS := $(patsubst tests/fuzz/seeds/%,fuzz-%,$(wildcard tests/fuzz/seeds/*))

# Where a package of the system may be installed by us: as root, or where sudo asks for no password.
AS_ROOT := $(if $(filter 0,$(shell id -u)),env,$(shell sudo -n true 2>/dev/null && echo sudo))
APT := $(if $(AS_ROOT),$(if $(shell command -v apt-get),$(AS_ROOT) DEBIAN_FRONTEND=noninteractive apt-get))

help:
	@echo "make run       start the bot; without BOT_TOKEN on the sandbox, with a chat page in the browser"
	@echo "make test      every check and test"
	@echo "make audit     the long checks: the libraries, the code, hostile input; over an hour"
	@echo "make bench     how fast broadcasts, answers and searches are"
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

# The libraries come last: that their list cannot be reached should not hide what the others find.
audit: audit-code sbom audit-kills audit-updates audit-http $(FUZZERS) audit-libraries

audit-code: $(INSTALLED_FOR_AUDIT)
	$(BIN)/bandit -q -c pyproject.toml -r bot handlers models

sbom: $(INSTALLED_FOR_AUDIT)
	@mkdir -p build
	@# A lock does not say what needs what, and the tool warns of that.
	$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements --pyproject pyproject.toml \
		--output-reproducible -o build/sbom.json requirements.lock

audit-kills: $(INSTALLED_FOR_AUDIT) system-packages
	OBMIN_LONG=1 $(BIN)/python -m pytest -q --numprocesses=0 -s tests/test_delivery_kills.py \
		tests/test_outages.py tests/test_moving.py tests/test_desk_rules.py

audit-updates: $(INSTALLED_FOR_AUDIT)
	GENERATED_UPDATES=100000 $(BIN)/python -m pytest -q --numprocesses=0 tests/test_generated_updates.py

audit-http: $(INSTALLED_FOR_AUDIT)
	OBMIN_LONG=1 $(BIN)/python -m pytest -q --numprocesses=0 tests/test_opendata_generated.py

fuzz-%: $(INSTALLED_FOR_AUDIT)
	@mkdir -p build/fuzz
	@echo "Fuzzing $* for $(AUDIT_SECONDS) s ..."
	@$(BIN)/python -m tests.fuzz $* -max_total_time=$(AUDIT_SECONDS) 2>build/fuzz/$*.log || { \
		tail -n 30 build/fuzz/$*.log; echo "When it is mended, keep the find in tests/fuzz/seeds/$*."; exit 1; }
	@tail -n 1 build/fuzz/$*.log

# pip-audit writes its report only when every library could be looked up; then its exit code is the answer.
audit-libraries: $(INSTALLED_FOR_AUDIT)
	@mkdir -p build && rm -f build/vulnerabilities.txt
	@$(BIN)/pip-audit --strict --disable-pip --progress-spinner off -o build/vulnerabilities.txt \
		-r requirements.lock -r requirements-test.lock 2>build/pip-audit.log || { \
		test ! -f build/vulnerabilities.txt || { cat build/vulnerabilities.txt; exit 1; }; \
		tail -n 1 build/pip-audit.log; \
		echo "THE LIBRARIES WERE NOT CHECKED: the list of vulnerabilities cannot be read from here."; \
		test "$(AUDIT_OFFLINE)" = 1; }

bench: $(INSTALLED_FOR_TESTS)
	$(BIN)/obmin bench delivery
	$(BIN)/obmin bench pace
	$(BIN)/obmin bench fan-out
	$(BIN)/obmin bench search
	$(BIN)/obmin bench load

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
		--no-annotate --custom-compile-command "make lock" --group build --group test --extra telemetry \
		pyproject.toml -o requirements-test.lock
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" --group build --extra telemetry \
		-c requirements-test.lock pyproject.toml -o requirements-telemetry.lock
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --custom-compile-command "make lock" --group audit -c requirements-test.lock \
		-o requirements-audit.lock

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

$(INSTALLED_FOR_AUDIT): requirements-audit.lock $(INSTALLED_FOR_TESTS)
	@echo "Installing the audit's tools, once ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-audit.lock
	@touch $@

# What the tests use of the system, installed once where we may; otherwise they say what they skip.
system-packages: | $(BIN)/python
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || $(call install,chromium)
	@command -v initdb >/dev/null || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		$(call install,postgresql)
	@command -v promtool >/dev/null || test -x $(BIN)/promtool || $(fetch_promtool)

define install
{ if test -n "$(APT)"; then echo "Installing $(1) for the tests, once ..."; \
	$(APT) -qq update && $(APT) -qq install -y $(1) >/dev/null || \
		echo "$(1) could not be installed: its tests will be skipped."; \
	else echo "No $(1), and no right to install it: its tests will be skipped."; fi; }
endef

# This one program of the package and no more: installed as a whole it would start a server.
define fetch_promtool
{ if command -v apt-get >/dev/null; then echo "Fetching promtool for the tests, once ..."; \
	mkdir -p build/promtool && ( cd build/promtool && \
	{ apt-get -qq download prometheus 2>/dev/null || \
		{ test -n "$(APT)" && $(APT) -qq update && apt-get -qq download prometheus; }; } && \
	dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xO ./usr/bin/promtool >promtool && chmod +x promtool && \
	./promtool --version >/dev/null 2>&1 && mv promtool $(CURDIR)/$(BIN)/promtool ) || \
		echo "promtool could not be fetched: its test will be skipped."; rm -rf build/promtool; \
	else echo "No promtool: its test will be skipped."; fi; }
endef
