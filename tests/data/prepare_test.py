"""From archives through TFDS to clip stores, and on to every config."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
import types

import numpy as np
import pytest
import soundfile

from audio_diffstride import training
from audio_diffstride.__main__ import call
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.errors import UserError
from audio_diffstride.evaluation import inference
from audio_diffstride.recordings import sources as recording_sources
from audio_diffstride.runs import loading
from data import catalogue, contents, prepare, sources
from data.dataset import SplitRule
from data.store_filling import choose_split
from tests.support.whole_archives import WRITERS

CONFIGS = {
    "speech_commands": ["word"],
    "nsynth_instrument": ["instrument"],
    "nsynth_pitch": ["pitch"],
    "birdsong": ["bird"],
    "acoustic_scenes": ["scene"],
    "multitask": ["word", "instrument", "pitch", "bird", "scene"],
}
ALONE = [name for name in CONFIGS if name != "multitask"]


def open_stores(config):
    """What train.py opens."""
    return recording_sources.open_stores(config, sources.open_named)


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """{data set: folder with its archives}."""
    folders = {}
    for name, write in WRITERS.items():
        folders[name] = tmp_path_factory.mktemp(name)
        write(folders[name])
    return folders


@pytest.fixture(scope="module")
def store_dir(archives, tmp_path_factory):
    """Stores of every data set under every one of its split rules."""
    folder = tmp_path_factory.mktemp("stores")
    for name, manual_dir in archives.items():
        for split_name in catalogue.find(name).splits:
            prepare.prepare(name, split_name, folder, str(manual_dir))
    return folder


@pytest.mark.parametrize(
    "name, split_name, expected",
    [
        ("speech_commands35", "official", 80),
        ("speech_commands35", "paper", 80),
        ("nsynth_notes", "official", 144),
        ("nsynth_notes", "paper", 120),
        ("tut_urban2018", "official", 40),
        ("tut_urban2018", "paper", 40),
        ("dcase2018_birds", "paper", 48),
    ],
)
def test_every_recording_is_in_one_split(name, split_name, expected, store_dir):
    store = ClipStore(prepare.store_path(name, split_name, store_dir))
    assert sum(store.num_examples.values()) == expected
    assert store.split_name == split_name
    files = [
        file
        for split in store.num_examples
        for file in store.examples(split).files
    ]
    assert len(set(files)) == expected
    assert store.num_examples["train"] > store.num_examples["test"] > 0


def test_the_papers_nsynth_test_set_is_the_official_validation_set(store_dir):
    files = {
        split_name: ClipStore(
            prepare.store_path("nsynth_notes", split_name, store_dir)
        )
        for split_name in ("official", "paper")
    }
    test = set(files["paper"].examples("test").files)
    assert test == set(files["official"].examples("validation").files)


@pytest.mark.parametrize(
    "name, split_name",
    [("nsynth_notes", "paper"), ("tut_urban2018", "official")],
)
def test_validation_groups_are_unseen_in_training(name, split_name, store_dir):
    store = ClipStore(prepare.store_path(name, split_name, store_dir))
    groups = {
        split: set(store.examples(split).groups)
        for split in ("train", "validation", "test")
    }
    assert "" not in groups["validation"]
    assert groups["train"].isdisjoint(groups["validation"])
    assert groups["train"].isdisjoint(groups["test"])


def test_samples_in_the_store_are_the_archives(archives, store_dir, tmp_path):
    import tarfile

    store = ClipStore(
        prepare.store_path("speech_commands35", "official", store_dir)
    )
    clips = store.examples("train")
    (path,) = archives["speech_commands35"].iterdir()
    with tarfile.open(path) as archive:
        for index, file in enumerate(clips.files[:5]):
            content = archive.extractfile(f"./{file}")
            samples, _ = soundfile.read(content, dtype="int16")
            np.testing.assert_array_equal(clips[index], samples)


# The first one trains on the data of all the others.
@pytest.mark.parametrize(
    "name",
    [
        "multitask",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ALONE),
    ],
)
def test_every_config_trains_evaluates_and_reports(name, store_dir, tmp_path):
    config = importlib.import_module(f"configs.{name}").get_config("small")
    config.data.store_dir = str(store_dir)
    config.model.channels = (2,)
    config.model.strides = ((2, 2),)
    config.training.num_steps = config.training.steps_per_epoch = 2
    config.training.batch_size = 8
    stores = open_stores(config)
    training.train(config, tmp_path, stores)
    model = loading.load_model(tmp_path)
    assert list(model.tasks) == CONFIGS[name]
    scored = [
        task
        for store in stores
        for task in inference.evaluate(model, store.examples("test"), 16000)
    ]
    assert scored == CONFIGS[name]
    call("cutoffs", ["--workdir", str(tmp_path)])


def test_kept_when_it_is_the_same_and_made_anew_when_not(archives, tmp_path):
    folder = str(archives["dcase2018_birds"])
    first = prepare.prepare("dcase2018_birds", "", tmp_path, folder)
    made = os.stat(first.path / "store.json").st_mtime_ns
    prepare.prepare("dcase2018_birds", "", tmp_path, folder)
    assert os.stat(first.path / "store.json").st_mtime_ns == made
    few = prepare.prepare("dcase2018_birds", "", tmp_path, folder, 5)
    assert few.path == first.path
    assert sum(few.num_examples.values()) == 5


@pytest.mark.slow
def test_killed_at_any_moment_it_completes_when_started_again(
    archives, store_dir, tmp_path
):
    command = [sys.executable, "-m", "data.prepare"]
    command += ["--dataset", "speech_commands35", "--store_dir", tmp_path]
    command += ["--manual_dir", archives["speech_commands35"]]
    path = prepare.store_path("speech_commands35", "official", tmp_path)
    for tenths in range(5, 60, 4):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(tenths / 10)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if (path / "store.json").exists():
            break
    subprocess.run(command, check=True, capture_output=True)
    whole = prepare.store_path("speech_commands35", "official", store_dir)
    for name in ("train.pcm", "train.csv", "test.pcm", "validation.csv"):
        assert (path / name).read_bytes() == (whole / name).read_bytes()


def test_what_is_not_prepared_is_told_with_the_command(tmp_path):
    config = importlib.import_module("configs.nsynth_pitch").get_config()
    config.data.store_dir = str(tmp_path)
    message = "run `python -m data.prepare --dataset nsynth_notes --split paper"
    with pytest.raises(UserError, match=message):
        open_stores(config)


def test_mistakes_are_told(tmp_path, archives):
    with pytest.raises(UserError, match="nowhere cannot be read: No such"):
        prepare.prepare("tut_urban2018", "", tmp_path, "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="empty is empty; put the archives"):
        prepare.prepare("tut_urban2018", "", tmp_path, tmp_path / "empty")
    with pytest.raises(UserError, match="no 'official' split; it has paper"):
        prepare.prepare("dcase2018_birds", "official", tmp_path)
    with pytest.raises(UserError, match="'songs' is not a data set.*tones"):
        prepare.prepare("songs")
    with pytest.raises(UserError, match="must hold one file.*speech_commands"):
        folder = archives["nsynth_notes"]
        prepare.prepare("speech_commands35", "", tmp_path, folder)


def test_a_disk_that_is_too_full_is_told_before_the_download(
    tmp_path, monkeypatch
):
    import shutil

    monkeypatch.setattr(
        shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(9, 9, 9)
    )
    with pytest.raises(UserError, match="2.4 GB to download.*0.0 GB free"):
        prepare.prepare("speech_commands35", "", tmp_path)


def test_offline_it_fails_at_once_with_what_to_do(tmp_path, monkeypatch):
    import requests

    def no_network(*args, **kwargs):
        raise requests.exceptions.ConnectionError("no network")

    monkeypatch.setattr(requests.Session, "send", no_network)
    with pytest.raises(UserError, match="cannot be downloaded.*--manual_dir"):
        prepare.prepare("spoken_digit", "", tmp_path)


def test_a_share_by_hash_is_that_share_and_stays():
    rule = SplitRule({}, {"test": 0.1, "validation": 0.2})
    names = [f"clip {number}" for number in range(20000)]
    parts = [choose_split(rule, "train", name) for name in names]
    assert parts.count("test") / 20000 == pytest.approx(0.1, abs=0.01)
    assert parts.count("validation") / 20000 == pytest.approx(0.2, abs=0.01)
    assert parts == [choose_split(rule, "train", name) for name in names]
    assert choose_split(rule, "test", names[0]) == "test"


def test_samples_of_any_tfds_kind_come_out_as_16_bit():
    half = np.full(800, 0.5)
    as_int64 = (half * 32768).astype("int64")
    at_16_khz, at_8_khz = (
        types.SimpleNamespace(sample_rate=hz) for hz in (16000, 8000)
    )
    convert = contents.SoundContent().convert
    for samples in (as_int64, half.astype("float32")):
        converted = convert(samples, at_16_khz, "a.wav")
        np.testing.assert_array_equal(converted, np.full(800, 16384))
    assert len(convert(as_int64, at_8_khz, "a.wav")) == 1600


@pytest.mark.slow
def test_a_run_names_its_data_and_its_split(store_dir, tmp_path):
    workdir = tmp_path / "run"
    common = [
        f"--config.data.store_dir={store_dir}",
        "--config.model.channels=(2, 4)",
        "--config.model.strides=((2, 2), (2, 2))",
        "--config.training.num_steps=2",
        "--config.training.steps_per_epoch=2",
        "--config.training.batch_size=8",
        f"--workdir={workdir}",
    ]
    for command in (
        ["train.py", "--config=configs/multitask.py:small", *common],
        ["evaluate.py", f"--workdir={workdir}"],
    ):
        subprocess.run([sys.executable, *command], check=True)
    result = json.loads(
        (workdir / "evaluation_test" / "scores.json").read_text()
    )
    origin = {
        task: (score["data"], score["split_name"])
        for task, score in result["tasks"].items()
    }
    assert origin["word"] == ("speech_commands35", "paper")
    assert origin["bird"] == ("dcase2018_birds", "paper")
    assert list(origin) == CONFIGS["multitask"]


def test_without_tensorflow_it_is_told_what_to_install(tmp_path, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name: None if name == "tensorflow" else found(name),
    )
    with pytest.raises(UserError, match="run pip install tensorflow$"):
        prepare.prepare("tones", store_dir=tmp_path)
    assert not list(tmp_path.iterdir())
