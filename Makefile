# Each target makes .venv first where it is missing or older than what it is made from.

PYTHON ?= python3
PYTEST_ARGS ?= -n 2
VENV := .venv
READY := $(VENV)/.ready

.PHONY: help demo test test-all check site

help:
	@echo "make demo   the whole story on data and a base that ship with the package"
	@echo "make test   the tests, two at a time (PYTEST_ARGS='-k name' for some)"
	@echo "make test-all   also those that take longest"
	@echo "make check  formatting, lint and types"
	@echo "make site   the docs as a site in build/site (installs the extra docs)"

demo: $(READY)
	$(VENV)/bin/headstart demo

test: $(READY)
	$(VENV)/bin/python -m pytest $(PYTEST_ARGS)

test-all: $(READY)
	$(VENV)/bin/python -m pytest $(PYTEST_ARGS) --slow

check: $(READY)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

site: $(READY)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	$(VENV)/bin/mkdocs build --strict

# The stamp is written last: an installation that was cut off is done again.
$(READY): pyproject.toml constraints.txt
	@echo "making $(VENV): a few minutes and about 6.8 GB on disk the first time" >&2
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt --editable '.[dev,text,text-offline,vision-offline,speech-offline,detection,segmentation,video,audio,heic,dicom,excel,serve,ray,cloud]'
	@touch $@
