"""One run on one device, on several, and in several processes."""

import csv
import os
import re
import signal
import socket
import subprocess
import sys

import numpy as np
import pytest

from audio_diffstride import backends
from audio_diffstride.backends import sharing
from audio_diffstride.errors import UserError
from audio_diffstride.runs import provenance
from audio_diffstride.training import devices, machines
from tests.support import shared_run
from tests.support.synthetic import tiny_config


@pytest.fixture(scope="module", autouse=True)
def compiled_once(tmp_path_factory):
    """JAX keeps what it compiles: the sizes of one run come again in others."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("compiled")
        patch.setenv("JAX_COMPILATION_CACHE_DIR", str(folder))
        patch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0")
        patch.setenv("JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES", "-1")
        yield


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    """Two data sets, neither with labels for the other's task."""
    folder = tmp_path_factory.mktemp("stores")
    paths = [
        shared_run.write_noise(folder / task, task, classes)
        for task, classes in (("a", 2), ("b", 3))
    ]
    return ",".join(map(str, paths))


def start(stores, workdir, backend, devices, *fields, **environment):
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.support.shared_run"),
            *(stores, str(workdir), devices, *fields),
        ],
        env={**os.environ, "KERAS_BACKEND": backend, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def start_two(stores, workdir, fields=((), ())):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    return [
        start(
            *(stores, workdir, "jax", "1", *fields[index]),
            KERAS_DISTRIBUTION_JOB_ADDRESSES=address,
            KERAS_DISTRIBUTION_NUM_PROCESSES="2",
            KERAS_DISTRIBUTION_PROCESS_ID=str(index),
        )
        for index in range(2)
    ]


def finish(process):
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, output + errors
    return output


def losses(workdir, process=0):
    path = workdir.with_name(f"{workdir.name}-losses-{process}.txt")
    with open(path) as file:
        return np.array([float(line.split()[1]) for line in file])


def strides(workdir):
    with open(workdir / "strides.csv", newline="") as file:
        return np.array(
            [list(map(float, row)) for row in [*csv.reader(file)][1:]]
        )


@pytest.fixture(scope="module")
def alone(stores, tmp_path_factory):
    """The run of one device on JAX."""
    workdir = tmp_path_factory.mktemp("alone") / "run"
    finish(start(stores, workdir, "jax", "1"))
    return workdir


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_devices_share_a_batch_and_change_no_loss(stores, backend, tmp_path):
    if not backends.is_installed(backend):
        pytest.skip(f"{backend} is not installed")
    for count in ("1", "2", "4"):
        finish(start(stores, tmp_path / count, backend, count))
    one = losses(tmp_path / "1")
    assert len(one) == 24 and one[-1] < one[5]
    moved = strides(tmp_path / "1")
    assert np.abs(moved[-1, 1:] - moved[0, 1:]).max() > 0.05
    for count in ("2", "4"):
        np.testing.assert_allclose(losses(tmp_path / count), one, atol=1e-4)
        np.testing.assert_allclose(strides(tmp_path / count), moved, atol=1e-4)


RECIPE = (
    "training.optimizer='adamw'",
    "training.clip_norm=0.5",
    "training.warmup_steps=6",
    "training.ema_momentum=0.8",
    "training.stride_step_ratio=100.0",
)

# Of 20 epochs, one is no better than those before.
STOPPED_EARLY = (
    "training.num_steps=240",
    "training.early_stopping_epochs=1",
    "training.stride_step_ratio=30.0",  # fewer sizes to compile
)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_devices_clip_decay_and_average_as_one_does(stores, backend, tmp_path):
    if not backends.is_installed(backend):
        pytest.skip(f"{backend} is not installed")
    for count in ("1", "2"):
        finish(start(stores, tmp_path / count, backend, count, *RECIPE))
    others = [field for field in RECIPE if "clip_norm" not in field]
    finish(start(stores, tmp_path / "free", backend, "1", *others))
    one, free = losses(tmp_path / "1"), losses(tmp_path / "free")
    np.testing.assert_allclose(losses(tmp_path / "2"), one, atol=1e-4)
    assert np.abs(one - free).max() > 0.01  # the limit was reached
    moved = strides(tmp_path / "1")  # of the average
    np.testing.assert_allclose(strides(tmp_path / "2"), moved, atol=1e-4)
    assert np.abs(moved[-1, 1:] - moved[0, 1:]).max() > 5e-3


@pytest.mark.slow
@pytest.mark.skipif(not backends.is_installed("jax"), reason="needs jax")
def test_two_processes_train_as_one(stores, alone, tmp_path):
    workdir = tmp_path / "run"
    first, second = map(finish, start_two(stores, workdir))
    assert "step 24 of 24" in first
    # Gloo's threads tell of their connections, one within the line of another.
    of_gloo = (
        r"\[Gloo\] Rank|\d+|is connected to|peer ranks\.|"
        "Expected number of connected peer ranks is :"
    )
    assert re.sub(of_gloo, "", second).strip() == ""
    np.testing.assert_allclose(losses(workdir), losses(alone), atol=1e-4)
    np.testing.assert_array_equal(losses(workdir), losses(workdir, 1))
    np.testing.assert_allclose(strides(workdir), strides(alone), atol=1e-4)


AUGMENTED = (
    "augmentation.time_shift_s=0.1",
    "augmentation.mixup=0.4",
    "augmentation.time_mask_ms=60.0",
    "augmentation.frequency_mask_bands=12",
    "training.loss='focal'",
    "training.label_smoothing=0.1",
    "data.balance=0.5",
)


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_devices_and_processes_share_augmented_batches(
    stores, backend, tmp_path
):
    """Mixed windows, soft labels and masks, which are inputs of their own."""
    if not backends.is_installed(backend):
        pytest.skip(f"{backend} is not installed")
    for count in ("1", "2"):
        finish(start(stores, tmp_path / count, backend, count, *AUGMENTED))
    one = losses(tmp_path / "1")
    np.testing.assert_allclose(losses(tmp_path / "2"), one, rtol=1e-4)
    if backend == "jax":
        two = start_two(stores, tmp_path / "two", (AUGMENTED, AUGMENTED))
        for process in two:
            finish(process)
        np.testing.assert_allclose(losses(tmp_path / "two"), one, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(not backends.is_installed("jax"), reason="needs jax")
def test_two_processes_average_and_stop_as_one(stores, tmp_path):
    fields = (*RECIPE, *STOPPED_EARLY)
    finish(start(stores, tmp_path / "one", "jax", "1", *fields))
    for process in start_two(stores, tmp_path / "two", (fields, fields)):
        finish(process)
    ends = [provenance.stopped_early(tmp_path / n) for n in ("one", "two")]
    assert ends[0] == ends[1] is not None
    np.testing.assert_allclose(
        losses(tmp_path / "two"), losses(tmp_path / "one"), atol=1e-4
    )
    np.testing.assert_allclose(
        strides(tmp_path / "two"), strides(tmp_path / "one"), atol=1e-4
    )


@pytest.mark.slow
@pytest.mark.skipif(not backends.is_installed("jax"), reason="needs jax")
@pytest.mark.parametrize("killed", [0, 1])
def test_one_killed_the_other_ends_and_both_go_on(stores, killed, tmp_path):
    expected = tmp_path / "expected"
    for process in start_two(stores, expected):
        finish(process)
    workdir = tmp_path / "run"
    fields = [(), ()]
    fields[killed] = ("die_after=15",)
    processes = start_two(stores, workdir, fields)
    errors = [process.communicate(timeout=120)[1] for process in processes]
    assert processes[killed].returncode == -signal.SIGKILL
    other = 1 - killed
    assert processes[other].returncode not in (0, None)
    sentence = (
        "error: another process of this run has ended; the same command on "
        "all resumes from step 12"
    )
    assert sentence in errors[other]
    if killed == 1:
        assert "Traceback" not in errors[other]
    for process in start_two(stores, workdir):
        finish(process)
    for name in ("history.csv", "strides.csv"):
        assert (workdir / name).read_bytes() == (expected / name).read_bytes()


@pytest.mark.slow
@pytest.mark.parametrize(
    "backend, count, fields",
    [
        ("tensorflow", "2", ()),
        ("jax", "2", ()),
        ("jax", "1", ()),
        ("torch", "1", ()),
        ("tensorflow", "2", RECIPE),
        ("jax", "2", RECIPE),
        ("jax", "1", (*RECIPE, *STOPPED_EARLY)),
        ("torch", "1", (*RECIPE, *STOPPED_EARLY)),
    ],
)
def test_killed_it_goes_on_as_if_it_never_was(
    stores, backend, count, fields, tmp_path
):
    if not backends.is_installed(backend):
        pytest.skip(f"{backend} is not installed")
    expected = finish(
        start(stores, tmp_path / "whole", backend, count, *fields)
    )
    workdir = tmp_path / "killed"
    process = start(stores, workdir, backend, count, *fields, "die_after=15")
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    printed = finish(start(stores, workdir, backend, count, *fields))
    assert "resuming from step 12" in printed
    stops = re.findall("stopped early at step .*", expected)
    assert len(stops) == (set(STOPPED_EARLY) <= set(fields))
    assert re.findall("stopped early at step .*", printed) == stops
    for name in ("history.csv", "strides.csv"):
        whole = (tmp_path / "whole" / name).read_bytes()
        assert (workdir / name).read_bytes() == whole


def asking(count: str, batch_size: int = 8):
    config = tiny_config()
    config.devices = count
    config.training.batch_size = batch_size
    return config


def test_more_devices_than_there_are_is_reported(monkeypatch):
    monkeypatch.setattr(sharing, "local_devices", lambda: ["a", "b"])
    monkeypatch.setattr(backends, "name", lambda: "jax")
    assert devices.count(asking("all")) == 2
    assert devices.count(asking("1")) == 1
    with pytest.raises(UserError, match="devices is 3, but there are 2 in"):
        devices.count(asking("3"))
    with pytest.raises(UserError, match="is 7, which 2 devices cannot share"):
        devices.count(asking("2", batch_size=7))


def test_several_devices_need_a_backend_that_can(monkeypatch):
    monkeypatch.setattr(sharing, "local_devices", lambda: ["a", "b"])
    monkeypatch.setattr(backends, "name", lambda: "torch")
    with pytest.raises(UserError, match="set KERAS_BACKEND=jax"):
        devices.count(asking("2"))
    monkeypatch.setattr(backends, "name", lambda: "tensorflow")
    config = asking("2")
    config.training.jit_compile = True
    with pytest.raises(UserError, match="jit_compile is True, which go"):
        devices.count(config)


@pytest.mark.parametrize(
    "variables, message",
    [
        ({"NUM_PROCESSES": "two"}, "NUM_PROCESSES is 'two'"),
        ({"NUM_PROCESSES": "2", "PROCESS_ID": "2"}, "from 0 to 1"),
        (
            {"NUM_PROCESSES": "2", "PROCESS_ID": "0", "JOB_ADDRESSES": "a"},
            "must begin with HOST:PORT",
        ),
        (
            {"NUM_PROCESSES": "2", "PROCESS_ID": "0", "JOB_ADDRESSES": "a:1"},
            "KERAS_BACKEND is torch, which trains in one",
        ),
    ],
)
def test_variables_that_make_no_run_are_reported(
    variables, message, monkeypatch
):
    monkeypatch.setattr(backends, "name", lambda: "torch")
    for name, value in variables.items():
        monkeypatch.setenv(f"KERAS_DISTRIBUTION_{name}", value)
    with pytest.raises(UserError, match=message):
        machines.join()
