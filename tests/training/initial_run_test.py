"""A run that starts from a trained run: what it has of it, and what moves."""

import contextlib
import json
import shutil

import keras
import numpy as np
import pytest

from audio_diffstride import training
from audio_diffstride.config import config_checks, config_files
from audio_diffstride.errors import UserError
from audio_diffstride.optimization.optimizers import StrideAdam
from audio_diffstride.runs import loading, provenance
from audio_diffstride.training import finite
from tests.support.eager import eagerly
from tests.support.synthetic import tiny_config, write_store


@pytest.fixture(scope="module")
def run(store, tmp_path_factory):
    """A run on two classes of sine tones."""
    workdir = tmp_path_factory.mktemp("initial")
    with eagerly():
        training.train(small(), workdir, [store])
    return workdir


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """Recordings of other tasks."""
    return write_store(tmp_path_factory.mktemp("others") / "store")


def small(**fine_tuning):
    config = tiny_config(folding=0.5, learn_folding=True)
    config.fine_tuning.update(fine_tuning)
    return config


def by_path(model):
    """{path of a weight in the encoder, from there: its value}."""
    return {
        v.path.partition("encoder/")[2]: np.array(v)
        for v in model.encoder.weights
    }


def moved(before, after):
    """The paths of weights that changed."""
    return {p for p in before if np.any(before[p] != after[p])}


def test_it_starts_from_the_best_model(run, others, tmp_path):
    started = []
    begin = finite.TerminateOnNonFinite.on_train_begin

    def record(callback, *args, **kwargs):
        started.append(by_path(callback.model))
        begin(callback, *args, **kwargs)

    with eagerly(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(finite.TerminateOnNonFinite, "on_train_begin", record)
        training.train(small(run=str(run)), tmp_path / "b", [others])
    initial = by_path(loading.load_model(run))
    assert started[0].keys() == initial.keys() and not moved(
        initial, started[0]
    )
    tuned = loading.load_model(tmp_path / "b", "last")
    assert [*tuned.tasks] == ["a", "b"]
    assert moved(initial, by_path(tuned)) == {*initial}


@pytest.mark.parametrize(
    "frozen, names, context",
    [
        ("encoder", ["block1", "block2"], eagerly),
        ("1", ["block1"], contextlib.nullcontext),  # with a graph
    ],
)
def test_what_is_frozen_keeps_weights_strides_and_statistics(
    run, others, tmp_path, frozen, names, context
):
    config = small(run=str(run), frozen=frozen)
    with context():
        training.train(config, tmp_path / "b", [others])
    initial = by_path(loading.load_model(run))
    tuned = by_path(loading.load_model(tmp_path / "b", "last"))
    kept = {p for p in initial if any(f"{name}/" in p for name in names)}
    assert {p.split("/")[-1] for p in kept} >= {
        "kernel", "strides", "folding", "moving_mean"
    }  # fmt: skip
    assert moved(initial, tuned) == {*initial} - kept


@pytest.mark.slow
def test_a_killed_run_does_not_need_the_same_start_again(
    run, others, tmp_path, capsys
):
    """It resumes to the bits of a run that nothing stopped."""
    config = small(run=str(run), frozen="1", first_block_step_ratio=0.5)
    training.train(config, tmp_path / "whole", [others])
    fail = finite.TerminateOnNonFinite.on_train_batch_end
    steps = iter(range(1, 9))

    def die(*args, **kwargs):
        if next(steps) == 4:
            raise KeyboardInterrupt
        fail(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finite.TerminateOnNonFinite, "on_train_batch_end", die)
        with pytest.raises(KeyboardInterrupt):
            training.train(config, tmp_path / "killed", [others])
    training.train(config, tmp_path / "killed", [others])
    assert "resuming from step 2 of 4" in capsys.readouterr().out
    states = [
        loading.load_model(tmp_path / name, "last").get_weights()
        for name in ("whole", "killed")
    ]
    for one, other in zip(*states, strict=True):
        np.testing.assert_array_equal(one, other)


def test_another_initial_model_is_refused(run, others, tmp_path):
    copy = shutil.copytree(run, tmp_path / "copy")
    config = small(run=str(copy))
    config.training.num_steps = 2
    with eagerly():
        training.train(config, tmp_path / "b", [others])
    data = json.loads((tmp_path / "b" / "run.json").read_text())["data"]
    assert data[-1]["name"] == f"the model of {copy}"
    shutil.copy(copy / "last.keras", copy / "best.keras")
    with open(copy / "best.keras", "ab") as file:
        file.write(b"\0")
    with pytest.raises(UserError, match="the model of .* has changed since"):
        training.train(config, tmp_path / "b", [others])
    (copy / "best.keras").unlink()
    with pytest.raises(UserError, match="has no best.keras"):
        training.train(config, tmp_path / "b", [others])


def refusal(config, others, tmp_path):
    with pytest.raises(UserError) as error:
        training.train(config, tmp_path / "b", [others])
    assert not (tmp_path / "b").exists()
    sentence = str(error.value)
    assert "\n" not in sentence
    return sentence


def test_what_does_not_fit_has_a_sentence(run, others, tmp_path):
    config = small(run=str(run))
    config.front_end.num_bands = 32
    assert "has front_end.num_bands = 64, and now it is 32" in refusal(
        config, others, tmp_path
    )
    config = small(run=str(run))
    config.model.channels = (4, 9)
    assert "has model.channels = (4, 8)" in refusal(config, others, tmp_path)
    assert "the network has 2 blocks" in refusal(
        small(run=str(run), frozen="3"), others, tmp_path
    )
    assert "is not the folder of a run: it has no config.json" in refusal(
        small(run=str(tmp_path / "none")), others, tmp_path
    )


@pytest.mark.parametrize(
    "field", [{"frozen": "1"}, {"first_block_step_ratio": 0.5}]
)
def test_without_a_run_to_start_from_there_is_nothing_to_tune(field):
    with pytest.raises(UserError, match="give --from, or leave them out"):
        config_checks.check(small(**field))


def test_flags_take_input_network_and_windows_of_the_run(run, tmp_path):
    given = {"fine_tuning.run": str(run), "data.path": "x"}
    config = config_files.with_values("recordings:small", given, "the flags")
    assert tuple(config.model.channels) == (4, 8)
    assert config.model.learn_folding and config.window_s == 0.4
    assert config.training.num_steps == 1_500  # of the recipe
    given["window_s"] = 2.0
    config = config_files.with_values("recordings:small", given, "the flags")
    assert config.window_s == 2.0
    given["fine_tuning.run"] = str(tmp_path)
    with pytest.raises(UserError, match="it has no config.json"):
        config_files.with_values("recordings:small", given, "the flags")


def test_steps_grow_from_the_first_block_to_the_heads():
    """SGD's step is the gradient times the rate, so the ratio can be seen."""
    from audio_diffstride.training.model import build_model, compile_model

    def rate(ratio):
        """{path of a weight: how far a gradient of 1 moves it}."""
        config = small(first_block_step_ratio=ratio)
        config.training.update(optimizer="sgd", momentum=0.0)
        model = build_model(config, {"a": ["x", "y"]})
        compile_model(model, config)
        weights = model.trainable_variables
        before = [np.array(v) for v in weights]
        model.optimizer.apply(
            [keras.ops.ones(v.shape) for v in weights], weights
        )
        return {
            v.path.partition("/")[2]: float(np.max(old - np.array(v)))
            for v, old in zip(weights, before)
            if v.name not in ("strides", "folding")  # of other steps
        }

    whole, tuned = rate(1.0), rate(0.25)
    places = {"block1": 0.25, "block2": 0.5, "head": 1.0}
    for place, expected in places.items():
        paths = [path for path in whole if place in path]
        assert paths
        for path in paths:
            ratio = tuned[path] / whole[path]
            assert ratio == pytest.approx(expected, rel=1e-2), path


def test_an_optimizer_keeps_its_ratios():
    optimizer = StrideAdam(layer_step_ratios={"encoder/block1": 0.1})
    copy = StrideAdam.from_config(optimizer.get_config())
    assert copy.layer_step_ratios == {"encoder/block1": 0.1}


def test_a_run_from_random_weights_notes_no_model(run):
    names = [entry["name"] for entry in provenance.read(run)["data"]]
    assert not any("model" in name for name in names)


@pytest.mark.parametrize("name", ["time_frequency", "waveform"])
def test_every_layer_of_the_encoder_belongs_to_one_block(name):
    from audio_diffstride.training.model import build_model

    config = config_files.load(
        "recordings:small", {"model.encoder": name, "data.path": "x"}
    )
    encoder = build_model(config, {"a": ["x", "y"]}).encoder
    layers = [layer for block in encoder.layers_by_block() for layer in block]
    found = [v.path for layer in layers for v in layer.weights]
    assert len({*found}) == len(found)
    assert {*found} == {v.path for v in encoder.weights}
