# Asakai on one machine. `make help` lists what there is; `make run` is the one to begin with.
PYTHON ?= python3
T ?= tests
DRILL ?= *
BIN := .venv/bin
# The lock files are whole: nothing is resolved. Resolving, pip 23 refuses an extra (coverage[toml]) as soon as a newer
# release than the pinned one exists.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --no-compile --no-deps --require-hashes
LEND := $(BIN)/python -m config.local --with-parent exec
BROWSER := $(if $(CI),--require-browser)
# All tests run on every core, a file at a time; a few are done sooner on one.
CORES := $(if $(filter tests,$(T)),--numprocesses auto --dist loadfile)
TEMPLATES := git ls-files -z --cached --others --exclude-standard '*.html'
PRODUCTION := ASAKAI_MODE=production SITE_URL=https://asakai.example \
  SECRET_KEY=a-key-for-checks-alone-that-is-long-enough-and-has-many-different-letters-0123456789 \
  DATABASE_URL=postgresql://asakai:x@localhost/asakai REDIS_URL=redis://localhost EMAIL_URL=smtp+tls://u:p@localhost \
  MAIL_FROM=asakai@asakai.example

.DEFAULT_GOAL := help
# Targets named check-… are the parts of check.
.PHONY: help run install install-dev test check check-style check-types check-imports check-templates check-settings format bench season drills screenshots lock clean

help: ## This list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

run: install ## The club on http://localhost:8000 (PORT, DATA_DIR, SAMPLE=0, DATABASE_URL, REDIS_URL, EMAIL_URL)
	@exec $(BIN)/python -m config.local --with-parent run

install: .venv/local.stamp ## The environment in .venv alone (PYTHON=python3.12 chooses another Python)

install-dev: .venv/dev.stamp ## The same with what tests and checks need

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Asakai needs Python 3.11 or newer, this is %d.%d: make PYTHON=python3.x …" % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@echo "Making .venv …" && $(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

.venv/local.stamp: requirements/local.txt | .venv/bin/python
	@echo "Installing requirements …"
	@$(PIP) -r requirements/local.txt && touch $@

.venv/dev.stamp: requirements/dev.txt | .venv/bin/python
	@echo "Installing requirements for tests …"
	@$(PIP) -r requirements/dev.txt && touch $@ .venv/local.stamp

test: install-dev ## All tests beside real servers; T=tests/events narrows
	@$(BIN)/python -m config.messages compile
	@$(LEND) -- $(BIN)/python -m pytest $(BROWSER) $(CORES) $(T)

check: check-style check-types check-imports check-templates check-settings ## All that is judged without tests (-k goes on)

check-style: install-dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

check-types: install-dev
	$(LEND) -- $(BIN)/mypy

check-imports: install-dev
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/deptry .

check-templates: install-dev
	$(TEMPLATES) | xargs -0r $(BIN)/djade --check --target-version 5.2
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python -m config.messages check

check-settings: install-dev
	$(LEND) -- $(BIN)/python manage.py makemigrations --check --dry-run
	$(PRODUCTION) $(BIN)/python -W error manage.py check --deploy --fail-level WARNING

format: install-dev ## Put code and templates in order
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix-only --quiet .
	$(TEMPLATES) | xargs -0r $(BIN)/djade --target-version 5.2 || true

bench: install-dev ## How fast it is, beside what this machine can do (PARTS=mails narrows; FULL=1 fifty thousand mails)
	@$(BIN)/python -m config.messages compile
	@$(LEND) --fresh --durable -- $(BIN)/python -m tests.bench $(PARTS)

season: install-dev ## Twelve weeks of the sample club played through; its mails in var/season
	@$(BIN)/python -m config.messages compile
	@$(LEND) --fresh -- sh -c 'export ASAKAI_MODE=test && $(BIN)/python manage.py migrate --no-input >/dev/null && \
	  $(BIN)/python manage.py sample_club && $(BIN)/python manage.py play_season --mails var/season'

# Connections are cut there on purpose, and asyncio says so of each: that is no failure.
drills: install-dev ## Kill, starve and overrun it: nothing is lost (20 min; DRILL=mail narrows; FULL=1 the whole size)
	@$(BIN)/python -m config.messages compile
	@$(LEND) -- $(BIN)/python -m pytest -s --create-db -p no:cacheprovider -W ignore::pytest.PytestUnraisableExceptionWarning tests/drills/$(DRILL).py

lock: install-dev ## Write requirements/*.txt anew from requirements/*.in
	@for name in base local dev; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --custom-compile-command "make lock" requirements/$$name.in -o requirements/$$name.txt || exit 1; done

clean: ## Remove the environment and caches; the data in var/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find . -name __pycache__ -not -path './var/*' -prune -exec rm -rf {} +

screenshots: install-dev ## The pictures of the README, of the club that `make run` shows
	@$(BIN)/python -m tests.screenshots
