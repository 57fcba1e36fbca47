"""A run with the whole recipe: what it saves, says and does when resumed."""

import csv
import json

import keras
import numpy as np
import pytest

from audio_diffstride import cutoffs, training
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import run_scores
from audio_diffstride.runs import loading, provenance, stride_history
from audio_diffstride.training import finite, outcome
from tests.support.dying_run import three_epochs, whole_recipe
from tests.support.eager import eagerly
from tests.support.synthetic import write_store


def history(workdir):
    with open(workdir / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def weights(workdir, which):
    model = keras.saving.load_model(workdir / f"{which}.keras")
    return [np.array(variable) for variable in model.trainable_variables]


@pytest.fixture(scope="module")
def run(store, tmp_path_factory):
    """A run that stopped early, and its weights after every step."""
    workdir = tmp_path_factory.mktemp("recipe")
    steps = []
    after_step = finite.TerminateOnNonFinite.on_train_batch_end

    def record(callback, *args, **kwargs):
        after_step(callback, *args, **kwargs)
        variables = callback.model.trainable_variables
        steps.append([np.array(variable) for variable in variables])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finite.TerminateOnNonFinite, "on_train_batch_end", record)
        training.train(whole_recipe(store.path.parent), workdir, [store])
    return workdir, steps


def test_it_stops_early_and_is_finished(run, store, capsys):
    workdir, steps = run
    assert len(steps) == 6 and len(history(workdir)) == 3
    assert provenance.is_finished(workdir)
    assert provenance.stopped_early(workdir) == 6
    assert not (workdir / "checkpoints").exists()
    before = {p: p.stat().st_mtime_ns for p in workdir.rglob("*.*")}
    training.train(whole_recipe(store.path.parent), workdir, [store])
    assert (
        "has finished already, stopped early at step 6; --overwrite"
        in capsys.readouterr().out
    )
    assert {p: p.stat().st_mtime_ns for p in workdir.rglob("*.*")} == before
    assert outcome.describe(workdir) == (
        "best validation balanced accuracy of label: 50.0 %, at step 6 of 6 "
        "(stopped early, of 16 steps)"
    )


def test_what_is_saved_is_the_average_of_the_steps(run):
    workdir, steps = run
    average = [value.astype(float) for value in steps[0]]
    for step in steps[1:]:
        average = [0.6 * a + 0.4 * value for a, value in zip(average, step)]
    for which in ("best", "last"):  # the latest of equals
        for one, other in zip(weights(workdir, which), average, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
    moved = [
        np.abs(one - other).max()
        for one, other in zip(weights(workdir, "last"), steps[-1])
    ]
    assert max(moved) > 1e-7  # it is not the last step


def test_the_tables_are_of_the_saved_model(run, store):
    workdir, _ = run
    model = loading.load_model(workdir, "last")
    strides = stride_history.read(workdir)
    for name, value in cutoffs.strides(model).items():
        assert strides[name][-1] == value
    config = loading.load_config(workdir)
    report, _ = run_scores.score(model, "last", config, [store], "validation")
    last = history(workdir)[-1]
    scores = report["tasks"]["label"]
    assert float(last["val_accuracy"]) == scores["accuracy"]
    column = "val_label_balanced_accuracy"
    assert float(last[column]) == scores["balanced_accuracy"]
    assert report["hop_s"] == 0.3 and report["pooling"] == "mean_probabilities"


def test_the_best_model_is_that_of_the_lowest_loss(store, tmp_path):
    config = three_epochs()
    config.training.monitor = "loss"
    config.training.num_steps = 4
    config.training.learning_rate = 0.3  # so that it gets worse
    training.train(config, tmp_path, [store])
    losses = [float(row["val_loss"]) for row in history(tmp_path)]
    model = loading.load_model(tmp_path, "best")
    _, recordings = run_scores.score(
        model, "best", loading.load_config(tmp_path), [store], "validation"
    )
    found = recordings["label"].quick_score("loss")
    assert found == pytest.approx(min(losses), rel=1e-6)
    assert losses[0] < losses[1]
    assert outcome.describe(tmp_path).startswith(
        f"best validation loss: {min(losses):.3f}, at step"
    )


def test_without_validation_it_refuses_to_stop_early(tmp_path):
    store = write_store(tmp_path / "store", tasks={"label": ["x", "y"]})
    assert not store.num_examples.get("validation")
    with pytest.raises(UserError, match="have no validation set; set it to 0"):
        training.train(whole_recipe(tmp_path), tmp_path / "run", [store])
    assert not (tmp_path / "run").exists()


def test_run_json_has_nothing_new_for_other_runs(store, tmp_path):
    with eagerly():
        training.train(three_epochs(), tmp_path, [store])
    content = json.loads((tmp_path / "run.json").read_text())
    assert set(content) == {"config", "data", "starts", "finished"}
