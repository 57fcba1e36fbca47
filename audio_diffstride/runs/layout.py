"""The name of every file in a run's folder, and what the file holds.

A run's folder is the `--workdir` of `audio-diffstride train`. Training writes
the run itself. Other commands add their results on the run.
"""

from __future__ import annotations

# Written by training.
LOCK = ".lock"  # held by the process that trains; empty
PROVENANCE = "run.json"  # config, data, every start, date of the finish
CONFIG = "config.json"  # the config, with every field resolved
STORES = "stores.json"  # name, path and fingerprint of every store
MODEL = "{which}.keras"
BEST = MODEL.format(which="best")  # of the best validation score
LAST = MODEL.format(which="last")  # after the last step
HISTORY = "history.csv"  # loss and accuracies of every epoch
STRIDES = "strides.csv"  # every stride after every epoch
CHECKPOINTS = "checkpoints"  # folder of the state to resume from
CHECKPOINT = "step-*.checkpoint"  # in it: the state after that many steps
TENSORBOARD = "tensorboard/train"  # folder of TensorBoard scalars
EVENTS = "events.out.tfevents.*"  # in it: a file for each start

# Written by evaluation, in a folder for each split.
EVALUATION = "evaluation_{split}"
SCORES = "scores.json"  # all scores of all tasks
# In a folder for each task.
CLASSES = "classes.csv"  # scores of every class
CONFUSION = "confusion.csv"  # recordings of each class by predicted class
CONFUSION_PLOT = "confusion.png"
CURVES = "curves.csv"  # precision and recall by threshold
CURVES_PLOT = "curves.png"
RECORDINGS = "recordings.csv"  # label and probabilities of every recording

# Written by calibration.
CALIBRATION = "calibration.json"  # temperatures and thresholds of a model

# Written by the cut-off report, the page and a sweep.
CUTOFFS_TABLE = "cutoffs.csv"  # cut-offs of every downsampling layer
CUTOFFS = "cutoffs.json"  # the same, and those of every run of a comparison
STRIDES_PLOT = "strides.png"  # strides by training step
REPORT = "report.html"  # the page
COST = "cost.json"  # complexity, multiply-adds and strides of the best model

# Written by an export, in a folder for each format.
EXPORT = "export_{format}"
ONNX = "model.onnx"
LITERT = "model.tflite"
WEB = "listen.html"  # a page that listens
SAVED_MODEL = "saved_model"  # folder in TensorFlow's format
PARITY = "parity.json"  # the exported model compared with the trained one
MODEL_CARD = "MODEL_CARD.md"

# Glob patterns of all files of a kind; the lock belongs to none.
FILES_OF_TRAINING = (
    PROVENANCE,
    f"{CHECKPOINTS}/{CHECKPOINT}",
    BEST,
    LAST,
    HISTORY,
    STRIDES,
    f"tensorboard/*/{EVENTS}",
    CONFIG,
    STORES,
)
# Below the folder of a split.
FILES_OF_EVALUATION = (
    SCORES,
    f"*/{CLASSES}",
    f"*/{CONFUSION}",
    f"*/{CONFUSION_PLOT}",
    f"*/{CURVES}",
    f"*/{CURVES_PLOT}",
    f"*/{RECORDINGS}",
)
FILES_OF_CUTOFFS = (CUTOFFS_TABLE, CUTOFFS, STRIDES_PLOT)
# Below the folder of a format.
FILES_OF_EXPORT = (
    ONNX,
    LITERT,
    WEB,
    PARITY,
    MODEL_CARD,
    f"{SAVED_MODEL}/*.pb",
    f"{SAVED_MODEL}/assets.extra/metadata.json",
    f"{SAVED_MODEL}/variables/variables.*",
    f"{SAVED_MODEL}/assets",
)
