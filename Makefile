# Every command a person types. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export PYTHONPATH := $(CURDIR):$(CURDIR)/taskcluster

CONFIG ?= configs/local.yml
# Where everything is installed already, as in the docker image `test`, INSTALLED=yes says so.
LOCAL := $(if $(INSTALLED),,.venv/.installed-local)
DEV := $(if $(INSTALLED),,.venv/.installed-dev)
ENGINE_LOCK := pipeline/evaluate/browser/package-lock.json
PYTHON_FILES := pipeline taskcluster workflow tests benchmarks
SHELL_FILES := requirements/install requirements/compile .ci/run

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(LOCAL) ## train on this machine: [CONFIG=configs/local.yml] [TARGET=stage] [TASK=label] [ARGS=-n]
	@python -m workflow.run --config "$(CONFIG)" $(if $(TARGET),--target "$(TARGET)") $(if $(TASK),--task "$(TASK)") $(ARGS)

.PHONY: train
train: $(LOCAL) ## train on Taskcluster: CONFIG=f [BRANCH=main] [ARGS=--dry-run]
	@python -m training_taskgraph.trigger "$(CONFIG)" $(if $(BRANCH),--branch "$(BRANCH)") $(ARGS)

.PHONY: validate-config
validate-config: $(LOCAL) ## check a training config: CONFIG=f
	@python -m training_taskgraph.training_config "$(CONFIG)"

.PHONY: migrate-config
migrate-config: $(LOCAL) ## write a config of an earlier format in today's form: CONFIG=old OUT=new
	@python -m training_taskgraph.migrate_config "$(CONFIG)" "$(or $(OUT),$(error say where to: OUT=new.yml))"

.PHONY: find-corpus
find-corpus: $(LOCAL) ## list the datasets there are for a language pair: SRC=en TRG=it [ARGS="--refresh --all"]
	@python -m pipeline.data.find_corpus --src "$(or $(SRC),$(error say from which language: SRC=en))" --trg "$(or $(TRG),$(error say to which language: TRG=it))" $(ARGS)

.PHONY: config
config: $(LOCAL) ## write a training config from these datasets: SRC=en TRG=it [OUT=configs/en-it.yml] [ARGS=--refresh]
	@set -o pipefail; python -m pipeline.data.find_corpus --src "$(or $(SRC),$(error say from which language: SRC=en))" --trg "$(or $(TRG),$(error say to which language: TRG=it))" --json $(ARGS) | \
	  python -m training_taskgraph.new_config - "$(or $(OUT),configs/$(SRC)-$(TRG).yml)"

.PHONY: graph
graph: $(LOCAL) ## write the full task graph of a config as JSON: CONFIG=f OUT=g.json
	@python -m training_taskgraph.local_graph "$(CONFIG)" --output "$(or $(OUT),graph.json)"

.PHONY: validate-taskgraph
validate-taskgraph: $(LOCAL) ## generate and check all graphs, and every command line: [ARGS="--schemas FOLDER"]
	@python -m training_taskgraph.validate $(ARGS)

# The tests of a file stay in one process: what they share is made once.
.PHONY: test run-tests
test: $(DEV) ## run the tests (all but the slow ones)
	@pytest -n 2 --dist loadfile -m "not slow" $(ARGS)
run-tests: test ## the same as test

.PHONY: test-slow
test-slow: $(DEV) ## run the slow tests: the pipeline end to end
	@pytest -m slow $(ARGS)

.PHONY: lint
lint: $(DEV) ## check Python, YAML, shell scripts and Dockerfiles
	ruff check $(PYTHON_FILES)
	ruff format --check $(PYTHON_FILES)
	mypy
	yamllint --strict .
	shellcheck $(SHELL_FILES)
	hadolint taskcluster/docker/*/Dockerfile

.PHONY: fix-all
fix-all: $(DEV) ## mend what linters can mend, and regenerate the generated pages
	ruff check --fix $(PYTHON_FILES)
	ruff format $(PYTHON_FILES)
	python -m training_taskgraph.training_config.reference > docs/training-config.md
	python -m training_taskgraph.kinds_reference > docs/kinds.md
	python -m pipeline.clean.filter_reference > docs/filters.md
	python -m pipeline.clean.filter_schema > configs/filters/schema.json

.PHONY: image
image: $(LOCAL) ## build a docker image, its parents first: NAME=train [TOOL=docker|podman] [ARGS=--volume=...]
	@python -m training_taskgraph.images "$(or $(NAME),$(error say which: NAME=train))" $(if $(TOOL),--tool "$(TOOL)") $(ARGS)

.PHONY: requirements
requirements: $(DEV) ## lock the dependency groups of pyproject.toml: [ARGS=--upgrade]
	requirements/compile $(ARGS)

$(LOCAL): requirements/local.txt requirements/uv.txt requirements/install $(ENGINE_LOCK)
	@requirements/install local

$(DEV): requirements/dev.txt requirements/uv.txt requirements/install $(ENGINE_LOCK)
	@requirements/install dev
