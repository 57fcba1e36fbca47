# make demo: train, evaluate and report three arms on the embedded data set.
# make test: the unit tests; with COVERAGE=1 also what they cover.
# Both create the environment .venv first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BEAM := .venv-beam
READY := $(VENV)/ready
# The packages of the tested versions, each with its SHA-256. `make LOCKED= ...`
# takes the newest versions instead.
LOCKED ?= requirements.txt
RUNS := runs/quickstart
RESULTS := docs/results
ARMS := strided_conv spectral diffstride
# Sweeps of settings of pitch, of the first protocol.
PITCH := budget budget_more first frozen lambda momentum pool schedule smooth \
	step strides

export TF_CPP_MIN_LOG_LEVEL ?= 2
# Every test process would compile the package and the tests again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test wheel soak backends beam results lint format docs benchmark \
	lock release audit mutants fuzz clean

$(READY): pyproject.toml requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet $(if $(LOCKED),--require-hashes \
		--requirement $(LOCKED),--editable '.[dev]')
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation \
		--editable .
	touch $@

# requirements.txt, after a change of constraints.txt or of the dependencies.
lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal \
		--constraint constraints.txt --python-version 3.11 \
		--generate-hashes --no-strip-extras --no-annotate --quiet --no-header \
		--output-file requirements.txt

# dist/: the wheel, what is installed with it (CycloneDX), and the licences.
# The same commit gives the same wheel, byte for byte.
release: $(READY)
	rm -rf dist build
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m pip wheel \
		--quiet --no-deps --no-build-isolation --wheel-dir dist .
	$(PYTHON) -m venv build/environment
	build/environment/bin/python -m pip install --quiet dist/*.whl \
		--constraint constraints.txt
	$(BIN)/python -m pip install --quiet cyclonedx-bom pip-licenses
	$(BIN)/cyclonedx-py environment build/environment/bin/python \
		--pyproject pyproject.toml --output-file dist/sbom.cdx.json
	$(BIN)/pip-licenses --python build/environment/bin/python --with-urls \
		--format markdown --output-file dist/licences.md

# Small changes of the code that no test notices.
mutants: $(READY)
	$(BIN)/python .ci/mutants.py --output mutants.csv

# 100,000 hostile files; those that fail lie in fuzz/. `make fuzz SEED=1` draws
# others.
fuzz: $(READY)
	$(BIN)/python -m tests.fuzz --seed $(or $(SEED),0) --output fuzz

# Known vulnerabilities of the locked versions; asks PyPI.
audit: $(READY)
	$(BIN)/python -m pip install --quiet pip-audit
	$(BIN)/pip-audit --require-hashes --requirement requirements.txt

demo: $(READY)
	for arm in $(ARMS); do \
		$(BIN)/python train.py --config=configs/quickstart.py \
			--config.model.downsampling=$$arm --workdir=$(RUNS)/$$arm \
		|| exit 1; \
	done
	for arm in $(ARMS); do \
		$(BIN)/python evaluate.py --workdir=$(RUNS)/$$arm \
			> $(RUNS)/$$arm/scores.txt || exit 1; \
	done
	@echo; echo "== accuracy of the arms (every score: $(RUNS)/ARM/scores.txt)"
	$(BIN)/audio-diffstride tables --runs '$(RUNS)/*' --output $(RUNS) \
		--overwrite
	@echo; echo "== what DiffStride learned (every stride started at 2 or 1)"
	$(BIN)/audio-diffstride cutoffs --workdir $(RUNS)/diffstride
	$(BIN)/audio-diffstride report --workdir $(RUNS)/diffstride

test: $(READY)
	$(BIN)/python -m pytest -q -n 2 --dist loadfile $(if $(COVERAGE),--cov=audio_diffstride --cov=data)

# The wheel in an environment of its own does what users do.
wheel: $(READY)
	$(BIN)/python -m pytest -q -m slow tests/wheel_test.py

# Kills, and pages in a real browser: needs Debian's chromium.
soak: $(READY)
	$(BIN)/python -m pytest -q -m slow -n 2

# What every Keras backend must compute, on each; installs JAX and PyTorch.
$(VENV)/ready-backends: $(READY)
	$(BIN)/python -m pip install --quiet --editable '.[dev,jax,torch]' \
		--constraint constraints.txt
	touch $@

backends: $(VENV)/ready-backends
	for backend in tensorflow jax torch; do \
		KERAS_BACKEND=$$backend $(BIN)/python -m pytest -q \
			tests/models/conformance_test.py || exit 1; \
	done
	$(BIN)/python -m pytest -q -m slow tests/models/conformance_test.py

# Apache Beam, alone and on Dask, in an environment of its own: it wants other versions of what
# constraints.txt pins.
$(BEAM)/ready: pyproject.toml
	$(PYTHON) -m venv $(BEAM)
	$(BEAM)/bin/python -m pip install --quiet --editable '.[dask,dev]'
	touch $@

beam: $(BEAM)/ready
	$(BEAM)/bin/python -m pytest -q tests/predict/beam_jobs_test.py \
		tests/predict/beam_test.py tests/predict/dask_test.py \
		-m 'slow or not slow'

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The tables and figures of docs/results/, from the numbers of every run.
results: $(READY)
	for sweep in $(RESULTS)/*/; do \
		$(BIN)/audio-diffstride sweep --output $$sweep \
			> /dev/null || exit 1; \
	done
	$(BIN)/python -m studies.overview --output $(RESULTS) \
		--row "Digits, known speakers" $(RESULTS)/digits \
			$(RESULTS)/digits_matched \
		--row "Digits, unseen speakers" $(RESULTS)/speakers \
			$(RESULTS)/speakers_matched \
		--row "Instrument" $(RESULTS)/instrument \
		--row "Pitch" $(RESULTS)/pitch \
		--row "Both tasks" $(RESULTS)/notes \
		--compare_strides Pitch Instrument \
		--settings $(RESULTS)/pitch $(patsubst %,$(RESULTS)/pitch_%,$(PITCH)) \
			$(RESULTS)/notes $(RESULTS)/notes_shared \
		--recall $(RESULTS)/pitch
	$(BIN)/python -m studies.folds --output $(RESULTS) \
		--row "Digits, known speakers" $(RESULTS)/digits_all \
		--row "Digits, unseen speakers" $(RESULTS)/speakers_folds \
		--row "Environmental sounds" $(RESULTS)/esc10_folds \
		--row "Instrument" $(RESULTS)/instrument_folds \
		--row "Pitch" $(RESULTS)/pitch_folds \
		--row "Both tasks" $(RESULTS)/notes_folds \
		--draw Pitch Instrument --settings \
			$(RESULTS)/pitch_folds $(RESULTS)/pitch_longer \
			$(RESULTS)/pitch_screen $(RESULTS)/instrument_folds \
			$(RESULTS)/instrument_longer $(RESULTS)/instrument_screen
	$(BIN)/python -m studies.recipes --output $(RESULTS)/recipes.md \
		--plain $(RESULTS)/esc10_folds \
		--recipe "Masks" $(RESULTS)/esc10_masks \
		--recipe "Speed" $(RESULTS)/esc10_speed \
		--recipe "Level" $(RESULTS)/esc10_gain \
		--recipe "Noise" $(RESULTS)/esc10_noise \
		--recipe "Mixing by loudness" $(RESULTS)/esc10_mixing
	$(BIN)/python -m studies.recipes --output $(RESULTS)/recipes_speakers.md \
		--plain $(RESULTS)/speakers_folds \
		--recipe "Level, noise, speed, shift" $(RESULTS)/speakers_recipe
	$(BIN)/python -m studies.recipes --output $(RESULTS)/recipes_pitch.md \
		--plain $(RESULTS)/pitch_folds --recipe "Level" $(RESULTS)/pitch_gain
	$(BIN)/python -m studies.how_good --output $(RESULTS)/how_good_tables.md \
		--row "Environmental sounds" $(RESULTS)/esc10_folds \
			$(RESULTS)/esc10_seeds \
		--row "Digits, unseen speakers" $(RESULTS)/speakers_folds \
		--row "Digits, known speakers" $(RESULTS)/digits_all \
			$(RESULTS)/digits_all_seed \
		--row "Three words" $(RESULTS)/words \
		--row "Instrument" $(RESULTS)/instrument_folds \
			$(RESULTS)/instrument_seeds \
		--row "Pitch" $(RESULTS)/pitch_folds $(RESULTS)/pitch_seeds \
		--recipe "Environmental sounds" "level" $(RESULTS)/esc10_gain \
		--recipe "Digits, unseen speakers" "level, noise, speed, shift" \
			$(RESULTS)/speakers_recipe $(RESULTS)/speakers_recipe_seeds \
		--recipe "Pitch" "level" $(RESULTS)/pitch_gain \
		--peers docs/results/how_good_peers.csv \
		--published docs/results/how_good_published.csv
	$(BIN)/python -m studies.demo_cutoffs --output $(RESULTS)/cutoffs_demo.csv
	$(BIN)/python -m studies.cutoffs --output $(RESULTS) \
		--row "Digits, known speakers" $(RESULTS)/digits \
			$(RESULTS)/digits_all \
		--row "Digits, unseen speakers" $(RESULTS)/speakers \
			$(RESULTS)/speakers_folds \
		--row "Three words" $(RESULTS)/words \
		--row "Environmental sounds" $(RESULTS)/esc10_folds \
			$(RESULTS)/esc10_seeds \
		--row "Instrument" $(RESULTS)/instrument $(RESULTS)/instrument_folds \
			$(RESULTS)/instrument_seeds \
		--row "Pitch" $(RESULTS)/pitch $(RESULTS)/pitch_folds \
			$(RESULTS)/pitch_seeds \
		--row "Pitch and instrument" $(RESULTS)/notes $(RESULTS)/notes_folds \
		--also "Pitch, 2400 steps" $(RESULTS)/pitch_budget \
			$(RESULTS)/pitch_longer \
		--pair Pitch Instrument \
		--pair "Pitch and instrument" Instrument \
		--pair "Pitch and instrument" Pitch \
		--pair "Pitch, 2400 steps" Pitch \
		--compare "Environmental sounds" "Digits, unseen speakers" \
		--compare "Three words" "Digits, unseen speakers" \
		--compare "Environmental sounds" "Three words" \
		--compare Instrument "Environmental sounds" \
		--compare Pitch "Environmental sounds" \
		--compare Pitch "Digits, unseen speakers" \
		--recipe "Environmental sounds" "Masks" $(RESULTS)/esc10_masks \
			$(RESULTS)/esc10_masks_seeds \
		--recipe "Environmental sounds" "Speed" $(RESULTS)/esc10_speed \
		--recipe "Environmental sounds" "Level" $(RESULTS)/esc10_gain \
		--recipe "Environmental sounds" "Noise" $(RESULTS)/esc10_noise \
		--recipe "Environmental sounds" "Mixing by loudness" \
			$(RESULTS)/esc10_mixing \
		--recipe "Digits, unseen speakers" "Level, noise, speed, shift" \
			$(RESULTS)/speakers_recipe \
		--recipe Pitch "Level" $(RESULTS)/pitch_gain \
		--demo $(RESULTS)/cutoffs_demo.csv
	$(BIN)/python -m studies.full_length --output $(RESULTS) \
		--row "Pitch of unseen instruments" $(RESULTS)/pitch_until \
		--row "Pitch, falling rate" $(RESULTS)/pitch_falling \
		--row "Pitch, falling rate, four folds" \
			$(RESULTS)/pitch_falling_folds \
		--row "Instrument, falling rate, four folds" \
			$(RESULTS)/instrument_falling_folds \
		--row "Sounds, falling rate, five folds" \
			$(RESULTS)/esc10_falling_folds \
		--short "Pitch, full width, 600 steps" $(RESULTS)/pitch_full_width
	$(BIN)/python -m studies.time_tables --output $(RESULTS) \
		--row "Digits, 95 %" $(RESULTS)/time_to_accuracy_digits.json \
		--row "Pitch, 70 %" $(RESULTS)/time_to_accuracy_pitch.json
	$(BIN)/python -m studies.robustness_tables --output $(RESULTS) \
		--row "Environmental sounds" esc10_folds \
		--row "Digits, unseen speakers" speakers_folds \
		--row "Digits, augmented training" speakers_recipe \
		--row "Pitch" pitch_folds

benchmark: $(READY)
	$(BIN)/audio-diffstride benchmark

# The documentation, in site/. A broken link or a missing docstring fails it.
$(VENV)/ready-docs: $(READY)
	$(BIN)/python -m pip install --quiet --editable '.[docs]' \
		--constraint constraints.txt
	touch $@

docs: $(VENV)/ready-docs
	$(BIN)/python -m mkdocs build --strict

clean:
	rm -rf $(VENV) $(BEAM) runs build dist site *.egg-info
