PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev

.DEFAULT_GOAL := help
.PHONY: install check test serve index eval bench bot help

install: $(RUN_STAMP) ## 建 .venv 并安装（改过 pyproject.toml 才重装）

check: $(DEV_STAMP) ## 静态检查：ruff、mypy、import-linter
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/python -m mypy
	@$(BIN)/lint-imports

test: check ## 静态检查，再运行全部测试
	@$(BIN)/python -m pytest -n auto

serve: index ## 更新索引，启动网页和 HTTP 接口（http://127.0.0.1:8000/）
	@$(BIN)/python -m assistant serve

index: $(RUN_STAMP) ## 建立或更新索引
	@$(BIN)/python -m assistant index

eval: index ## 用评测题检验回答，与上次比较
	@$(BIN)/python -m assistant eval

bench: $(RUN_STAMP) ## 测速度、内存和检索质量，计算器与同类引擎比速度
	@$(BIN)/python -m evals.bench
	@$(BIN)/python -m evals.bench.rules

bot: index ## 启动 Telegram 机器人（先设 TIAOWEN_TELEGRAM__TOKEN）
	@$(BIN)/python -m assistant bot telegram

help: ## 显示本帮助
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

# The stamps lie inside .venv, so removing it is all it takes to start again.
$(RUN_STAMP): pyproject.toml
	@$(call install_package,.)
	@touch $@

$(DEV_STAMP): pyproject.toml
	@$(call install_package,.[dev])
	@touch $(RUN_STAMP) $@

# A .venv whose interpreter has gone is made anew; any other is kept.
define install_package
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
  echo "需要 Python 3.11 或更高版本，$(PYTHON) 不是；可用 make $(MAKECMDGOALS) PYTHON=python3.12 指定" >&2; exit 1; }; \
$(BIN)/python -c '' 2>/dev/null || rm -rf $(VENV); \
$(PYTHON) -m venv $(VENV) || { \
  echo "建不了 .venv：Python 缺少 venv 模块（Debian、Ubuntu 上安装 python3-venv）" >&2; exit 1; }; \
$(BIN)/python -m pip install --disable-pip-version-check --editable '$(1)'
endef
