# Linli 邻里. Needs Python 3.11 or newer and GNU make; everything else is put into .venv, in this folder.

.DEFAULT_GOAL := help
.PHONY: help demo test bench lint format schema clean run-environment dev-environment

PORT ?= 8123
TESTS ?=
COVERAGE ?=

help:
	@echo 'make demo [PORT=8123]     two districts with real divisions, served; prints URLs, tokens and queries   演示'
	@echo 'make test [TESTS=path]    all tests, on SQLite and PostgreSQL; COVERAGE=1 measures branches too       测试'
	@echo 'make lint                 ruff, mypy, import-linter                                                   静态检查'
	@echo 'make format               ruff, rewriting what it can                                                 格式化'
	@echo 'make schema               rewrites the reviewed schema files, for a look at what changed              接口定义文件'
	@echo 'make bench                the tables of tests/load/                                                   性能测试'
	@echo 'make clean                removes .venv, .demo and what the tools left                                清理'

demo: run-environment
	@exec .venv/bin/python tools/demo.py --port $(PORT)

test: dev-environment
	@COVERAGE=$(COVERAGE) exec tools/test.sh $(TESTS)

bench: dev-environment
	@exec .venv/bin/python -m tests.load

lint: dev-environment
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy -p linli.core -p linli.schema -p linli.plugins -p tests -p tools -p examples
	.venv/bin/lint-imports

format: dev-environment
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

schema: dev-environment
	.venv/bin/python -m tools.schema_files

clean:
	rm -rf .venv .demo .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

run-environment:
	@tools/environment.sh run

dev-environment:
	@tools/environment.sh dev
