"""The sentence on the best model of a run."""

import json

import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.training import outcome
from tests.support.synthetic import write_csv


def write(workdir, history, steps, finished="2026-01-02", **training):
    write_csv(workdir / "history.csv", history)
    write_csv(workdir / "strides.csv", [{"step": step} for step in steps])
    start = {"date": "2026-01-01", "step": 0}
    run = {
        "config": {"training": training} if training else {},
        "data": [],
        "starts": [start],
        "finished": finished,
    }
    (workdir / "run.json").write_text(json.dumps(run))


@pytest.mark.parametrize(
    ("accuracies", "steps", "sentence"),
    [
        ([0.5, 0.75, 0.7], [0, 5, 10, 15], ": 75.0 %, at step 10 of 15"),
        # best.keras is the latest of equals.
        ([0.75, 0.5, 0.75, 0], [0, 1, 2, 3, 4], ": 75.0 %, at step 3 of 4"),
        ([0.125], [0, 4000], ": 12.5 %, at step 4,000 of 4,000"),
        # Ctrl-C cut the last epoch short.
        ([0.0, 1.0], [0, 10, 13], ": 100.0 %, at step 13 of 13"),
    ],
)
def test_the_best_epoch_is_named_by_its_step(
    accuracies, steps, sentence, tmp_path
):
    history = [{"epoch": 0, "val_accuracy": value} for value in accuracies]
    write(tmp_path, history, steps)
    assert outcome.describe(tmp_path) == f"best validation accuracy{sentence}"


def test_several_tasks_and_an_unfinished_run_are_told_apart(tmp_path):
    row = {"epoch": 0, "accuracy": 1, "val_a_accuracy": 1, "val_b_accuracy": 0}
    write(tmp_path, [row | {"val_accuracy": 0.5}], [0, 3], finished=None)
    assert outcome.describe(tmp_path) == (
        "best validation accuracy so far, mean of 2 tasks: 50.0 %, at step 3 "
        "of 3"
    )


def test_without_validation_the_last_model_is_the_best(tmp_path):
    write(tmp_path, [{"epoch": 0, "accuracy": 1}], [0, 3])
    assert "there is no validation set" in outcome.describe(tmp_path)


def test_a_damaged_table_is_an_error(tmp_path):
    write(tmp_path, [{"epoch": 0, "val_accuracy": "much"}], [0, 3])
    with pytest.raises(UserError, match="val_accuracy is 'much', not a number"):
        outcome.describe(tmp_path)


@pytest.mark.parametrize(
    ("monitor", "column", "scores", "sentence"),
    [
        ("loss", "val_loss", [0.5, 0.25, 0.3], "loss, mean of 2 tasks: 0.250"),
        ("a:loss", "val_a_loss", [0.5, 0.25, 0.25], "loss of a: 0.250"),
        (
            "balanced_accuracy",
            "val_balanced_accuracy",
            [0.1, 0.5, 0.2],
            "balanced accuracy, mean of 2 tasks: 50.0 %",
        ),
        (
            "b:accuracy",
            "val_b_accuracy",
            [0.1, 0.5, 0],
            "accuracy of b: 50.0 %",
        ),
    ],
)
def test_the_best_epoch_is_that_of_the_monitored_score(
    monitor, column, scores, sentence, tmp_path
):
    rows = [
        {
            **{"epoch": 0, "val_a_accuracy": 1, "val_b_accuracy": 0},
            **{"val_accuracy": accuracy, column: score},
        }
        for accuracy, score in zip((0.9, 0.8, 0.7), scores)
    ]
    write(tmp_path, rows, [0, 5, 10, 15], monitor=monitor)
    step = 15 if monitor == "a:loss" else 10
    assert outcome.describe(tmp_path) == (
        f"best validation {sentence}, at step {step} of 15"
    )
