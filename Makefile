# confhub
# `make run` serves the demo province; `make test` proves everything. `make help` lists the rest.
SHELL := /bin/bash
PYTHON_HERE := .venv/bin/python
# Stamps lie in what they vouch for: remove .venv or node_modules, and it is made again.
STAMPS := .venv/stamps
NODE := PATH="$(CURDIR)/.venv/bin:$$PATH"
PIP := $(PYTHON_HERE) -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
NO_DOWNLOAD := { echo "Could not fetch what is missing. Is there a network, or a proxy to name in HTTPS_PROXY?"; exit 1; }

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
# Two pips in one .venv would trip over each other, and the order below is the readable one.
.NOTPARALLEL:
.PHONY: help run smoke test check lint types browser-types node-test pytest wheel format messages screenshots clean \
	bench-janus bench-province bench-sites bench-join bench-fanout bench-incoming bench-lossy bench-pages bench-schedule bench-search \
	bench-stall bench-restart \
	fuzz sanitize

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | expand -t 16

run: $(STAMPS)/install $(STAMPS)/core $(STAMPS)/fonts web/static/vendor/icons.svg ## Install, migrate, load the demo province, serve on http://localhost:8080
	@$(PYTHON_HERE) -m confhub migrate
	@$(PYTHON_HERE) -m confhub demo --if-empty
	@exec $(PYTHON_HERE) -m confhub serve

smoke: $(STAMPS)/packages $(STAMPS)/dev $(STAMPS)/core web/static/vendor/icons.svg ## Prove a running or fresh hub: one line per proof
	@$(PYTHON_HERE) -m tests.e2e.smoke

test: $(STAMPS)/packages check ## Install what the tests need (may ask for root), then run every check and test

check: lint types browser-types node-test pytest ## Every check and test, with what is installed

lint: $(STAMPS)/dev
	$(PYTHON_HERE) -m ruff check .
	$(PYTHON_HERE) -m ruff format --check .

types: $(STAMPS)/dev
	$(PYTHON_HERE) -m mypy

browser-types: node_modules/.fetched
	$(NODE) node node_modules/typescript/bin/tsc --noEmit -p tsconfig.json

node-test: node_modules/.fetched
	$(NODE) node --test tests/js/*.test.js

pytest: $(STAMPS)/dev $(STAMPS)/core web/static/vendor/icons.svg
	$(PYTHON_HERE) -m tools.run_tests

wheel: $(STAMPS)/dev web/static/vendor/icons.svg ## Build dist/confhub-*.whl and the source archive
	@rm -rf dist
	@$(PYTHON_HERE) -m build --no-isolation .

format: $(STAMPS)/dev ## Let ruff put the code in order
	$(PYTHON_HERE) -m ruff check --fix .
	$(PYTHON_HERE) -m ruff format .

messages: $(STAMPS)/dev ## Bring the English catalogue up to date with the texts of the code
	@$(PYTHON_HERE) -m tools.messages

screenshots: $(STAMPS)/packages $(STAMPS)/dev web/static/vendor/icons.svg ## Take docs/screenshots anew
	@$(PYTHON_HERE) -m tools.screenshots

bench-janus: $(STAMPS)/bench-packages $(STAMPS)/bench $(STAMPS)/core web/static/vendor/icons.svg ## CPU for each forwarded packet, against Janus 1.1.2 in the same run
	@$(PYTHON_HERE) -m benchmarks.janus $(BENCH)

bench-province: $(STAMPS)/bench $(STAMPS)/core web/static/vendor/icons.svg ## One meeting of 140 sites on one core: CPU, loss, delay
	@$(PYTHON_HERE) -m benchmarks.province $(BENCH)

bench-sites: $(STAMPS)/bench $(STAMPS)/core web/static/vendor/icons.svg ## Memory and CPU of a hub from 10 to 500 sites; draws docs/sites.svg
	@$(PYTHON_HERE) -m benchmarks.sites $(BENCH)

bench-join: $(STAMPS)/bench-packages $(STAMPS)/bench $(STAMPS)/core web/static/vendor/icons.svg ## From the click to the first decoded frame, in Chromium
	@$(PYTHON_HERE) -m benchmarks.join $(BENCH)

bench-lossy: $(STAMPS)/bench-packages $(STAMPS)/bench $(STAMPS)/core ## Voice and picture over poor lines, against a plain peer connection (root)
	@$(PYTHON_HERE) -m benchmarks.lossy $(BENCH)

bench-pages: $(STAMPS)/bench $(STAMPS)/core web/static/vendor/icons.svg ## Pages at the size of the country, and the gaps they make in a meeting's sound
	@$(PYTHON_HERE) -m benchmarks.pages $(BENCH)

bench-schedule: $(STAMPS)/bench ## Who is taken and when all are free, over the country and a year of 60,000 meetings
	@$(PYTHON_HERE) -m benchmarks.schedule $(BENCH)

bench-search: $(STAMPS)/packages $(STAMPS)/bench ## Search over the country and a year of 60,000 meetings, on SQLite and PostgreSQL, against LIKE
	@$(PYTHON_HERE) -m benchmarks.search $(BENCH)

bench-stall: $(STAMPS)/bench $(STAMPS)/core web/static/vendor/icons.svg ## The longest hole in a voice while the hub's process is busy or stands still
	@$(PYTHON_HERE) -m benchmarks.stall $(BENCH)

bench-restart: $(STAMPS)/bench $(STAMPS)/core web/static/vendor/icons.svg ## Packets lost and sockets back over ten kill -9 of the hub
	@$(PYTHON_HERE) -m benchmarks.restart $(BENCH)

bench-fanout: $(STAMPS)/bench $(STAMPS)/core ## CPU for each packet that leaves, by engine
	@$(PYTHON_HERE) -m benchmarks.fanout

bench-incoming: $(STAMPS)/dev $(STAMPS)/core ## CPU for each packet that comes in, by engine
	@$(PYTHON_HERE) -m benchmarks.incoming $(BENCH)

fuzz: $(STAMPS)/dev $(STAMPS)/core ## Throw a million mutated packets and descriptions at a hub at work
	@$(PYTHON_HERE) -m tools.fuzz $(FUZZ)

sanitize: $(STAMPS)/dev ## Run the engine's tests on a core built with AddressSanitizer and UBSan
	@$(PYTHON_HERE) -m tools.sanitize

clean: ## Remove what set-up made; data in var/ stays
	rm -rf .venv node_modules web/static/vendor dist build

$(STAMPS)/venv: tools/make_venv.sh
	@bash tools/make_venv.sh
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/install: pyproject.toml constraints.txt $(STAMPS)/venv
	@echo "Installing confhub and its libraries into .venv: a minute or two, once ..."
	@$(PIP) --editable . || $(NO_DOWNLOAD)
	@touch $@

$(STAMPS)/dev: pyproject.toml constraints.txt $(STAMPS)/venv
	@echo "Installing confhub and the tools of its tests into .venv: a minute or two, once ..."
	@$(PIP) --editable '.[dev]' || $(NO_DOWNLOAD)
	@touch $@ $(STAMPS)/install

$(STAMPS)/bench: pyproject.toml constraints.txt $(STAMPS)/dev
	@$(PIP) --editable '.[dev,bench]' || $(NO_DOWNLOAD)
	@touch $@

# Without a compiler the hub forwards in Python: said, and tried anew the next time.
$(STAMPS)/core: $(wildcard rooms/media/native/*.[ch]) rooms/media/native/build.py | $(STAMPS)/venv
	@$(PYTHON_HERE) -m rooms.media.native.build && touch $@ || true

$(STAMPS)/fonts: tools/letter_fonts.sh | $(STAMPS)/venv
	@bash tools/letter_fonts.sh || true
	@touch $@

node_modules/.fetched: package.json package-lock.json tools/fetch_npm.sh | $(STAMPS)/venv
	@echo "Fetching fonts, icons and the type checker ..."
	@bash tools/fetch_npm.sh || $(NO_DOWNLOAD)
	@touch $@

web/static/vendor/icons.svg: node_modules/.fetched tools/vendor.py web/static/icons.txt
	@$(PYTHON_HERE) tools/vendor.py
	@touch $@

$(STAMPS)/packages: tools/test_packages.sh | $(STAMPS)/venv
	@bash tools/test_packages.sh
	@touch $@

$(STAMPS)/bench-packages: tools/bench_packages.sh | $(STAMPS)/venv
	@bash tools/bench_packages.sh
	@touch $@
