# One task vocabulary: people, CI and the README call these names.
# `make help` lists them.

.DEFAULT_GOAL := help
SHELL := /bin/sh
.SUFFIXES:

BOOTSTRAP := .kpi/bootstrap
UV := $(BOOTSTRAP)/bin/uv
BIN := .venv/bin
PYTHONS := python3.11 python3.12 python3.13 python3
PYTHON ?= $(firstword $(foreach name,$(PYTHONS),$(shell command -v $(name) 2>/dev/null)))

# What is imported is compiled once; `make install` compiles all of it, for whoever switched this off.
unexport PYTHONDONTWRITEBYTECODE
# uv links packages to its cache, which costs a third of copying them. Where the cache is on another
# disk it copies, and would complain each time unless it is told to.
UV_CACHE := $(or $(UV_CACHE_DIR),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/uv)
disk_of = $(shell df -P '$(1)' 2> /dev/null | awk 'END {print $$1}')
ifneq ($(call disk_of,.),$(call disk_of,$(or $(wildcard $(UV_CACHE)),$(HOME))))
export UV_LINK_MODE := copy
endif
# For setuptools, which builds what comes as source.
export DIST_EXTRA_CONFIG := $(CURDIR)/requirements/wheels.cfg

# The platform in containers needs Docker and this Python on the host, and nothing installed here.
STACK = $(or $(PYTHON),$(error kpi: no python3 found; install Python 3.11 or newer)) -m compose.stack
SUPPLY_CHAIN = $(or $(PYTHON),$(error kpi: no python3 found; install Python 3.11 or newer)) -m supply_chain
HOSTED = $(or $(PYTHON),$(error kpi: no python3 found; install Python 3.11 or newer)) -m hosted
PLAYBOOK = $(if $(INVENTORY),KPI_INVENTORY='$(INVENTORY)') $(HOSTED)
START = $(if $(PROFILE),--profile '$(PROFILE)') $(if $(filter 0,$(BUILD)),--no-build)
# Of tables as small as those of tests, NumPy's second thread waits as long as the first one computes.
ONE_THREAD := OPENBLAS_NUM_THREADS=1
# Histories and rows that tests make up are the same in each run: whoever wants others calls pytest.
PYTEST = $(ONE_THREAD) $(BIN)/python -m pytest -n $(PROCESSES) --dist loadgroup --hypothesis-seed 2026
# Some tests wait more than they compute: a third process fills two cores, and takes 2 GB more.
PROCESSES ?= 2
# Random histories of a warehouse, on the embedded PostgreSQL and as many others on PostgreSQL 15.
HISTORIES := KPI_TEST_HISTORIES=$${KPI_TEST_HISTORIES:-16}
# A container engine may have a memory file system of its own.
CONTAINERS_READ = PYTEST_DEBUG_TEMPROOT=$${TMPDIR:-/tmp}
# What has a target of its own.
ELSEWHERE := --ignore=tests/browser --ignore=tests/stack --ignore=tests/terraform --ignore=tests/hosted \
  --ignore=tests/tls --ignore=tests/commands/operations/test_pooler.py
FORCED = $(if $(filter-out 0,$(FORCE)),--force)

.PHONY: help demo install test test-long test-benchmarks test-browser test-stack test-hosted test-machine test-postgres15 test-prefect3 lint lint-hosted types docs pictures check bench lock clean \
  sbom audit lock-images init up down destroy reset ps logs psql deploy check-platform data-docs crypto-run churn-run drift-run dag-run dag-status hosted-plan hosted-up hosted-down \
  hosted-deploy hosted-rollback hosted-backup hosted-restore hosted-login

help: ## Explain each target, and what it costs on 2 cores [where it is more than seconds]
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.app ## Install what is needed, then run both deliverables on real components and show what happened [3 minutes the first time]
	@$(BIN)/kpi demo

install: .venv/.compiled ## Install the locked packages into .venv [2 minutes]

test: .venv/.dev .venv-audit/.done ## Run the tests, in parallel, on an embedded PostgreSQL [some 6 minutes]
	$(HISTORIES) $(PYTEST) --durations 15 -m "not long" $(ELSEWHERE)

test-long: .venv/.dev .venv-airflow/.done .venv-datacontract/.done .venv-s3a/.done ## Run what takes longer: the demo, the platform, Airflow, a Spark cluster, killed steps [10 minutes]
	$(HISTORIES) $(PYTEST) --durations 15 -m long $(ELSEWHERE) --ignore=tests/benchmarks

test-benchmarks: .venv/.dev .venv-s3a/.done ## Run each benchmark at tiny sizes: what it reports, never how long anything took [6 minutes]
	$(PYTEST) -m long tests/benchmarks

test-browser: .venv/.dev ## Drive the app and the Prefect UI in Chromium (KPI_TEST_CHROMIUM names it) [3 minutes]
	$(PYTEST) tests/browser

test-stack: .venv/.dev ## Build the images, start the whole platform in containers, and use it (needs Docker; TESTS= names folders) [15 minutes]
	$(CONTAINERS_READ) $(BIN)/python -m pytest --timeout 1800 --durations 10 $${TESTS:-tests/stack}

test-hosted: .venv/.dev lint-hosted ## Make the machine of terraform/ on a local AWS API; lint and run playbooks (needs Terraform) [3 minutes]
	$(PYTEST) --ignore=tests/hosted/machine tests/terraform tests/hosted

test-machine: .venv/.dev .venv-ansible/.done ## Put the platform on a machine that KPI_TEST_MACHINE makes, and use it (needs Docker) [some 15 minutes]
	@test -n "$${KPI_TEST_MACHINE}" || { echo "kpi: set KPI_TEST_MACHINE to a program that makes machines (tests/hosted/machine/hosted_machine.py tells)" >&2; exit 1; }
	$(CONTAINERS_READ) $(BIN)/python -m pytest --timeout 1800 --durations 10 tests/hosted/machine

test-postgres15: .venv/.dev ## Run the warehouse tests on PostgreSQL 15 (KPI_TEST_POSTGRES_BIN names its bin folder), over TLS and behind pgbouncer [3 minutes]
	KPI_TEST_POSTGRES_BIN=$${KPI_TEST_POSTGRES_BIN:-/usr/lib/postgresql/15/bin} $(HISTORIES) \
	  $(PYTEST) --hypothesis-seed 2015 -m "postgres and not prefect" tests/crypto_events tests/platform tests/tls tests/commands/operations/test_pooler.py

test-prefect3: .venv-prefect3/.done .venv-airflow/.done ## Run what uses Prefect under the current Prefect 3, whose server each process would start (TESTS= names folders) [3 minutes]
	$(ONE_THREAD) .venv-prefect3/bin/python -m pytest --hypothesis-seed 2026 -m prefect $${TESTS:-tests}

lint: .venv/.dev ## Check style, layers and shell scripts [10 seconds]
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/shellcheck --external-sources .ci/run ansible/roles/backup/files/backup ansible/roles/backup/files/restore

lint-hosted: .venv-ansible/.done .venv-scan/.done ## Check ansible/, YAML, and how safe what is made is
	.venv-ansible/bin/yamllint --strict ansible compose prefect.yaml tests
	PATH="$$PWD/.venv-ansible/bin:$$PATH" ansible-lint ansible
	CKV_SKIP_PACKAGE_UPDATE_CHECK=true .venv-scan/bin/checkov

types: .venv/.dev .venv-airflow/.done ## Check types, strictly [1 minute]
	$(BIN)/mypy
	$(BIN)/mypy --python-executable .venv-airflow/bin/python -p deployments

docs: .venv/.dev ## Write the generated parts of the documentation again (CI checks that nothing changes)
	$(BIN)/python -m docs.generate

pictures: .venv/.dev ## Take the README's pictures again, in Chromium
	$(BIN)/python -m docs.pictures

check: lint types test ## Everything that a commit needs

bench: .venv/.dev .venv-s3a/.done .venv-dbt/.done .venv-sqlmesh/.done .venv-dlt/.done ## Measure both deliverables beside others that do the same (ROWS=, HISTORY=, USERS=) [hours; 2 GB of disk for the others]
	$(BIN)/python -m benchmarks.peers --rows $${ROWS:-1000000}
	$(BIN)/python -m benchmarks.crypto_events --rows $${ROWS:-1000000} --history $${HISTORY:-10000000}
	$(BIN)/python -m benchmarks.observed
	$(BIN)/python -m benchmarks.scale
	$(BIN)/python -m benchmarks.cluster
	$(BIN)/python -m benchmarks.churn --users $${USERS:-10000 200000 2000000}

lock: COMPILE := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links
lock: $(UV) ## Resolve the locked requirements again, with hashes
	$(COMPILE) --no-config requirements/bootstrap.in -o requirements/bootstrap.txt
	$(COMPILE) pyproject.toml requirements/build.in -o requirements/app.txt
	$(COMPILE) requirements/build.in -c requirements/app.txt -o requirements/build.txt
	$(COMPILE) pyproject.toml requirements/build.in --extra dev -c requirements/app.txt \
	  -o requirements/dev.txt
	$(COMPILE) pyproject.toml requirements/build.in --extra stack -c requirements/app.txt \
	  -o requirements/stack.txt
	$(COMPILE) requirements/airflow.in -o requirements/airflow.txt
	$(COMPILE) requirements/ansible.in -o requirements/ansible.txt
	$(COMPILE) requirements/audit.in -o requirements/audit.txt
	$(COMPILE) requirements/datacontract.in -o requirements/datacontract.txt
	$(COMPILE) requirements/dbt.in -o requirements/dbt.txt
	$(COMPILE) requirements/dlt.in -o requirements/dlt.txt
	$(COMPILE) requirements/sqlmesh.in -o requirements/sqlmesh.txt
	$(COMPILE) requirements/scan.in -o requirements/scan.txt
	$(COMPILE) --no-deps requirements/s3a.in -o requirements/s3a.txt
	cp requirements/dev.txt requirements/prefect3.txt  # whose versions are kept where they can be
	$(COMPILE) pyproject.toml requirements/build.in --extra dev --override requirements/prefect3.in \
	  -o requirements/prefect3.txt

sbom: .venv-audit/.done ## Write what a release consists of into dist/sbom, as CycloneDX, checked against its schema
	@$(SUPPLY_CHAIN) sbom

audit: .venv-audit/.done ## Ask an advisory source which locked packages are vulnerable (exit code 69: it did not answer)
	@$(SUPPLY_CHAIN) audit

lock-images: ## Write the digests that registries give for the images into compose/ (needs Docker; 69: one did not answer)
	@$(SUPPLY_CHAIN) lock-images

init: ## Prepare the platform in containers: compose/.env with passwords, images, databases, buckets (PROFILE=) [10 minutes the first time]
	@$(STACK) init $(if $(PROFILE),--profile '$(PROFILE)')

up: ## Do that, and start the platform (PROFILE=core, spark, airflow, tools or full; BUILD=0) [10 minutes the first time, then 1 or 2]
	@$(STACK) up $(START)

down: ## Stop the platform in containers; its data stays
	@$(STACK) down

destroy: ## Delete the platform in containers with its data, after asking (FORCE=1: without)
	@$(STACK) destroy $(FORCED)

reset: ## Delete the platform in containers with its data, and start it anew
	@$(STACK) reset $(START) $(FORCED)

ps: ## List the platform's containers
	@$(STACK) ps

logs: ## Show what the platform's containers say (SERVICE=, FOLLOW=1)
	@$(STACK) logs $(if $(filter-out 0,$(FOLLOW)),--follow) $(SERVICE)

psql: ## Open the warehouse of the platform in containers (ARGS="-c 'SELECT 1'")
	@$(STACK) psql -- $(ARGS)

deploy: ## Register the deployments with the platform in containers
	@$(STACK) deploy

check-platform: ## Ask what must have happened there and has not, and tell the webhook: for cron
	@$(STACK) check

data-docs: ## Make Data Docs anew from the validation results that are stored there
	@$(STACK) data-docs

crypto-run: ## Run crypto-events/daily on the platform in containers, watch it, and tell why it failed [1 minute]
	@$(STACK) crypto-run

churn-run: ## Run churn-training/on-change there likewise [2 minutes]
	@$(STACK) churn-run

drift-run: ## Run churn-drift-monitor/weekly there likewise [1 minute]
	@$(STACK) drift-run

dag-run: ## Run a DAG of Airflow there likewise (DAG=crypto_events_dag) [2 minutes]
	@$(STACK) dag-run $(if $(DAG),'$(DAG)')

dag-status: ## Show how Airflow's DAGs there are (DAG= picks one: its last runs, tasks, reasons)
	@$(STACK) dag-status $(if $(DAG),'$(DAG)')

hosted-plan: ## Show what would be made on AWS for terraform/terraform.tfvars (ARGS= for Terraform)
	@$(HOSTED) plan $(ARGS)

hosted-up: ## Make it, or change what differs, after asking
	@$(HOSTED) up $(ARGS)

hosted-down: ## Delete it, after asking; data and backups stay unless docs/hosted.md is followed
	@$(HOSTED) down $(ARGS)

hosted-deploy: .venv-ansible/.done ## Put the last commit on the machine (INVENTORY= names another one, ARGS= for Ansible)
	@$(PLAYBOOK) deploy $(ARGS)

hosted-rollback: .venv-ansible/.done ## Go back to the release before
	@$(PLAYBOOK) rollback $(ARGS)

hosted-backup: .venv-ansible/.done ## Back up databases and files now
	@$(PLAYBOOK) backup $(ARGS)

hosted-restore: .venv-ansible/.done ## Put a backup in place of what is there, after asking (AT=, else the latest; FORCE=1: without)
	@$(PLAYBOOK) restore $(FORCED) $(if $(AT),--at='$(AT)') $(ARGS)

hosted-login: .venv-ansible/.done ## Show the addresses of the machine's pages, and their passwords
	@$(PLAYBOOK) login $(ARGS)

clean: ## Remove everything that was installed or written under this checkout (stops the embedded services)
	@if [ -x $(BIN)/kpi ]; then $(BIN)/kpi down; fi
	rm -rf .venv .venv-airflow .venv-ansible .venv-audit .venv-datacontract .venv-dbt .venv-dlt \
	  .venv-prefect3 .venv-s3a .venv-scan .venv-sqlmesh .kpi \
	  .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(UV): requirements/bootstrap.txt
	@test -n "$(PYTHON)" || { echo "kpi: no python3 found; install Python 3.11, 3.12 or 3.13" >&2; exit 1; }
	@echo "Preparing the installer ..."
	@$(PYTHON) -m venv $(BOOTSTRAP) || { echo "kpi: $(PYTHON) cannot create virtual environments; install its venv package (Debian, Ubuntu: python3-venv)" >&2; exit 1; }
	@$(BOOTSTRAP)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/bin/python: | $(UV)
	@$(UV) venv --quiet --python '>=3.11,<3.14' .venv

# Without dependencies, for the lock has all: asked for them, PySpark's source is fetched and built anew.
.venv/.app: requirements/build.txt requirements/app.txt pyproject.toml $(UV) | .venv/bin/python
	@echo "Installing the locked packages (about 2 GB, once; a minute or more) ..."
	@$(UV) pip install --quiet --python .venv --require-hashes -r requirements/build.txt
	@$(UV) pip install --python .venv --require-hashes --no-deps --no-build-isolation-package pyspark -r requirements/app.txt
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.compiled: .venv/.app
	@echo "Compiling them ..."
	@$(BIN)/python -m compileall -q -j 0 .venv/lib > /dev/null || true  # some are templates, no Python
	@echo "Keeping the classes that Spark's Java loads ..."
	@$(BIN)/python -m flows.platform.compute.keep_java_classes
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.app
	@echo "Installing the development tools ..."
	@$(UV) pip sync --quiet --python .venv --require-hashes --no-build-isolation requirements/dev.txt
	@$(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .
	@echo "Keeping the classes that Spark's Java loads ..."
	@$(BIN)/python -m flows.platform.compute.keep_java_classes
	@touch $@

.venv-airflow/.done: requirements/airflow.txt $(UV)
	@echo "Installing Airflow, locked, in an environment of its own ..."
	@$(UV) venv --quiet --clear --python '>=3.11,<3.14' .venv-airflow
	@$(UV) pip sync --quiet --python .venv-airflow --require-hashes requirements/airflow.txt
	@touch $@

.venv-ansible/.done: requirements/ansible.txt $(UV)
	@echo "Installing Ansible, locked, in an environment of its own ..."
	@$(UV) venv --quiet --clear --python '>=3.11,<3.14' .venv-ansible
	@$(UV) pip sync --quiet --python .venv-ansible --require-hashes requirements/ansible.txt
	@touch $@

.venv-audit/.done: requirements/audit.txt $(UV)
	@echo "Installing what looks after packages, locked, in an environment of its own ..."
	@$(UV) venv --quiet --clear --python '>=3.11,<3.14' .venv-audit
	@$(UV) pip sync --quiet --python .venv-audit --require-hashes requirements/audit.txt
	@touch $@

.venv-scan/.done: requirements/scan.txt $(UV)
	@echo "Installing Checkov, locked, in an environment of its own ..."
	@$(UV) venv --quiet --clear --python '>=3.11,<3.14' .venv-scan
	@$(UV) pip sync --quiet --python .venv-scan --require-hashes requirements/scan.txt
	@touch $@

.venv-dbt/.done .venv-dlt/.done .venv-sqlmesh/.done: .venv-%/.done: requirements/%.txt $(UV)
	@echo "Installing $*, locked, in an environment of its own, to compare with ..."
	@$(UV) venv --quiet --clear --python '>=3.11,<3.14' .venv-$*
	@$(UV) pip sync --quiet --python .venv-$* --require-hashes requirements/$*.txt
	@touch $@

.venv-datacontract/.done: requirements/datacontract.txt $(UV)
	@echo "Installing datacontract-cli, locked, in an environment of its own, for a test ..."
	@$(UV) venv --quiet --clear --python '>=3.11,<3.14' .venv-datacontract
	@$(UV) pip sync --quiet --python .venv-datacontract --require-hashes requirements/datacontract.txt
	@touch $@

.venv-s3a/.done: requirements/build.txt requirements/s3a.txt $(UV)
	@echo "Installing Spark's connector for S3, locked, in an environment of its own, for tests ..."
	@$(UV) venv --quiet --clear --python '>=3.11,<3.14' .venv-s3a
	@$(UV) pip install --quiet --python .venv-s3a --require-hashes -r requirements/build.txt
	@$(UV) pip install --quiet --python .venv-s3a --require-hashes --no-deps --no-build-isolation -r requirements/s3a.txt
	@touch $@

.venv-prefect3/.done: requirements/build.txt requirements/prefect3.txt pyproject.toml $(UV)
	@echo "Installing the locked packages with Prefect 3 ..."
	@$(UV) venv --quiet --clear --python '>=3.11,<3.14' .venv-prefect3
	@$(UV) pip install --quiet --python .venv-prefect3 --require-hashes -r requirements/build.txt
	@$(UV) pip sync --quiet --python .venv-prefect3 --require-hashes \
	  --no-build-isolation requirements/prefect3.txt
	@$(UV) pip install --quiet --python .venv-prefect3 --no-deps --no-build-isolation --editable .
	@touch $@
