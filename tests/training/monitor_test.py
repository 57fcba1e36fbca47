"""Which score decides which model is the best."""

import numpy as np
import pytest

from audio_diffstride.datasets.kinds import NO_LABEL, ONE_LABEL
from audio_diffstride.datasets.kinds import SEVERAL_LABELS as SEVERAL
from audio_diffstride.errors import UserError
from audio_diffstride.training import callbacks, monitor
from audio_diffstride.training.monitor import Monitor
from tests.datasets.windows_test import make_clips
from tests.support.synthetic import tiny_config


class TwoTasks:
    """A model that is right for task a and answers 0 for task b."""

    class_names = {"a": ["high", "low"], "b": ["x", "y"]}
    kinds = {"a": ONE_LABEL, "b": ONE_LABEL}

    def predict_on_batch(self, windows):
        means = windows.astype(float).mean(axis=1)
        logits = np.stack([-means, means], axis=1)
        return {"a": logits, "b": np.tile([[1.0, 0.0]], (len(windows), 1))}


class Labels:
    """A store of labels alone."""

    def __init__(self, validation, tasks=None, kind=ONE_LABEL):
        self.tasks = tasks or {task: ["x", "y"] for task in validation}
        self.kinds = dict.fromkeys(self.tasks, kind)
        self.num_examples = {"validation": len(validation)}
        self._labels = {t: np.array(v) for t, v in validation.items()}

    def examples(self, split):
        assert split == "validation"
        return make_clips([1] * 3, self._labels)


def logs_of(text):
    labels = {"a": np.array([0, 1, 1]), "b": np.array([0, 1, NO_LABEL])}
    clips = make_clips([10, 10, 10], labels)
    clips.samples[:] = np.repeat([-1, 1, 1], 10)
    callback = callbacks.ValidateRecordings(
        [clips], 10, 2, monitor=Monitor(text)
    )
    callback.set_model(TwoTasks())
    logs = {}
    callback.on_epoch_end(0, logs)
    return logs


ALWAYS = {"val_a_accuracy": 1.0, "val_b_accuracy": 0.5, "val_accuracy": 0.75}
LOSS_A = np.log(1 + np.exp(-2))
LOSS_B = (np.log(1 + np.exp(-1)) + np.log(1 + np.exp(1))) / 2


@pytest.mark.parametrize(
    "text, added",
    [
        ("accuracy", {}),
        ("a:accuracy", {}),
        ("balanced_accuracy", {"val_balanced_accuracy": 0.75}),
        ("b:balanced_accuracy", {"val_b_balanced_accuracy": 0.5}),
        ("average_precision", {"val_average_precision": 0.75}),
        ("loss", {"val_loss": (LOSS_A + LOSS_B) / 2}),
        ("b:loss", {"val_b_loss": LOSS_B}),
    ],
)
def test_the_monitored_score_has_a_column_beside_the_others(text, added):
    logs = logs_of(text)
    assert set(logs) == {*ALWAYS, *added}
    for name, value in {**ALWAYS, **added}.items():
        assert logs[name] == pytest.approx(value, rel=1e-9)
    assert Monitor(text).column in logs


def test_a_lower_loss_and_a_higher_score_are_better():
    assert Monitor("a:loss").is_better(0.1, 0.2)
    assert not Monitor("loss").is_better(0.2, 0.1)
    for score in ("accuracy", "a:balanced_accuracy", "average_precision"):
        assert Monitor(score).is_better(0.2, 0.1)
        assert not Monitor(score).is_better(0.1, 0.2)
        assert not Monitor(score).is_better(0.1, 0.1)


def check(text, *stores):
    config = tiny_config()
    config.training.monitor = text
    monitor.check(config, list(stores))


def test_what_the_data_lack_is_reported():
    known = Labels({"a": [0, 1, 1], "b": [NO_LABEL] * 3})
    for text in ("loss", "accuracy", "a:loss"):
        check(text, known)
    with pytest.raises(UserError, match="is pitch:loss, but there is no task"):
        check("pitch:loss", known)
    with pytest.raises(UserError, match="no validation recording has a label"):
        check("b:loss", known)
    check("b:loss", known, Labels({"b": [0, 1, NO_LABEL]}))
    # Without validation there is nothing to look at.
    check("b:loss", Labels({}, tasks={"b": ["x", "y"]}))


def test_a_column_of_two_meanings_is_refused():
    for task, text in (
        ("balanced", "balanced_accuracy"),
        ("a_balanced", "a:balanced_accuracy"),
    ):
        store = Labels({"a": [0, 1, 1], task: [0, 0, 1]})
        with pytest.raises(UserError, match=f"of the task {task}; rename"):
            check(text, store)
        check("loss", store)


def test_a_task_with_several_labels_has_no_accuracy():
    several = Labels({"bird": [[1, 0], [0, NO_LABEL], [0, 0]]}, kind=SEVERAL)
    for text in ("accuracy", "average_precision", "bird:loss"):
        check(text, several, Labels({"a": [0, 1, 1]}))
    for text in ("bird:accuracy", "balanced_accuracy"):
        with pytest.raises(UserError, match="but bird has several labels per"):
            check(text, several, Labels({"a": [0, 1, 1]}))
    check("a:accuracy", several, Labels({"a": [0, 1, 1]}))
    nothing = Labels({"bird": [[0, 0], [0, 0], [NO_LABEL, 0]]}, kind=SEVERAL)
    with pytest.raises(UserError, match="no validation recording has a label"):
        check("bird:average_precision", nothing)


def test_the_default_is_the_average_precision_where_there_is_such_a_task():
    kinds = {"a": ONE_LABEL, "bird": SEVERAL}
    assert monitor.of_tasks("accuracy", kinds) == Monitor("average_precision")
    assert monitor.of_tasks("a:accuracy", kinds) == Monitor("a:accuracy")
    assert monitor.of_tasks("accuracy", {"a": ONE_LABEL}) == Monitor("accuracy")
