"""Every reader reads its seeds, and refuses hostile files in a sentence."""

import io
import json
import os
import pathlib
import shutil
import signal
import zipfile

import h5py
import numpy as np
import pytest
import soundfile

from audio_diffstride.audio import reading, truncation
from audio_diffstride.datasets.clips import ClipStore
from audio_diffstride.embeddings import table
from audio_diffstride.errors import UserError
from audio_diffstride.export import metadata
from audio_diffstride.export.web import packing
from audio_diffstride.files import zip_members
from audio_diffstride.recordings import manifest
from audio_diffstride.review import verdicts
from audio_diffstride.runs import model_files
from audio_diffstride.training import checkpoints
from tests.fuzz import __main__ as fuzz
from tests.fuzz import seeds, watched
from tests.fuzz.readers import READERS
from tests.support import odd_audio
from tests.support.synthetic import write_store

# The others load TensorFlow, or encode for seconds.
QUICK = [name for name in READERS if name not in ("keras", "exported", "video")]


@pytest.fixture(scope="module")
def seed_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeds")
    return {name: seeds.write(folder, name) for name in QUICK}


@pytest.mark.parametrize("name", QUICK)
def test_a_reader_reads_its_seeds_and_survives_some_cases(name, seed_files):
    outcomes = [*fuzz.run(name, 7, seed_files[name], 20)]
    assert [o for o in outcomes if not o.is_good] == []
    assert len(outcomes) == 20


def test_the_seeds_are_valid(seed_files, tmp_path):
    for name, folder in seed_files.items():
        copied = pathlib.Path(shutil.copytree(folder, tmp_path / name))
        for path in fuzz.files(copied):
            READERS[name].read(path)


def outcome(call):
    (only,) = watched.run(lambda: call, 1)
    return only.kind


def test_a_fault_of_any_kind_is_noticed(tmp_path):
    def write(folder, number):
        (tmp_path / "elsewhere").write_text("")

    def fill(folder, number):
        return np.ones(1 << 28)

    def crash(folder, number):
        os.kill(os.getpid(), signal.SIGKILL)

    def refuse(folder, number):
        raise UserError("it is bad; leave it")

    assert outcome(write) == "elsewhere"
    assert outcome(fill) == "memory"
    assert outcome(crash) == "crash"
    assert outcome(refuse) == "refused"
    assert outcome(lambda folder, number: 1 / 0) == "traceback"
    assert outcome(lambda folder, number: 1) == "read"


def test_a_wav_header_of_four_gigabytes_costs_no_memory(tmp_path):
    def read(folder, number):
        path = folder / "a.wav"
        path.write_bytes(odd_audio.wav(data_bytes=0xFFFF0000))
        assert "cut off" in (truncation.find(path) or "")
        return len(reading.read_audio(path))

    assert outcome(read) == watched.READ


@pytest.mark.parametrize("header", [True, False])
def test_a_million_columns_cost_little_memory(header):
    def read(folder, number):
        path = folder / "a.csv"
        columns = [f"c{n}" for n in range(1_000_000)] if header else ["label"]
        cells = ",".join(["1"] * 1_000_000)
        path.write_text("path," + ",".join(columns) + f"\na.wav,{cells}\n")
        manifest.read(path)

    assert outcome(read) in watched.GOOD


@pytest.fixture(scope="module")
def bomb(tmp_path_factory):
    """An archive of some kilobytes that unpacks to 64 MiB."""
    path = tmp_path_factory.mktemp("bomb") / "best.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("config.json", "model.weights.h5"):
            archive.writestr(name, b"{}")
        with archive.open("metadata.json", "w") as member:
            for _ in range(64):
                member.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 17
    return path


def test_a_zip_bomb_is_refused_before_it_is_unpacked(bomb):
    with pytest.raises(ValueError, match="it unpacks to 6710886. bytes"):
        zip_members.read(bomb, ["config.json"])
    with pytest.raises(UserError, match="unpacks to 6710886. bytes, but must"):
        model_files.load(bomb)
    with pytest.raises(UserError, match="has no metadata of audio_diffstride"):
        metadata.read_litert(bomb)


def test_a_gzip_bomb_in_a_page_is_refused(tmp_path):
    path = tmp_path / "listen.html"
    network = packing.pack(bytes(64 << 20))
    path.write_text(
        f'<script type="text/plain" id="{packing.NETWORK}">{network}</script>'
    )
    with pytest.raises(UserError, match="holds no network"):
        packing.find(path, packing.NETWORK)


def hostile_weights(**kwargs):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.create_dataset("layers/dense/vars/0", dtype="f4", **kwargs)
    return content.getvalue()


@pytest.mark.parametrize(
    "kwargs, sentence",
    [
        (
            {"shape": (1 << 40,), "chunks": (1 << 10,)},
            "unpacks to 4398046511104",
        ),
        (
            {"shape": (4,), "external": [("/etc/passwd", 0, 16)]},
            "names other files",
        ),
    ],
)
def test_weights_that_take_memory_or_other_files_are_refused(
    kwargs, sentence, tmp_path
):
    path = tmp_path / "best.keras"
    with (
        zipfile.ZipFile(seeds.ROOT / "tests/runs/stored/schema0.keras") as good,
        zipfile.ZipFile(path, "w") as bad,
    ):
        for name in ("config.json", "metadata.json"):
            bad.writestr(name, good.read(name))
        bad.writestr("model.weights.h5", hostile_weights(**kwargs))
    with pytest.raises(UserError, match=sentence):
        model_files.load(path)


DEEP = "[" * 100_000 + "]" * 100_000
STORE_JSON = [
    ("[]", "all of it is"),
    (DEEP, "nested too deeply"),
    ('{"format": 1}', "name is missing"),
    ('{"format": 1, "format": 1}', "is there twice"),
]


@pytest.mark.parametrize("text, sentence", STORE_JSON, ids=range(4))
def test_a_hostile_store_is_refused(text, sentence, tmp_path):
    store = write_store(tmp_path / "store", num_clips=2)
    (store.path / "store.json").write_text(text)
    with pytest.raises(UserError, match=f"store.json is damaged.*{sentence}"):
        ClipStore(store.path)


@pytest.mark.parametrize(
    "name, value",
    [
        *(("sample_rate_hz", value) for value in (0, -1, 1.5, None, "16000")),
        *(("tasks", value) for value in ([], {"a": "xy"}, {"a": [1]})),
        *(("num_clips", value) for value in ({"train": -1}, {"train": 1e3})),
        *(("kinds", value) for value in ({"a": []}, [])),
        ("holds", []),
    ],
)
def test_a_store_of_other_values_is_refused(name, value, tmp_path):
    store = write_store(tmp_path / "store", num_clips=2)
    path = store.path / "store.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {name: value}))
    with pytest.raises(UserError, match=f"damaged: {name}"):
        ClipStore(store.path)


@pytest.mark.parametrize(
    "old, new",
    [
        ("0,8000,", "8000,0,"),
        ("0,8000,", f"0,{10**30},"),
        ("0,8000,", "0,-8000,"),
        ("take0", "x" * 200_000),
        ("take0.wav", "take0.wav,more"),
    ],
)
def test_a_split_whose_clips_lie_elsewhere_is_damaged(old, new, tmp_path):
    store = write_store(tmp_path / "store", num_clips=2)
    path = store.path / "train.csv"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(UserError, match="train split of the clip store .*dama"):
        store.examples("train")


ABOUT = [
    (DEEP, "its metadata is not JSON"),
    (json.dumps(seeds.ABOUT | {"band_hz": [1]}), r"band_hz is \[1\]"),
    (json.dumps(seeds.ABOUT | {"window_samples": 0}), "window_samples is 0"),
    (json.dumps(seeds.ABOUT | {"sample_rate_hz": -1}), "sample_rate_hz is -1"),
]


@pytest.mark.parametrize("text, sentence", ABOUT, ids=range(4))
def test_hostile_metadata_is_refused(text, sentence):
    with pytest.raises(UserError, match=sentence):
        metadata.parse(text, "model.onnx")


def test_a_calibration_without_tasks_is_one(seed_files):
    from audio_diffstride.calibration import calibration_file

    content = json.loads(
        (seed_files["run_json"] / "calibration.json").read_text()
    )
    content["tasks"] = {}
    assert not calibration_file.parse(content, "calibration.json", "").tasks


def test_a_checkpoint_of_another_program_is_damaged(tmp_path, capsys):
    path = tmp_path / "step-2.checkpoint"
    archive = io.BytesIO()
    np.savez(archive, about=np.zeros(2))
    for content in (b"", b"PK", archive.getvalue()):
        path.write_bytes(seeds.with_digest(content))
        assert checkpoints.read_latest(tmp_path) is None
        assert "is damaged" in capsys.readouterr().out


def test_a_file_name_that_is_no_text_is_refused_in_a_parquet(
    seed_files, tmp_path
):
    content = (seed_files["parquet"] / "vectors.parquet").read_bytes()
    path = tmp_path / "vectors.parquet"
    path.write_bytes(content.replace(b"b.wav", b"\xff.wav"))
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        [*table.read(path)]


def test_a_segment_that_begins_after_the_end_is_refused(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(400), 8000)
    with pytest.raises(UserError, match="0.050 s long and has no segment from"):
        reading.read_audio(path, start_s=0.06, end_s=0.08)


def test_a_cell_of_a_megabyte_does_not_make_a_long_sentence(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("path,label,start_s\na.wav,x," + "9" * 100_000)
    with pytest.raises(
        UserError, match=r"row 2: 'start_s' .* \.\.\. 9"
    ) as error:
        manifest.read(path)
    assert len(str(error.value)) < 1000


def test_the_length_of_a_damaged_video_is_not_known(tmp_path):
    path = tmp_path / "a.m4a"
    path.write_text("no video")
    assert truncation.find(path) is None


def test_an_archive_with_more_members_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("a", "assets/b"):
            archive.writestr(name, name)
    with pytest.raises(ValueError, match="more members, such as assets/b"):
        zip_members.read(path, ["a"])
    assert zip_members.read(path, ["a", "assets/b"])["a"] == b"a"
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning):
        archive.writestr("a", "another")
    with pytest.raises(ValueError, match="more members, such as a"):
        zip_members.read(path, ["a", "assets/b"])


def test_a_sample_dump_is_refused(tmp_path):
    """Of a kilobyte, libsndfile may read a gigabyte."""
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(400), 8000, "PCM_16", format="SDS")
    with pytest.raises(UserError, match="is a MIDI sample dump; convert"):
        reading.read_audio(path)


def test_the_name_of_a_recording_may_be_too_long(tmp_path):
    path = tmp_path / "verdicts.csv"
    row = f"{'a' * 300}.wav,0,1,wren,yes\n"
    path.write_text("path,start_s,end_s,label,verdict\n" + row)
    with pytest.raises(UserError, match="row 2: there is no recording 'aaa"):
        verdicts.read(path)
