#!/bin/sh
# What docs/results/robustness.md is made of, from the runs of sweeps.sh:
# about 40 minutes of one CPU core. Nothing is trained.
#
#     sh studies/robustness.sh runs/studies docs/results
#
# To resume after an interruption, run it again.
set -e
RUNS=${1:?give the folder of the sweeps}
OUTPUT=${2:?give the folder for the numbers}

# measure SWEEP ARMS
measure() {
    ${PYTHON:-python} -m studies.robustness "$RUNS/$1" --output "$OUTPUT" \
        --arms $2
}

for sweep in esc10_folds speakers_folds pitch_folds; do
    measure $sweep \
        "strided_conv spectral folding folding-after-relu folding-low-cost"
done
measure speakers_recipe "strided_conv spectral folding-after-relu"
