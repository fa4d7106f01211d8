# The targets that people and CI call; nothing private happens elsewhere.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
RUN := $(BIN)/python

.PHONY: setup demo test check bench golden crash docs lock clean

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Python 3.11 or newer is needed:  sudo apt-get install -y make python3-venv"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "The venv module is missing:  sudo apt-get install -y make python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

# One office and its province on loopback: no hardware, no root.
demo: setup
	$(BIN)/motcua demo

# Debian packages the tests use, installed when missing and possible.
.PHONY: test-packages
test-packages:
	@bash provisioning/test-packages.sh

# Three at once on two cores: most of the time they wait for timers, programs and networks.
test: setup test-packages
	$(RUN) -m pytest -n 3 --dist loadfile -q

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell --quiet-level 2 $$(git ls-files '*.py' '*.md' '*.toml' '*.sh' 'Makefile' | grep -v '^docs/vi/')
	git ls-files '*.sh' .ci/run | xargs $(BIN)/shellcheck
	bash provisioning/verify-units.sh
	$(RUN) -m provisioning.catalogs --check
	$(RUN) -m provisioning.docs --check
	$(RUN) -m pytest -q tests/unit/docs_pages tests/unit/architecture

bench: setup
	$(RUN) bench/run.py

# Rewrites every golden file and generated page; the reviewer reads the difference.
golden: setup
	$(RUN) tests/golden/wire/make.py
	$(RUN) tests/golden/hotspot/make.py
	$(RUN) tests/golden/portal/make.py
	$(RUN) -m provisioning.webfonts
	$(RUN) -m provisioning.catalogs --write
	$(RUN) -m provisioning.docs --write

# SIGKILL at 200 random instants under load; the result is kept in docs/evidence/.
SEED ?= 7
KILLS ?= 200
crash: setup
	$(RUN) tests/e2e/crash.py --kills $(KILLS) --seed $(SEED) --evidence docs/evidence

# Power cuts replayed from the log of a real ext4 under a real office, as root; kept in docs/evidence/.
POINTS ?= 2000
PRESSES ?= 800
.PHONY: crash-points
crash-points: setup test-packages
	$(RUN) tests/image/crash_points_run.py --points $(POINTS) --presses $(PRESSES) --seed $(SEED) --evidence docs/evidence

# Every page in every width, theme and language below .shots/, the pictures of the documents in docs/screenshots.
.PHONY: shots
shots: setup test-packages
	$(RUN) tests/e2e/shots.py --axe $(SHOTS)

# The card image, as root; packages and wheels are kept in the cache.
PROFILE ?= office
IMAGE_OUT ?= build/image
IMAGE_CACHE ?= /var/cache/motcua-image
BUILD_IMAGE = $(RUN) -m appliance image build --profile $(PROFILE) --cache $(IMAGE_CACHE)
TEST_IMAGE = MOTCUA_IMAGE=$(IMAGE_OUT)/motcua-office.img $(RUN) -m pytest tests/image -q -p no:randomly --timeout 1500
.PHONY: image image-packages image-test image-soak image-repro
image-packages:
	@bash provisioning/test-packages.sh image

image: setup image-packages
	$(BUILD_IMAGE) --out $(IMAGE_OUT)

# Cards, boxes that boot in QEMU, pressed pins, pulled plugs; figures in build/image-test/image.json
# (MOTCUA_FIGURES names another folder).
image-test: image test-packages
	$(TEST_IMAGE) -n 2 --dist loadfile -m "not soak" $(IMAGE_TESTS)

# What takes longer: a box that dies, its spare and a reset by card and stick; 2,000 power cuts of the image's own card.
image-soak: image test-packages
	$(TEST_IMAGE) -m soak $(IMAGE_TESTS)
	$(RUN) tests/image/guest_presses.py --image $(IMAGE_OUT)/motcua-office.img --points $(POINTS) --seed $(SEED) --acknowledged 400

# Two images from one cache are the same bytes.
image-repro: setup image-packages
	$(BUILD_IMAGE) --out build/image-1
	$(BUILD_IMAGE) --out build/image-2
	cmp build/image-1/motcua-$(PROFILE).img build/image-2/motcua-$(PROFILE).img && sha256sum build/image-[12]/*.img

lock: setup
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml --extra box --constraint requirements.lock --python-version 3.13 \
	  --python-platform aarch64-unknown-linux-gnu --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --quiet -o provisioning/image/arm64.lock

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
