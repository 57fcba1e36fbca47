"""An interrupted run ends bit-identical to an uninterrupted run."""

import dataclasses
import functools
import json
import random
import shutil
import signal

import keras
import numpy as np
import pytest

import audio_diffstride.runs.model_files  # noqa: F401  knows what a model is made of
from audio_diffstride import backends, cutoffs, training
from audio_diffstride.config import architectures
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.evaluation import inference
from audio_diffstride.runs import (
    layout,
    loading,
    provenance,
    stride_history,
)
from audio_diffstride.training import checkpoints, finite
from tests.support import forks
from tests.support.dying_run import (
    CONFIGS,
    recorded_moments,
    three_epochs,
    whole_recipe,
)

DYING = "tests.support.dying_run"
NEVER = 10**6  # a count that no kind of moment reaches


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """The forks; see `tests.support.forks`."""
    with forks.opened(tmp_path_factory.mktemp("logs")) as opened:
        yield opened


@pytest.fixture(scope="module")
def undisturbed(store, tmp_path_factory):
    """A run that nothing interrupts, and its moments."""
    workdir = tmp_path_factory.mktemp("whole")
    with recorded_moments() as moments:
        training.train(three_epochs(), workdir, [store])
    return workdir, moments


@pytest.fixture(scope="module")
def recipe(store, tmp_path_factory):
    """The same of a run with the whole recipe, which stops early."""
    workdir = tmp_path_factory.mktemp("recipe")
    config = whole_recipe(store.path.parent)  # prepares its noise
    with recorded_moments() as moments:
        training.train(config, workdir, [store])
    return workdir, moments


@pytest.fixture(scope="module")
def whole(undisturbed):
    """The work directory of the undisturbed run."""
    return undisturbed[0]


@pytest.fixture(scope="module")
def moments(undisturbed):
    """{kind: the moments at which the undisturbed run could be killed}."""
    return undisturbed[1]


@pytest.fixture(scope="module")
def stopped(store, tmp_path_factory):
    """A run that Ctrl-C stopped after 5 of 6 steps, in its third epoch."""
    workdir = tmp_path_factory.mktemp("stopped")
    steps = iter(range(1, 7))
    after_step = finite.TerminateOnNonFinite.on_train_batch_end

    def stop_after_five(*args, **kwargs):
        if next(steps) == 5:
            signal.raise_signal(signal.SIGINT)
        after_step(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            finite.TerminateOnNonFinite, "on_train_batch_end", stop_after_five
        )
        training.train(three_epochs(), workdir, [store])
    return workdir


def variables(workdir, which):
    """Weights, the optimiser's two moments of each, and its step.

    Where weights are averaged, also those of the training.
    """
    model = keras.saving.load_model(workdir / f"{which}.keras")
    slots = 3 if model.optimizer.use_ema else 2
    moments = slots * len(model.trainable_variables)
    assert len(model.optimizer.variables) == moments + 1
    # Seeds go with checkpoints only; a model that is loaded has new ones.
    every = [*model.weights, *model.optimizer.variables]
    return [np.array(variable) for variable in every]


def scores(workdir, store):
    config = loading.load_config(workdir)
    model = loading.load_model(workdir)
    samples = loading.window_samples(config)
    return inference.evaluate(
        model,
        store.examples("test"),
        samples,
        **loading.evaluation_windows(config),
    )


def outcome(workdir, store):
    """The variables of both models, and the scores of the best one."""
    states = [variables(workdir, which) for which in ("best", "last")]
    return states, scores(workdir, store)


outcome_of_whole = functools.cache(outcome)


def assert_same(workdir, whole, store):
    """Compares every file with a result; there must be no other files."""
    names = [
        {path.name for path in folder.iterdir()} for folder in (workdir, whole)
    ]
    assert names[0] == names[1]
    for name in ("config.json", "stores.json", "history.csv", "strides.csv"):
        assert (workdir / name).read_bytes() == (whole / name).read_bytes()
    for folder in (workdir, whole):
        assert provenance.is_finished(folder)
    assert provenance.stopped_early(workdir) == provenance.stopped_early(whole)
    states, of_test = outcome(workdir, store)
    expected, expected_of_test = outcome_of_whole(whole, store)
    for state, other in zip(states, expected, strict=True):
        for one, another in zip(state, other, strict=True):
            np.testing.assert_array_equal(one, another)
    assert of_test == expected_of_test


def kill(programs, store, workdir, moment, count, config="three_epochs"):
    """Whether a run was killed there; else it has come to its end."""
    words = [store.path, workdir, moment, count, config]
    ended = programs.run(words, program=DYING)
    assert ended.status in (0, -signal.SIGKILL), ended.printed
    return ended.status == -signal.SIGKILL


def test_a_killed_run_ends_as_one_never_killed(
    programs, store, whole, moments, tmp_path, capsys
):
    # The second checkpoint is written, its models and tables are not.
    count = moments["write"].index("step-4.checkpoint") + 1
    assert kill(programs, store, tmp_path, "written", count)
    assert (tmp_path / "checkpoints" / "step-4.checkpoint").exists()
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 2
    training.train(three_epochs(), tmp_path, [store])
    printed = capsys.readouterr().out
    assert "resuming from step 4 of 6" in printed
    assert "Epoch 3/3" in printed and "Epoch 2/3" not in printed
    assert "step 6 of 6, 0 s left" in printed
    assert_same(tmp_path, whole, store)
    run = json.loads((tmp_path / "run.json").read_text())
    assert [start["step"] for start in run["starts"]] == [0, 4]


@pytest.mark.slow
@pytest.mark.parametrize("step", [4, 6])
def test_a_killed_run_of_the_whole_recipe_stops_where_it_would_have(
    step, programs, store, recipe, tmp_path, capsys
):
    expected, moments = recipe
    count = moments["write"].index(f"step-{step}.checkpoint") + 1
    assert kill(programs, store, tmp_path, "written", count, "whole_recipe")
    training.train(whole_recipe(store.path.parent), tmp_path, [store])
    printed = capsys.readouterr().out
    assert f"resuming from step {step} of 16" in printed
    assert "stopped early at step 6 of 16" in printed
    assert ("Epoch" in printed) == (step < 6)
    assert_same(tmp_path, expected, store)
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["finished"] and run["stopped_early"] == 6


def test_ctrl_c_keeps_the_short_epochs_model_and_repeats_the_epoch(
    store, stopped, whole, tmp_path, capsys
):
    last = keras.saving.load_model(stopped / "last.keras")
    assert int(last.optimizer.iterations) == 5
    rows = (stopped / "strides.csv").read_text().splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["0", "2", "4", "5"]
    shutil.copytree(stopped, tmp_path / "run")
    training.train(three_epochs(), tmp_path / "run", [store])
    assert "resuming from step 4 of 6" in capsys.readouterr().out
    assert_same(tmp_path / "run", whole, store)


def test_the_folding_is_recorded_beside_the_strides(whole):
    from tensorboard.backend.event_processing import event_accumulator

    shares = stride_history.read_folding(whole)
    assert set(shares) == {"step", "block1_time", "block1_frequency"}
    assert set(stride_history.read(whole)) == set(shares)
    last = cutoffs.foldings(loading.load_model(whole, "last"))
    for name, value in last.items():
        assert shares[name][0] == 0.5 and shares[name][-1] == value != 0.5
    events = event_accumulator.EventAccumulator(
        str(whole / "tensorboard" / "train"), size_guidance={"scalars": 0}
    )
    (*_, point) = events.Reload().Scalars("epoch_folding/block1_time")
    assert point.value == pytest.approx(last["block1_time"])


def test_a_finished_run_is_left_alone(store, whole, capsys):
    def files():
        return {p: p.stat().st_mtime_ns for p in whole.rglob("*.*")}

    before = files()
    training.train(three_epochs(), whole, [store])
    assert "has finished already; --overwrite" in capsys.readouterr().out
    assert files() == before


@pytest.mark.slow
def test_what_training_draws_at_random_goes_on_too(
    store, tmp_path, monkeypatch
):
    """EfficientNet's drop-connect and dropout, in a network of two stages."""
    monkeypatch.setitem(
        architectures.ARCHITECTURES,
        "efficientnet_b0",
        dataclasses.replace(
            architectures.ARCHITECTURES["efficientnet_b0"],
            strides=((2, 2), (1, 1)),
            arguments={
                "stages": ((3, 3, 1, 4), (2, 3, 2, 6)),
                "drop_connect": 0.8,
            },
        ),
    )
    config = three_epochs()
    config.model.encoder = "efficientnet_b0"
    config.model.channels = config.model.strides = ()
    assert_resumes_as_never_stopped(config, store, tmp_path)


def assert_resumes_as_never_stopped(config, store, tmp_path):
    """Stops a run after 4 of 6 steps, and resumes it."""
    training.train(config, tmp_path / "whole", [store])
    with pytest.MonkeyPatch.context() as patch:
        stop = iter([False, False, False, True])
        after_step = finite.TerminateOnNonFinite.on_train_batch_end

        def stop_after_four(*args, **kwargs):
            if next(stop):
                signal.raise_signal(signal.SIGINT)
            after_step(*args, **kwargs)

        patch.setattr(
            finite.TerminateOnNonFinite, "on_train_batch_end", stop_after_four
        )
        training.train(config, tmp_path / "run", [store])
    training.train(config, tmp_path / "run", [store])
    start = json.loads((tmp_path / "run" / "run.json").read_text())["starts"]
    assert [each["step"] for each in start] == [0, 4]
    assert_same(tmp_path / "run", tmp_path / "whole", store)


@pytest.mark.slow
def test_overwriting_begins_anew(store, stopped, whole, tmp_path, capsys):
    shutil.copytree(stopped, tmp_path / "run")
    training.train(three_epochs(), tmp_path / "run", [store], overwrite=True)
    assert "resuming" not in capsys.readouterr().out
    assert_same(tmp_path / "run", whole, store)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.006, 0.03, 0.12, 0.4, 0.75])
def test_a_full_disk_is_one_sentence_and_costs_an_epoch_at_most(
    share, programs, store, whole, tmp_path
):
    """No file can be larger than a share of the largest file, the model."""
    limit_bytes = int(share * (whole / "last.keras").stat().st_size)
    words = [store.path, tmp_path, "written", NEVER]
    sentence = programs.run(
        words, program=DYING, file_bytes=limit_bytes
    ).sentence
    assert "cannot be written: " in sentence and "too large" in sentence
    assert not list(tmp_path.rglob(".*partial*"))
    training.train(three_epochs(), tmp_path, [store])
    assert_same(tmp_path, whole, store)


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["truncated", "one bit", "both"])
def test_a_damaged_checkpoint_is_reported_and_the_one_before_used(
    damage, store, stopped, whole, tmp_path, capsys
):
    workdir = tmp_path / "run"
    shutil.copytree(stopped, workdir)
    for step in (4, 2) if damage == "both" else (4,):
        path = workdir / "checkpoints" / f"step-{step}.checkpoint"
        content = bytearray(path.read_bytes())
        if damage == "truncated":
            del content[len(content) // 2 :]
        else:
            content[-1] ^= 1
        path.write_bytes(content)
    training.train(three_epochs(), workdir, [store])
    printed = capsys.readouterr().out
    assert "step-4.checkpoint is damaged" in printed
    step = 0 if damage == "both" else 2
    assert f"resuming from step {step} of 6" in printed
    assert_same(workdir, whole, store)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["step", "validation", "write", "written"])
@pytest.mark.parametrize("config", CONFIGS)
def test_a_run_survives_a_kill_at_every_moment(
    kind, config, programs, undisturbed, recipe, store, tmp_path
):
    """The moments are those of the undisturbed run."""
    whole, moments = undisturbed if config == "three_epochs" else recipe
    writes = moments["write"]
    counts = range(1, len(moments.get(kind, writes)) + 1)
    assert len(counts) >= 3
    if kind == "written":  # a half-written next file covers all others
        counts = [
            count
            for count in counts
            if count >= len(writes) - 1
            or writes[count - 1].endswith(".checkpoint")
        ]
        assert len(counts) == 5
    for count in counts:
        workdir = tmp_path / str(count)
        assert kill(programs, store, workdir, kind, count, config), count
        training.train(CONFIGS[config](store.path.parent), workdir, [store])
        assert_same(workdir, whole, store)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_the_whole_recipe_resumes_on_every_backend(
    backend, store, recipe, tmp_path, monkeypatch
):
    if not backends.is_installed(backend):
        pytest.skip(f"{backend} is not installed")
    count = recipe[1]["write"].index("step-4.checkpoint") + 1
    whole, run = tmp_path / "whole", tmp_path / "run"
    monkeypatch.setenv("KERAS_BACKEND", backend)  # of the forks
    with forks.opened(tmp_path) as programs:
        of_recipe = functools.partial(
            kill, programs, store, config="whole_recipe"
        )
        assert not of_recipe(whole, "written", NEVER)
        assert of_recipe(run, "written", count)
        assert not of_recipe(run, "written", NEVER)
    starts = json.loads((run / "run.json").read_text())["starts"]
    assert [(s["step"], s["backend"]) for s in starts] == [
        (0, backend),
        (4, backend),
    ]
    assert_same(run, whole, store)


@pytest.mark.slow
def test_the_whole_recipe_resumes_within_an_epoch(store, recipe, tmp_path):
    config = whole_recipe(store.path.parent)
    assert_resumes_as_never_stopped(config, store, tmp_path)
    assert_same(tmp_path / "run", recipe[0], store)


@pytest.mark.slow
def test_a_run_survives_kills_at_any_time(programs, store, tmp_path):
    """By the command, killed again and again from outside."""

    def words(workdir):
        return [
            *("train", "--data", store.path.parents[1] / "own"),
            f"--config.data.store_dir={tmp_path / 'stores'}",
            "--config.window_s=0.4",
            "--config.model.width=1.0",
            "--config.model.channels=(4, 4)",
            "--config.model.strides=((2, 2), (2, 2))",
            "--config.training.num_steps=60",
            "--config.training.steps_per_epoch=3",
            "--config.training.batch_size=8",
            f"--workdir={workdir}",
        ]

    rng = random.Random(0)
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    ended = programs.run(words(whole))
    assert ended.status == 0, ended.printed
    # At first it seldom gets through an epoch.
    kills, step, wait_s = 0, 0, ended.seconds / 3
    while not _finished(killed):
        disturb = forks.kill_after(wait_s * rng.random())
        ended = programs.run(words(killed), disturb)
        assert ended.status in (0, -signal.SIGKILL), ended.printed
        kills += ended.status == -signal.SIGKILL
        before, step = (
            step,
            checkpoints.latest_step(killed / layout.CHECKPOINTS),
        )
        wait_s *= 1.2 if step == before else 1.0
    print(f"{kills} kills survived")
    assert kills >= 3
    (entry,) = json.loads((whole / "stores.json").read_text())
    assert_same(killed, whole, ClipStore(entry["path"]))


def _finished(workdir):
    path = workdir / "run.json"
    return path.exists() and json.loads(path.read_text())["finished"]
