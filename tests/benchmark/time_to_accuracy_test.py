"""The time to a score is that of the trainings that users start."""

import csv
import json
import re
import types

import numpy as np
import pytest

from audio_diffstride import training
from audio_diffstride.__main__ import call, parse
from audio_diffstride.benchmark import (
    accuracy_trainings,
    score_curve,
    time_to_accuracy,
)
from audio_diffstride.benchmark.score_curve import Point, ScoreCurve
from audio_diffstride.errors import UserError
from tests.support.eager import eagerly
from tests.support.synthetic import tiny_config, write_folder


def of_steps(scores, every=25):
    return [
        Point(every * n, 2.0 * n, 1.5 * n, score)
        for n, score in enumerate(scores, start=1)
    ]


def test_the_curve_is_that_of_a_run(store, tmp_path):
    config = tiny_config(downsampling="diffstride")
    config.training.ema_momentum = 0.5
    with eagerly():
        curve = score_curve.measure(config, [store], "validation")
        training.train(config, tmp_path / "run", [store])
    with open(tmp_path / "run" / "history.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [p.step for p in curve.points] == [2, 4]
    for point, row in zip(curve.points, rows, strict=True):
        assert point.score == float(row["val_accuracy"])
    assert 0 < curve.first_step_s <= curve.points[0].seconds
    assert curve.points[0].seconds < curve.points[1].seconds


def test_scoring_takes_no_time(store, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(score_curve.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(score_curve.time, "process_time", lambda: 2 * clock[0])
    monkeypatch.setattr(score_curve.devices, "wait", lambda logs: None)

    def score(curve):
        clock[0] += 100
        return 0.5

    monkeypatch.setattr(ScoreCurve, "_score", score)
    curve = ScoreCurve(tiny_config(), [store], "test")
    curve.on_train_begin()
    for epoch, steps_s in enumerate([(3, 1), (4, 5)]):
        for batch, took_s in enumerate(steps_s):
            clock[0] += took_s
            curve.on_train_batch_end(batch)
        curve.on_epoch_end(epoch)
    assert curve.first_step_s == 3
    assert curve.points == [Point(2, 4, 8, 0.5), Point(4, 13, 26, 0.5)]


@pytest.mark.parametrize(("text", "sign"), [("accuracy", 1), ("loss", -1)])
def test_a_target_is_reached_by_the_first_score_that_is_as_good(
    store, text, sign
):
    config = tiny_config()
    config.training.monitor = text
    curve = ScoreCurve(config, [store], "test")
    rng = np.random.default_rng(0)
    for _ in range(200):
        scores = sign * rng.integers(0, 6, 5)
        target = sign * int(rng.integers(0, 7))
        curve.points = of_steps(scores)
        found = curve.first_to_reach(target)
        as_good = np.flatnonzero(sign * scores >= sign * target)
        assert (found and found.step) == (
            25 * (as_good[0] + 1) if len(as_good) else None
        )


def test_a_training_ends_at_the_target_if_asked(store, monkeypatch):
    scores = iter([0.3, 0.6, 0.9])
    monkeypatch.setattr(ScoreCurve, "_score", lambda curve: next(scores))
    curve = ScoreCurve(tiny_config(), [store], "test", target=0.6)
    model = types.SimpleNamespace(stop_training=False)
    curve.set_model(model)
    curve.on_train_begin()
    curve.on_epoch_end(0)
    assert not model.stop_training
    curve.on_epoch_end(1)
    assert model.stop_training


def fake_measure(points_of):
    """Curves without training, by arm, setting and seed."""

    def measure(config, stores, split, target):
        curve = ScoreCurve(config, stores, split)
        key = config.training.learning_rate, config.seed
        curve.points = of_steps(points_of[key])
        curve.first_step_s = 1.0
        return curve

    return measure


def test_settings_are_compared_by_medians_over_the_seeds(
    store, monkeypatch, capsys, tmp_path
):
    points_of = {
        (0.001, 0): [0.1, 0.2, 0.3, 0.9],
        (0.001, 1): [0.1, 0.2, 0.9, 0.9],
        (0.001, 2): [0.1, 0.2, 0.3, 0.4],  # not at all: the longest
        (0.004, 0): [0.1, 0.9, 0.9, 0.9],
        (0.004, 1): [0.1, 0.9, 0.9, 0.8],
        (0.004, 2): [0.9, 0.9, 0.9, 0.8],
    }
    monkeypatch.setattr(score_curve, "measure", fake_measure(points_of))
    monkeypatch.setattr(
        accuracy_trainings.sources, "open_stores", lambda config: [store]
    )
    output = tmp_path / "numbers.json"
    call(
        "benchmark",
        "--parts time_to_accuracy --data own --arms folding --target 0.8 "
        "--seeds 3 --every 25 "
        "--set training.num_steps=100 "
        "--setting fast:training.learning_rate=0.004 --output".split()
        + [str(output)],
    )
    before, fast = (
        line.split()
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("folding")
    )
    assert before[1:10] == "before 2 of 3 100 8.0 1.00 x 6.0".split()
    assert fast[1:10] == "fast 3 of 3 50 4.0 0.50 x 3.0".split()
    rows = json.loads(output.read_text())["time_to_accuracy"]
    assert [row["steps"] for row in rows] == [100, 50, 75, 50, None, 25]
    assert rows[1]["fields"] == {"training.learning_rate": 0.004}
    assert rows[1]["curve"][1] == {
        "step": 50,
        "seconds": 4.0,
        "cpu_s": 3.0,
        "score": 0.9,
    }


def test_a_training_that_diverges_is_a_row_without_scores(store, capsys):
    config = tiny_config(downsampling="strided_conv")
    config.training.optimizer = "sgd"
    config.training.learning_rate = 1.0
    config.training.weight_decay = 1.0
    config.training.momentum = 0.999
    config.training.num_steps, config.training.steps_per_epoch = 200, 200
    curve = score_curve.measure(config, [store], "test")
    assert "note: the loss is" in capsys.readouterr().out
    row = time_to_accuracy._row(
        types.SimpleNamespace(
            arm="folding", setting="x", fields={}, config=config
        ),
        curve,
        0.5,
    )
    assert row["steps"] is row["last_score"] is None


def test_a_setting_is_compared_with_the_recipe_of_the_same_seed(tmp_path):
    write_folder(tmp_path / "own", seconds=0.5)
    args = parse(
        "benchmark",
        f"--data {tmp_path}/own --set data.store_dir={tmp_path}/stores "
        "training.num_steps=600 --seeds 2 --arms strided_conv,inside "
        "--every 50 --setting a:training.schedule=steps,"
        "training.schedule_boundaries=(0.5,0.7),training.learning_rate=0.01".split(),
    )
    trainings = accuracy_trainings.read(args)
    named = [(t.arm, t.config.seed, t.setting) for t in trainings]
    assert named == [
        (arm, seed, setting)
        for arm in ("strided_conv", "inside")
        for seed in (0, 1)
        for setting in ("before", "a")
    ]
    before, other = (t.config.to_dict() for t in trainings[:2])
    assert other["training"].pop("schedule_boundaries") == (0.5, 0.7)
    changed = {
        name: value
        for name, value in other["training"].items()
        if value != before["training"][name]
    }
    assert changed == {"schedule": "steps", "learning_rate": 0.01}
    assert before["training"]["steps_per_epoch"] == 50
    assert other["model"] == before["model"]


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        ("--setting fast", "--setting 'fast' must be like"),
        ("--setting before:seed=1", "the name before is taken"),
        ("--setting a:training.lerning_rate=1", "training.lerning_rate"),
        ("--setting a:seed=1", "seed is swept by --seeds"),
        ("--setting a:window_s=-1", "--setting a: window_s is -1"),
        ("--setting a:window_s=1 --set window_s=1", "is what --set sets"),
        ("--set training.steps_per_epoch=1", "is what --every sets"),
        ("--set model.folding=1 --arms folding", "is what the arm 'folding'"),
        ("--every 0", "--every must be 1 or more"),
        ("--every 7", "must be a multiple"),
        ("--target x", "--target"),
        ("--arms slice", "there is no arm 'slice'"),
        ("--split validation", "no validation recordings to score on"),
    ],
)
def test_wrong_flags_are_reported_before_any_training(
    flags, told, store, monkeypatch
):
    empty = types.SimpleNamespace(
        num_examples={"train": 9, "test": 9}, tasks={}
    )
    monkeypatch.setattr(
        accuracy_trainings.sources, "open_stores", lambda config: [empty]
    )
    monkeypatch.setattr(
        accuracy_trainings.batches, "check_stores", lambda config, stores: None
    )
    with pytest.raises(UserError, match=re.escape(told)):
        call(
            "benchmark",
            f"--parts time_to_accuracy --data own {flags}".split(),
        )
