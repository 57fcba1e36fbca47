"""Tests of the TUT Urban Acoustic Scenes 2018 builder."""

import io
import pathlib
import shutil
import tempfile
import zipfile

import numpy as np
import pytest
import soundfile
import soxr
import tensorflow_datasets as tfds

from audio_diffstride.errors import UserError
from data import archives
from data.tut_urban2018 import tut_urban2018_dataset_builder as tut
from tests.support import archives as small

NAME = "TUT-urban-acoustic-scenes-2018-development"
RATE_HZ = 48000
DURATION_S = 0.2
# In the order of the lists; the numbers are those of the audio archives.
TRAIN = {
    "audio/airport-barcelona-0-0-a.wav": 1,
    "audio/street_pedestrian-helsinki-172-5222-a.wav": 2,
    "audio/tram-vienna-285-8639-a.wav": 2,
}
TEST = {
    "audio/airport-london-5-234-a.wav": 1,
    "audio/public_square-paris-154-4657-a.wav": 2,
}
FILES = {**TRAIN, **TEST}


def scene(file):
    return file.removeprefix("audio/").split("-")[0]


def channels(file, rate_hz):
    """Left and right, as functions of time: every file has its own."""
    time_s = np.arange(round(DURATION_S * rate_hz)) / rate_hz
    number = list(FILES).index(file)
    left = 0.5 * np.sin(2 * np.pi * (400 + 130 * number) * time_s)
    right = 0.3 * np.sin(2 * np.pi * (1900 + 170 * number) * time_s + 1)
    return np.stack([left, right], axis=1)


def wav(file):
    content = io.BytesIO()
    soundfile.write(
        content,
        channels(file, RATE_HZ),
        RATE_HZ,
        subtype="PCM_24",
        format="WAV",
    )
    return content.getvalue()


def setup(train=None, test=None):
    """The files of meta.zip."""
    meta = "filename\tscene_label\tidentifier\tsource_label\n" + "".join(
        f"{file}\t{scene(file)}\t{'-'.join(file.split('-')[1:3])}\ta\n"
        for file in FILES
    )
    lists = {
        "train": "".join(f"{file}\t{scene(file)}\n" for file in TRAIN),
        "evaluate": "".join(f"{file}\t{scene(file)}\n" for file in TEST),
        "test": "".join(f"{file}\n" for file in TEST),
    }
    lists |= {"train": train} if train is not None else {}
    lists |= {"evaluate": test} if test is not None else {}
    return {"meta.csv": meta} | {
        f"evaluation_setup/fold1_{part}.txt": text
        for part, text in lists.items()
    }


def write_zip(folder, part, contents):
    with zipfile.ZipFile(
        folder / f"{NAME}.{part}.zip", "w", zipfile.ZIP_DEFLATED
    ) as archive:
        for name, content in contents.items():
            archive.writestr(f"{NAME}/{name}", content)


def write_audio(folder, *numbers):
    for number in numbers:
        write_zip(
            folder,
            f"audio.{number}",
            {file: wav(file) for file in FILES if FILES[file] == number},
        )


@pytest.fixture
def folder(tmp_path):
    """Of own downloads."""
    path = tmp_path / "downloads"
    path.mkdir()
    return path


def build(folder):
    return small.build("tut_urban2018", folder.parent / "tfds", folder)


def examples(builder, split):
    """{file: example}."""
    return {
        example["file"].decode(): example
        for example in tfds.as_numpy(builder.as_dataset(split=split))
    }


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tut") / "downloads"
    folder.mkdir()
    write_zip(folder, "meta", setup())
    write_audio(folder, 1, 2)
    return build(folder)


def test_splits_are_the_official_fold(built):
    assert set(built.info.splits) == {"train", "test"}
    assert set(examples(built, "train")) == set(TRAIN)
    assert set(examples(built, "test")) == set(TEST)


def test_scenes_are_those_of_the_lists(built):
    feature = built.info.features["scene"]
    assert feature.num_classes == 10
    for split in ("train", "test"):
        for file, example in examples(built, split).items():
            assert feature.int2str(example["scene"]) == scene(file)


def test_groups_are_the_locations(built):
    found = examples(built, "train") | examples(built, "test")
    assert [found[file]["group"].decode() for file in FILES] == [
        "barcelona-0",
        "helsinki-172",
        "vienna-285",
        "london-5",
        "paris-154",
    ]


def test_24_bit_stereo_at_48_khz_becomes_the_true_mono_signal(built):
    found = examples(built, "train") | examples(built, "test")
    for file in FILES:
        audio = found[file]["audio"]
        assert audio.dtype == np.int16
        truth = channels(file, 16000).mean(axis=1)
        assert audio.shape == truth.shape
        assert np.corrcoef(audio, truth)[0, 1] > 0.999
        # The filter rings at the ends, where the signal begins and stops.
        inside = slice(400, -400)
        np.testing.assert_allclose(
            audio[inside] / 32768, truth[inside], atol=1e-3
        )


def test_samples_are_those_of_soundfile_and_soxr(built):
    found = examples(built, "train") | examples(built, "test")
    for file in FILES:
        samples, rate_hz = soundfile.read(io.BytesIO(wav(file)))
        resampled = soxr.resample(samples.mean(axis=1), rate_hz, 16000)
        np.testing.assert_allclose(
            found[file]["audio"], resampled * 32768, atol=1
        )


def test_one_archive_is_enough_if_it_holds_the_fold(folder):
    train = "audio/airport-barcelona-0-0-a.wav\tairport\n"
    test = "audio/airport-london-5-234-a.wav\tairport\n"
    write_zip(folder, "meta", setup(train, test))
    write_audio(folder, 1)
    splits = build(folder).info.splits
    assert (splits["train"].num_examples, splits["test"].num_examples) == (1, 1)


def test_lists_may_lie_in_an_audio_archive(folder):
    write_audio(folder, 1)
    write_zip(
        folder,
        "audio.2",
        {file: wav(file) for file in FILES if FILES[file] == 2} | setup(),
    )
    assert build(folder).info.splits["train"].num_examples == len(TRAIN)


def test_windows_line_ends_and_blank_lines_change_nothing(folder):
    lines = [f"{file}\t{scene(file)}\r\n" for file in TRAIN]
    write_zip(folder, "meta", setup(train="".join([*lines, "\r\n"])))
    write_audio(folder, 1, 2)
    assert set(examples(build(folder), "train")) == set(TRAIN)


def test_archives_of_the_sister_sets_are_not_taken(folder):
    write_zip(folder, "meta", setup())
    write_audio(folder, 1, 2)
    for sister in ("2018-leaderboard", "2018-mobile-development"):
        name = f"TUT-urban-acoustic-scenes-{sister}.audio.1.zip"
        (folder / name).write_bytes(b"would be refused")
    assert build(folder).info.splits["test"].num_examples == len(TEST)


def test_without_own_downloads_all_archives_are_downloaded():
    class Manager:
        @property
        def manual_dir(self):
            raise AssertionError("TFDS: no manual folder")

    found = archives.list_available(Manager(), tut.ARCHIVES)
    assert [archive.url.rsplit(".", 2)[1] for archive in found.values()] == [
        "meta",
        *map(str, range(1, 14)),
    ]
    # The sum that Zenodo's 13 audio archives have, and meta.zip.
    num_bytes = sum(archive.num_bytes for archive in found.values())
    assert num_bytes == 21_353_091_893 + 69_272


def test_a_missing_archive_is_named_and_what_it_held(folder):
    write_zip(folder, "meta", setup())
    write_audio(folder, 1)
    with pytest.raises(UserError) as raised:
        build(folder)
    message = str(raised.value)
    assert message.startswith("3 recordings of fold 1 are in none")
    assert "audio/tram-vienna-285-8639-a.wav" in message
    assert ".audio.2.zip, " in message
    assert ".audio.1.zip" not in message


def test_a_recording_that_no_archive_holds_is_named(folder):
    ghost = "audio/park-vienna-99-3000-a.wav"
    write_zip(folder, "meta", setup(test=f"{ghost}\tpark\n"))
    write_audio(folder, 1, 2)
    for number in range(3, 14):
        write_zip(folder, f"audio.{number}", {})
    with pytest.raises(UserError, match=rf"\({ghost}\); download the archives"):
        build(folder)


def test_missing_lists_name_their_archive(folder):
    write_audio(folder, 1, 2)
    with pytest.raises(UserError, match=r"fold1_train\.txt is .*\.meta\.zip"):
        build(folder)


def test_a_folder_with_other_files_only_names_the_first_archive(folder):
    (folder / "notes.txt").write_text("other")
    with pytest.raises(UserError, match=r"put .*\.meta\.zip, the download of"):
        build(folder)


@pytest.mark.parametrize(
    "line",
    [
        "audio/airport-barcelona-0-0-a.wav",
        "audio/airport-barcelona-0-0-a.wav airport",
        "audio/airport-barcelona-0-0-a.wav\tzoo",
        "filename\tscene_label",
    ],
)
def test_a_line_without_a_scene_is_named(folder, line):
    good = "audio/tram-vienna-285-8639-a.wav\ttram\n"
    write_zip(folder, "meta", setup(train=f"{good}{line}\n"))
    write_audio(folder, 1, 2)
    with pytest.raises(UserError, match=r"fold1_train\.txt, line 2: "):
        build(folder)


def test_a_name_without_a_location_is_refused(folder):
    write_zip(folder, "meta", setup(train="audio/tram-1.wav\ttram\n"))
    write_audio(folder, 1, 2)
    write_zip(folder, "audio.3", {"audio/tram-1.wav": b""})
    with pytest.raises(UserError, match=r"tram-1\.wav' must be named"):
        build(folder)


def test_a_recording_that_is_no_audio_is_named(folder):
    write_zip(folder, "meta", setup())
    write_audio(folder, 1)
    broken = {file: b"no audio" for file in FILES if FILES[file] == 2}
    write_zip(folder, "audio.2", broken)
    with pytest.raises(UserError, match=r"^audio/street_.*audio\.2\.zip can"):
        build(folder)


class TutUrban2018Test(tfds.testing.DatasetBuilderTestCase):
    """TFDS's own checks; the archives are written here, not committed."""

    DATASET_CLASS = tut.Builder
    SPLITS = {"train": len(TRAIN), "test": len(TEST)}
    SKIP_CHECKSUMS = True  # no sha256 is published

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, folder)
        write_zip(folder, "meta", setup())
        write_audio(folder, 1, 2)
        cls.EXAMPLE_DIR = str(folder)
        super().setUpClass()
