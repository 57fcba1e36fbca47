"""What a mistyped word is answered with."""

import pytest

from audio_diffstride.__main__ import COMMANDS, call
from audio_diffstride.config import config_fields
from audio_diffstride.datasets.store_files import SPLITS
from audio_diffstride.errors import UserError
from audio_diffstride.terminal.suggestions import nearest
from data import catalogue

FIELDS = list(config_fields.FIELDS)
TRAIN = [
    *("--data", "--workdir", "--overwrite", "--config", "--list_fields"),
    *(f"--config.{field}" for field in FIELDS),
]
PREDICT = "--workdir --output --format --window_s --hop_s --task --top".split()


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("--wokrdir", TRAIN, "--workdir"),
        ("-workdir", TRAIN, "--workdir"),
        ("--work-dir", TRAIN, "--workdir"),
        ("--WORKDIR", TRAIN, "--workdir"),
        ("--work", TRAIN, "--workdir"),
        ("--dtaa", TRAIN, "--data"),
        ("--dataset", TRAIN, "--data"),
        ("--overwirte", TRAIN, "--overwrite"),
        ("--over", TRAIN, "--overwrite"),
        ("--list-fields", TRAIN, "--list_fields"),
        ("--confg", TRAIN, "--config"),
        ("--config_file", TRAIN, "--config"),
        ("--num_steps", TRAIN, "--config.training.num_steps"),
        ("--config.num_steps", TRAIN, "--config.training.num_steps"),
        ("--config.traning.num_steps", TRAIN, "--config.training.num_steps"),
        ("--config.training.steps", TRAIN, "--config.training.num_steps"),
        ("--config.training.lr", TRAIN, "--config.training.learning_rate"),
        ("--learningRate", TRAIN, "--config.training.learning_rate"),
        ("--batch", TRAIN, "--config.training.batch_size"),
        ("--config.training.optimiser", TRAIN, "--config.training.optimizer"),
        ("--config.model.stride", TRAIN, "--config.model.strides"),
        (
            "--config.training.early_stopping",
            TRAIN,
            "--config.training.early_stopping_epochs",
        ),
        ("--config.training.warmup", TRAIN, "--config.training.warmup_steps"),
        ("--mixed_precision", TRAIN, "--config.training.precision"),
        ("--seeds", TRAIN, "--config.seed"),
        ("model.widht", FIELDS, "model.width"),
        ("training.wd", FIELDS, "training.weight_decay"),
        ("sample_rate", FIELDS, "front_end.sample_rate_hz"),
        ("data.test-group", FIELDS, "data.test_group"),
        ("--outptu", PREDICT, "--output"),
        ("--output_file", PREDICT, "--output"),
        ("--hop", PREDICT, "--hop_s"),
        ("trian", COMMANDS, "train"),
        ("evlauate", COMMANDS, "evaluate"),
        ("eval", COMMANDS, "evaluate"),
        ("cut-off", COMMANDS, "cutoffs"),
        ("bench", COMMANDS, "benchmark"),
        ("tset", SPLITS, "test"),
        ("valid", SPLITS, "validation"),
        ("digit", catalogue.DATASETS, "digits"),
    ],
)
def test_a_likely_word_is_suggested(typed, known, meant):
    assert nearest(typed, known)[:1] == [meant]


@pytest.mark.parametrize(
    ("typed", "known"),
    [
        *(
            (f"--config.training.{word}", TRAIN)
            for word in (
                "epochs num_epochs patience dropout shuffle verbose num_workers"
            ).split()
        ),
        *((f"--{word}", TRAIN) for word in "gpu dir n resume name".split()),
        *((word, FIELDS) for word in "model.num_layers fmin x".split()),
        *((word, COMMANDS) for word in "fit run deploy test".split()),
        *((word, SPLITS) for word in ("all", "holdout")),
        ("", FIELDS),
        ("--", TRAIN),
        ("y" * 10_000, TRAIN),
    ],
)
def test_a_word_that_is_like_none_gets_no_suggestion(typed, known):
    assert nearest(typed, known) == []


def test_what_fits_several_is_a_choice_of_at_most_three():
    assert nearest("smoothness", FIELDS) == [
        "model.smoothness_factor",
        "model.smoothness_percent",
    ]
    assert nearest("ab", ["ab1", "ab2", "ab3", "ab4"]) == ["ab1", "ab2", "ab3"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_suggests_one_of_its_flags(name):
    message = "there is no flag --hlep; did you mean --help?"
    needed = {
        "check": ["a"],
        "prepare": ["a"],
        "predict": ["a", "--workdir=a", "--output=a"],
        "embed": ["a", "--workdir=a", "--output=a"],
        "events": ["--detections=a", "--annotations=a"],
        "probe": ["a", "--data=a", "--output=a"],
        "export": ["--workdir=a", "--format=onnx"],
        "sweep": ["--output=a"],
        "tables": ["--runs=a", "--output=a"],
        "benchmark": [],
    }
    argv = [*needed.get(name, ["--workdir=a"]), "--hlep"]
    with pytest.raises(UserError) as error:
        call(name, argv)
    assert str(error.value) == message


def test_a_misspelt_flag_is_named_before_a_missing_one():
    with pytest.raises(UserError, match="no flag --outptu; did .*--output?"):
        call("predict", ["--workdir", "runs/mine", "--outptu", "a.csv", "x"])
