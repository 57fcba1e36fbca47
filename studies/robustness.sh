#!/bin/sh
# What docs/results/robustness.md is made of, from the runs of sweeps.sh:
# about half an hour of one CPU core. Nothing is trained.
#
#     sh studies/robustness.sh runs/studies docs/results
#
# To resume after an interruption, run it again.
set -e
RUNS=${1:?give the folder of the sweeps}
OUTPUT=${2:?give the folder for the numbers}
ARMS="strided_conv spectral folding folding-after-relu folding-low-cost"

for sweep in esc10_folds speakers_folds pitch_folds; do
    ${PYTHON:-python} -m studies.robustness "$RUNS/$sweep" \
        --output "$OUTPUT" --arms $ARMS
done
