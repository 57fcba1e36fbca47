"""From recordings to a trained, evaluated, reported model."""

import contextlib
import csv

import keras
import numpy as np
import pytest

from audio_diffstride import cutoffs, training
from audio_diffstride.__main__ import call
from audio_diffstride.backends import during_fit
from audio_diffstride.datasets.clips import ClipStore, ClipStoreWriter
from audio_diffstride.datasets.windows import TrainingWindows
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference
from audio_diffstride.runs import loading
from audio_diffstride.training import batches, fitting
from tests.support.eager import eagerly
from tests.support.synthetic import tiny_config, tone


@pytest.fixture(scope="module")
def workdir(store, tmp_path_factory):
    workdir = tmp_path_factory.mktemp("run")
    training.train(small_config(), workdir, [store])
    return workdir


@pytest.fixture(scope="module")
def again(store, tmp_path_factory):
    """A second run of the same config, and the batches that it asked for."""
    workdir = tmp_path_factory.mktemp("again")
    asked = []
    batch = TrainingWindows.__getitem__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TrainingWindows,
            "__getitem__",
            lambda windows, index: asked.append(index) or batch(windows, index),
        )
        training.train(small_config(), workdir, [store])
    return workdir, asked


def weights(workdir):
    return loading.load_model(workdir, "last").get_weights()


def history(workdir):
    with open(workdir / "history.csv", newline="") as file:
        return list(csv.DictReader(file))


def test_the_work_directory_holds_the_whole_run(workdir):
    names = {path.name for path in workdir.iterdir()}
    assert names == {
        "best.keras",
        ".lock",
        "config.json",
        "history.csv",
        "last.keras",
        "run.json",
        "stores.json",
        "strides.csv",
        "tensorboard",
    }
    config = loading.load_config(workdir)
    assert config.to_dict() == small_config().to_dict()
    rows = history(workdir)
    assert [row["epoch"] for row in rows] == ["0", "1"]
    assert {"loss", "accuracy", "val_accuracy"} <= set(rows[0])


def test_every_stride_is_recorded_from_the_start(workdir):
    with open(workdir / "strides.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["0", "2", "4"]
    assert set(rows[0].values()) == {"0", "2.0"}
    last = cutoffs.strides(loading.load_model(workdir, "last"))
    assert {k: float(v) for k, v in rows[-1].items() if k != "step"} == last
    assert any(value != 2.0 for value in last.values())


def test_tensorboard_has_losses_strides_and_cutoffs(workdir):
    from tensorboard.backend.event_processing import event_accumulator

    accumulator = event_accumulator.EventAccumulator(
        str(workdir / "tensorboard" / "train"),
        size_guidance={"scalars": 0},
    )
    tags = set(accumulator.Reload().Tags()["scalars"])
    assert {
        "epoch_loss",
        "epoch_strides/block1_time",
        "epoch_cutoffs/block1_frequency",
    } <= tags
    assert not [tag for tag in tags if "folding" in tag]


def test_the_same_config_gives_the_same_bits(workdir, again):
    other, _ = again
    for first, second in zip(weights(workdir), weights(other)):
        np.testing.assert_array_equal(first, second)
    first, second = (
        (folder / "history.csv").read_text() for folder in (workdir, other)
    )
    assert first == second


def test_the_batches_come_in_the_order_of_their_steps(again):
    _, asked = again
    # The first ones are looked at for their shapes, and it begins again.
    begin = len(asked) - 1 - asked[::-1].index(0)
    assert asked[begin:] == [*range(len(asked) - begin)]
    assert len(asked) - begin >= small_config().training.num_steps


def test_fit_is_fed_every_batch_in_order_and_waits_for_no_tuner(store):
    windows = TrainingWindows(store.examples("train"), 800, 4, 9)
    fed = during_fit.prefetched(windows)
    # The tuner sleeps for up to a minute when the pipeline is to go.
    assert fed.options().autotune.enabled is False
    batches = [*fed]
    assert len(batches) == len(windows) == 9
    for index, batch in enumerate(batches):
        keras.tree.map_structure(
            np.testing.assert_array_equal, batch, windows[index]
        )


def test_another_seed_gives_other_weights_and_batches(
    store, tmp_path, monkeypatch
):
    begun = []
    monkeypatch.setattr(
        fitting, "fit", lambda model, *args: begun.append(model.get_weights())
    )
    drawn = []
    for seed in (0, 1):
        config = small_config()
        config.seed = seed
        training.train(config, tmp_path / str(seed), [store])
        drawn.append(batches.training_examples(config, [store])[0][0])
    assert any((first != second).any() for first, second in zip(*begun))
    assert (drawn[0] != drawn[1]).any()


def test_a_loaded_model_evaluates_as_the_history_says(workdir, store):
    model = loading.load_model(workdir, "last")
    results = inference.evaluate(
        model, store.examples("validation"), round(0.4 * 16000)
    )
    recorded = float(history(workdir)[-1]["val_accuracy"])
    assert results["label"]["accuracy"] == recorded
    assert model.class_names == {"label": ["high", "low"]}


def test_the_report_is_printed_and_written(workdir, tmp_path, capsys):
    call("cutoffs", ["--workdir", str(workdir), "--output", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "block1 frequency" in printed
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"cutoffs.csv", "cutoffs.json", "strides.png"}
    header = (tmp_path / "strides.png").read_bytes()[:8]
    assert header == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "arm, context",
    [
        ("strided_conv", eagerly),
        ("spectral", contextlib.nullcontext),  # with a graph
        ("average_pool", eagerly),
    ],
)
def test_every_arm_trains(arm, context, store, tmp_path):
    config = small_config(downsampling=arm)
    with context():
        training.train(config, tmp_path, [store])
    assert np.isfinite([float(row["loss"]) for row in history(tmp_path)]).all()


def small_config(**model):
    """A config with a network of one block."""
    return tiny_config(channels=(4,), strides=((2, 2),), **model)


def write_two_tasks(path, with_b, more_tasks=None):
    """A store whose clips have task a, and task b where `with_b` says so.

    No clip has a label for `more_tasks`.
    """
    with ClipStoreWriter.open(
        path,
        name="two",
        tasks={"a": ["x", "y"], "b": ["1", "2", "3"], **(more_tasks or {})},
        sample_rate_hz=16000,
        fingerprint="",
        split_name="own",
    ) as writer:
        for index in range(8):
            labels = {"a": "xy"[index % 2]}
            if with_b(index):
                labels["b"] = "123"[index % 3]
            samples = (20000 * tone(300 + 200 * index)).astype("int16")
            writer.add("train", samples, labels)
    return ClipStore(path)


@pytest.fixture(scope="module")
def three_tasks(tmp_path_factory):
    """A run: task b has the weight 0, task c no labels, no data validate.

    Returns its work directory, and the kernels of the heads of the tasks
    before and after: {task: (before, after)}.
    """
    folder = tmp_path_factory.mktemp("three")
    store = write_two_tasks(
        folder / "store", lambda index: True, more_tasks={"c": ["u", "v"]}
    )
    config = small_config()
    config.training.task_weights = "b=0"
    with eagerly():
        training.train(config, folder / "run", [store])
    keras.utils.set_random_seed(config.seed)
    start = training.build_model(config, store.tasks)
    end = loading.load_model(folder / "run", "last")
    assert list(start.tasks) == list(end.tasks) == ["a", "b", "c"]
    heads = zip(start.heads, end.heads)
    kernels = [tuple(head.kernel.numpy() for head in pair) for pair in heads]
    return folder / "run", dict(zip("abc", kernels))


def test_a_task_without_labels_has_no_gradient(three_tasks):
    _, kernels = three_tasks
    np.testing.assert_array_equal(*kernels["c"])
    before, after = kernels["a"]
    assert (before != after).any()


def test_a_tasks_loss_is_the_mean_over_its_labelled_examples(tmp_path):
    store = write_two_tasks(tmp_path / "store", with_b=lambda index: index < 2)
    config = small_config()
    model = training.build_model(config, store.tasks)
    training.compile_model(model, config)
    model.run_eagerly = True  # which is quicker for so few steps
    clips = store.examples("train")
    x = np.stack([clips[i][:6400] for i in range(8)])
    labels = {task: np.maximum(y, 0) for task, y in clips.labels.items()}
    has = {task: (y >= 0).astype("float32") for task, y in clips.labels.items()}
    logs = model.evaluate(x, labels, 8, 0, has, return_dict=True)
    logits = model.predict(x, verbose=0)["b"][:2]
    log_softmax = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    expected = -log_softmax[np.arange(2), clips.labels["b"][:2]].mean()
    assert logs["b_loss"] == pytest.approx(expected, rel=1e-4)
    correct = logits.argmax(axis=1) == clips.labels["b"][:2]
    assert logs["b_accuracy"] == pytest.approx(correct.mean())


def test_two_data_sets_train_one_model(store, tmp_path):
    other = write_two_tasks(tmp_path / "store", with_b=lambda index: True)
    config = small_config()
    config.data.proportions = (1, 3)
    with eagerly():
        training.train(config, tmp_path / "run", [store, other])
    model = loading.load_model(tmp_path / "run")
    assert list(model.tasks) == ["label", "a", "b"]
    row = history(tmp_path / "run")[-1]
    assert np.isfinite(float(row["b_loss"]))
    # Only the first store has a validation split.
    assert "val_accuracy" in row
    assert "val_a_accuracy" not in row


def test_a_task_of_weight_zero_is_not_learned(three_tasks):
    _, kernels = three_tasks
    np.testing.assert_array_equal(*kernels["b"])


def test_without_validation_data_the_best_model_is_the_last(three_tasks):
    workdir, _ = three_tasks
    best, last = (
        loading.load_model(workdir, which).get_weights()
        for which in ("best", "last")
    )
    for first, second in zip(best, last):
        np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "section, field, value, message",
    [
        ("training", "steps_per_epoch", 3, "num_steps must be a multiple"),
        ("training", "num_steps", 0, "num_steps must be a multiple"),
        (
            "training",
            "schedule",
            "linear",
            "'constant', 'cosine' or 'steps'.*'linear'",
        ),
        ("front_end", "sample_rate_hz", 8000, "holds 16000 Hz"),
        ("front_end", "hop_ms", 50.0, "does not make a model.*hop_ms"),
        ("model", "downsampling", "pool", "does not make a model.*one of"),
        ("training", "task_weights", "labl=1", "for the tasks label"),
        ("training", "task_weights", "label=-1", "not 'label=-1'"),
        ("data", "proportions", (1, 2), "2 numbers for 1 data sets"),
        ("data", "proportions", (1, 0), "no room for data.proportions"),
    ],
)
def test_a_config_that_cannot_be_trained_is_reported(
    section, field, value, message, store, tmp_path
):
    config = tiny_config()
    config[section][field] = value
    with pytest.raises(UserError, match=message):
        training.train(config, tmp_path, [store])
