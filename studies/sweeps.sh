#!/bin/sh
# Trains every sweep of docs/results/. The recordings are in fsdd/, notes/,
# esc10/ and words/.
#
#     sh studies/sweeps.sh runs/studies
#     make results RESULTS=runs/studies
#
# To resume after an interruption, run the same command again.

set -e
OUTPUT=${1:?give the folder for the sweeps}
BASELINES="strided_conv max_pool spectral"
BANDS="inside scale-free outside"
BEFORE="spectral-before inside-before"
AFTER="spectral-after-relu inside-after-relu"
ARMS="$BASELINES $BANDS $BEFORE $AFTER"
MATCHED="max_pool spectral inside outside $BEFORE --match_cost strided_conv"
SPEAKERS=data.test_group=george,jackson,lucas,nicolas,theo,yweweler

# sweep_csv NAME CSV TASKS [FIELD=VALUE ...] --arms ...
sweep_csv() {
    output=$OUTPUT/$1 csv=$2 tasks=$3
    shift 3
    ${PYTHON:-python} -m audio_diffstride sweep --config configs/study.py \
        --output "$output" --set data.path="$csv" data.tasks="$tasks" "$@"
}

# sweep NAME DATA TASKS [FIELD=VALUE ...] --arms ...
sweep() {
    name=$1 data=$2 tasks=$3
    shift 3
    sweep_csv "$name" "$data/manifest.csv" "$tasks" "$@"
}

sweep digits fsdd "" --arms $ARMS --seeds 3
sweep digits_matched fsdd "" --arms $MATCHED --seeds 3
sweep speakers fsdd "" --arms $ARMS --seeds 3 --vary $SPEAKERS
sweep speakers_matched fsdd "" --arms $MATCHED --vary $SPEAKERS
sweep instrument notes instrument --arms $ARMS --seeds 3
sweep pitch notes pitch --arms $ARMS --seeds 3
sweep notes notes "" --arms $ARMS --seeds 3
sweep notes_shared notes "" --arms shared --seeds 3

LONGER="training.num_steps=2400 training.steps_per_epoch=600"
sweep pitch_budget notes pitch $LONGER --arms strided_conv spectral inside \
    --seeds 3
sweep pitch_budget_more notes pitch $LONGER --arms scale-free outside $AFTER
sweep pitch_first notes pitch --strides 2x1-2-1-2-1-2 \
    --arms strided_conv spectral inside outside $AFTER
sweep pitch_strides notes pitch --arms strided_conv inside \
    --strides 1-2-1-2-1-2 3-2-1-2-1-2 4-2-1-2-1-2
sweep pitch_frozen notes pitch --arms outside \
    --vary training.stride_step_ratio=0
sweep pitch_step notes pitch --arms inside \
    --vary training.stride_step_ratio=0,1,100
sweep pitch_smooth notes pitch --arms outside \
    --vary model.smoothness_factor=1,2,8
sweep pitch_lambda notes pitch --arms outside \
    --vary model.complexity_weight=0.1,1,10
sweep pitch_schedule notes pitch --arms strided_conv inside outside \
    --vary training.schedule=constant
sweep pitch_momentum notes pitch --arms strided_conv inside \
    --vary model.batch_norm_momentum=0.99
sweep pitch_pool notes pitch --arms average_pool

# Folding, cross-validated: docs/results/folding.md.
#     python -m studies.note_folds notes/manifest.csv notes/folds.csv
FOLDS=data.test_group=fold1,fold2,fold3,fold4
THREE="strided_conv spectral folding"

# cross_validate NAME CSV TASKS [FIELD=VALUE ...] --arms ...
cross_validate() {
    name=$1 csv=$2 tasks=$3
    shift 3
    sweep_csv "$name" "$csv" "$tasks" data.validation=none "$@"
}

cross_validate speakers_folds fsdd/manifest.csv "" \
    --arms $THREE folding-frequency folding-after-relu folding-low-cost \
    --vary $SPEAKERS
cross_validate digits_all fsdd/manifest.csv "" \
    --arms $THREE folding-after-relu folding-low-cost --seeds 2
cross_validate esc10_folds esc10/manifest.csv "" data.columns=group=fold \
    --arms $THREE folding-after-relu folding-low-cost \
    --vary data.test_group=1,2,3,4,5
cross_validate esc10_seeds esc10/manifest.csv "" data.columns=group=fold \
    seed=1 --arms $THREE --seeds 2 --vary data.test_group=1,2,3,4,5
cross_validate pitch_folds notes/folds.csv pitch \
    --arms $THREE folding-frequency folding-after-relu folding-low-cost \
    --vary $FOLDS
cross_validate instrument_folds notes/folds.csv instrument \
    --arms $THREE folding-after-relu folding-low-cost --vary $FOLDS
cross_validate notes_folds notes/folds.csv "" \
    --arms $THREE half-folded folding-after-relu folding-low-cost \
    --vary $FOLDS
cross_validate pitch_longer notes/folds.csv pitch $LONGER \
    --arms strided_conv folding --vary data.test_group=fold1,fold2
cross_validate instrument_longer notes/folds.csv instrument $LONGER \
    --arms strided_conv folding spectral --vary data.test_group=fold1
VARIANTS="folded half-folded folding-from-0 folding-after-relu"
cross_validate pitch_screen notes/folds.csv pitch \
    --arms $VARIANTS --vary data.test_group=fold1
cross_validate instrument_screen notes/folds.csv instrument \
    --arms $VARIANTS --vary data.test_group=fold1

# Until validation stops improving: docs/results/full_length.md.
# longer NAME CSV TASKS [FIELD=VALUE ...] --arms ...
longer() {
    name=$1 csv=$2 tasks=$3
    shift 3
    sweep_csv "$name" "$csv" "$tasks" training.num_steps=3000 \
        training.ema_momentum=0.9 "$@"
}

longer pitch_until notes/folds.csv pitch data.test_group=fold1 \
    training.schedule=constant training.early_stopping_epochs=5 \
    --arms strided_conv inside spectral folding-after-relu
longer pitch_falling notes/folds.csv pitch data.test_group=fold1 \
    --arms strided_conv spectral $BANDS folding-after-relu folding-low-cost
LOW="--arms strided_conv folding-low-cost"
longer pitch_falling_folds notes/folds.csv pitch $LOW --seeds 2 --vary $FOLDS
longer instrument_falling_folds notes/folds.csv instrument $LOW --seeds 2 \
    --vary $FOLDS
longer esc10_falling_folds esc10/manifest.csv "" data.columns=group=fold $LOW \
    --vary data.test_group=1,2,3,4,5
cross_validate pitch_full_width notes/folds.csv pitch data.test_group=fold1 \
    model.width=1 --arms strided_conv spectral folding-low-cost

# More seeds, and words: docs/results/how_good.md.
#     python -m studies.word_splits words words/manifest.csv
REPORTED="strided_conv spectral folding-after-relu"
MORE="seed=1 --seeds 2 --arms $REPORTED"
cross_validate pitch_seeds notes/folds.csv pitch \
    $MORE folding-low-cost --vary $FOLDS
cross_validate instrument_seeds notes/folds.csv instrument \
    $MORE folding-low-cost --vary $FOLDS
cross_validate digits_all_seed fsdd/manifest.csv "" seed=2 \
    --arms $THREE folding-after-relu folding-low-cost
sweep words words "" --arms strided_conv spectral inside folding \
    folding-after-relu folding-low-cost --seeds 3

# Augmentation: docs/results/augmentation.md.
# esc10 NAME "ARMS [--seeds COUNT]" FIELD=VALUE ...
esc10() {
    name=$1 arms=$2
    shift 2
    cross_validate "$name" esc10/manifest.csv "" data.columns=group=fold \
        "$@" --arms $arms --vary data.test_group=1,2,3,4,5
}

MASKS="augmentation.time_mask_ms=200 augmentation.frequency_mask_bands=8"
esc10 esc10_masks "$THREE" $MASKS
esc10 esc10_masks_seeds "folding --seeds 2" seed=1 $MASKS
esc10 esc10_speed folding augmentation.speed_percent=10
esc10 esc10_gain folding augmentation.gain_db=12
esc10 esc10_noise folding "augmentation.noise_db=(-80,-30)"
esc10 esc10_mixing folding augmentation.mixup=1 augmentation.mixing=loudness
cross_validate pitch_gain notes/folds.csv pitch augmentation.gain_db=12 \
    --arms folding --vary $FOLDS
# speakers_recipe NAME [FIELD=VALUE ...] --arms ...
speakers_recipe() {
    name=$1
    shift
    cross_validate "$name" fsdd/manifest.csv "" \
        augmentation.gain_db=12 "augmentation.noise_db=(-80,-35)" \
        augmentation.speed_percent=15 augmentation.time_shift_s=0.1 \
        "$@" --vary $SPEAKERS
}

speakers_recipe speakers_recipe --arms $REPORTED
speakers_recipe speakers_recipe_seeds $MORE

# From a run on notes to a few environmental sounds: docs/results/few_examples.md.
NOTES="$OUTPUT/notes_folds/test_group=fold1_folding-low-cost_seed=0"
# few NAME CSV FOLDS EXAMPLES [FIELD=VALUE ...] --starts ...
few() {
    name=$1 csv=$2 folds=$3 examples=$4
    shift 4
    cross_validate "$name" "$csv" "" training.num_steps=200 \
        training.steps_per_epoch=200 training.batch_size=16 "$@" \
        --arms folding-low-cost \
        --vary "$folds" "data.examples_per_class=$examples"
}

# few_sounds NAME EXAMPLES [FIELD=VALUE ...] --starts ...
few_sounds() {
    name=$1 examples=$2
    shift 2
    few "$name" esc10/manifest.csv data.test_group=1,2,3,4,5 "$examples" \
        data.columns=group=fold "$@"
}

few_sounds esc10_few 1,5 --starts random "$NOTES" "$NOTES:encoder"
few_sounds esc10_few_heads 5 training.learning_rate=0.01 \
    --starts "$NOTES:encoder"
few digits_few fsdd/manifest.csv "$SPEAKERS" 5 \
    --starts random "$NOTES" "$NOTES:encoder"
