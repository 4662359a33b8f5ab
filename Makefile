# The verbs of the project. Each makes its environment first where that is missing.
PYTHON_VENV := .venv/bin/python
# One thread for each of two processes of tests; `demo` uses all cores in one.
PYTEST := bin/python -m pytest -n 2 --dist worksteal -q
ALL := -m 'not installation and not cluster' --durations=5
USUAL := -m 'not full and not installation and not cluster' --durations=5
SHAPES := $(PYTHON_VENV) tools/make_shapes.py
TRAIN := $(PYTHON_VENV) tools/train.py
# bfloat16 where the processor multiplies it (on a Xeon with AMX the detection demo, with a
# larger network than now, took 0.32 instead of 0.45 s a step).
BF16 := $(shell grep -qsE 'amx_bf16|avx512_bf16' /proc/cpuinfo && echo --amp bf16)
# A demo that was stopped goes on, and one that is complete says so.
go_on = $(if $(wildcard work_dirs/$(1)/last_checkpoint),--resume)
SHELLS := tools/*.sh .ci/run examples/*.sbatch
NATIVE := $(wildcard hrnet_mm/fast/native/*.cpp hrnet_mm/fast/native/*.h)
# A processor with AVX2 and nothing newer, whatever this one has.
AVX2 := ONEDNN_MAX_CPU_ISA=AVX2 ATEN_CPU_CAPABILITY=avx2
KERNEL_TESTS := tests/fast tests/benchmarks $(wildcard tests/whole/test_fast*.py) \
	$(patsubst %,tests/ops/test_%.py,deformable extension focal precision roi suppression)

.PHONY: help setup demo demo-mask demo-pose demo-seg test test-fast test-all test-forks \
	test-old test-avx2 test-install test-cluster tables check-tables lint fix
help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

setup: ## make .venv with the pinned stack (half a minute and the download; no compiler)
	@tools/setup_env.sh

demo: setup ## train a small detector from scratch and show what it sees (8 min)
	@$(SHAPES) data/demo --layout coco --train 1200 --val 200 --size 128x128
	@$(TRAIN) configs/demo_faster_rcnn_hrnetv2p.py --seed 0 $(BF16) $(call go_on,demo_faster_rcnn_hrnetv2p)

demo-mask: setup ## the same with masks (7 min)
	@$(SHAPES) data/demo --layout coco --train 1200 --val 200 --size 128x128
	@$(TRAIN) configs/demo_mask_rcnn_hrnetv2p.py --seed 0 $(BF16) $(call go_on,demo_mask_rcnn_hrnetv2p)

demo-pose: setup ## key points of people (4 min)
	@$(SHAPES) data/demo_pose --layout coco-pose --train 700 --val 150 --size 160x160
	@$(TRAIN) configs/demo_topdown_hrnet.py --seed 0 $(call go_on,demo_topdown_hrnet)

demo-seg: setup ## a class for every pixel of a street (6 min)
	@$(SHAPES) data/demo_seg --layout cityscapes --train 400 --val 60 --size 160x320
	@$(TRAIN) configs/demo_fcn_hrnetv2.py --seed 0 $(call go_on,demo_fcn_hrnetv2)

test: setup ## the tests, of the configs the smallest of each method
	@OMP_NUM_THREADS=1 .venv/$(PYTEST) $(USUAL)

test-fast: setup ## the tests that need no toolbox and no subprocess
	@OMP_NUM_THREADS=1 .venv/$(PYTEST) -m 'not slow and not installation and not cluster'

test-all: setup test-install ## all tests, of every config; installations by pip
	@OMP_NUM_THREADS=1 .venv/$(PYTEST) $(ALL)

test-forks: ## the tests on the maintained forks of the toolboxes, in .venv-forks
	@tools/setup_env.sh forks
	@OMP_NUM_THREADS=1 .venv-forks/$(PYTEST) $(USUAL)

test-old: ## the tests on the oldest stack, torch 2.1, in .venv-old (Python 3.10 or 3.11)
	@tools/setup_env.sh old
	@OMP_NUM_THREADS=1 .venv-old/$(PYTEST) $(USUAL)

test-avx2: setup ## the tests of what computes, as on a processor with AVX2 alone
	@OMP_NUM_THREADS=1 $(AVX2) .venv/$(PYTEST) -m 'not full' $(KERNEL_TESTS)

test-install: setup ## installations by pip in empty environments (downloads what is new)
	@$(PYTHON_VENV) -m pytest -q tests/installation

test-cluster: setup ## launchers: a real Slurm of two nodes and two MPI, as root (4 min)
	@cd tests && ../$(PYTHON_VENV) -c 'import cluster_case; exit(cluster_case.lacking() or 0)'
	@$(PYTHON_VENV) -m pytest -q -m cluster --durations=5 tests/cluster tests/whole/test_ends.py

tables: setup ## write configs/README.md, docs/weights.md and the model index
	@$(PYTHON_VENV) -m papers.index

check-tables: setup ## see whether they are as the configs say
	@$(PYTHON_VENV) -m papers.index --check

lint: setup ## style, types, spelling, shell scripts (half a minute the first time)
	@$(PYTHON_VENV) -m ruff check . && $(PYTHON_VENV) -m ruff format --check . && \
		$(PYTHON_VENV) -m mypy && .venv/bin/codespell && \
		.venv/bin/shellcheck $(SHELLS) && \
		.venv/bin/clang-format --dry-run --Werror $(NATIVE)

fix: setup ## mend what lint can mend
	@$(PYTHON_VENV) -m ruff check --fix . ; $(PYTHON_VENV) -m ruff format . ; \
		.venv/bin/clang-format -i $(NATIVE)
