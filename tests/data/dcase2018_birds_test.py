"""Tests of the DCASE 2018 bird audio detection builder."""

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
from data.dcase2018_birds import dcase2018_birds_dataset_builder as birds
from tests.support import archives as small

RATE_HZ = 44100
# {source: {itemid: (hasbird, seconds)}}; one itemid is in two of them, and
# the recordings of warblr differ in length.
LABELS = {
    "ff1010bird": {"64486": (0, 0.2), "2525": (1, 0.2), "100": (0, 0.2)},
    "warblrb10k": {
        "759808e5-f824-401e-9058": (1, 0.1),
        "1d94fc4a-1c63-4da0-9cac": (1, 0.3),
    },
    "BirdVox-DCASE-20k": {"64486": (1, 0.2), "fff12cb5-b1ad-4ac3": (0, 0.2)},
}
ZIP_NAMES = {
    "ff1010bird": "ff1010bird_wav.zip",
    "warblrb10k": "warblrb10k_public_wav.zip",
    "BirdVox-DCASE-20k": "BirdVox-DCASE-20k.zip",
}
CSV_NAMES = {
    "ff1010bird": "ff1010bird_metadata_2018.csv",
    "warblrb10k": "warblrb10k_public_metadata_2018.csv",
    "BirdVox-DCASE-20k": "BirdVoxDCASE20k_csvpublic.csv",
}
FILES = {
    f"{source}/{itemid}.wav": hasbird
    for source, items in LABELS.items()
    for itemid, (hasbird, _) in items.items()
}


def pcm(source, itemid):
    """16-bit samples, other ones for every recording."""
    seed = list(FILES).index(f"{source}/{itemid}.wav")
    size = round(LABELS[source][itemid][1] * RATE_HZ)
    noise = np.random.default_rng(seed).normal(0, 3000, size)
    return noise.clip(-32768, 32767).astype(np.int16)


def wav(samples):
    content = io.BytesIO()
    soundfile.write(content, samples, RATE_HZ, subtype="PCM_16", format="WAV")
    return content.getvalue()


def write_zip(folder, source, above="", leave_out=(), add=None):
    contents = {
        f"{itemid}.wav": wav(pcm(source, itemid))
        for itemid in LABELS[source]
        if itemid not in leave_out
    } | (add or {})
    with zipfile.ZipFile(folder / ZIP_NAMES[source], "w") as archive:
        for name, content in contents.items():
            archive.writestr(f"{above}wav/{name}", content)


def csv_lines(source):
    return ["itemid,datasetid,hasbird"] + [
        f"{itemid},{source},{hasbird}"
        for itemid, (hasbird, _) in LABELS[source].items()
    ]


def write_csv(folder, source, lines=None):
    lines = csv_lines(source) if lines is None else lines
    (folder / CSV_NAMES[source]).write_text("\n".join(lines) + "\n")


def write_source(folder, source):
    write_zip(folder, source)
    write_csv(folder, source)


def write_all(folder):
    for source in LABELS:
        write_source(folder, source)


@pytest.fixture
def folder(tmp_path):
    """Of own downloads."""
    path = tmp_path / "downloads"
    path.mkdir()
    return path


def build(folder):
    return small.build("dcase2018_birds", folder.parent / "tfds", folder)


def examples(builder):
    """{file: example}."""
    return {
        example["file"].decode(): example
        for example in tfds.as_numpy(builder.as_dataset(split="train"))
    }


def warnings(capsys):
    return [
        line
        for line in capsys.readouterr().err.splitlines()
        if line.startswith("warning")
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("birds") / "downloads"
    folder.mkdir()
    write_all(folder)
    return build(folder)


def test_the_only_split_holds_every_source(built):
    assert set(built.info.splits) == {"train"}
    assert built.info.splits["train"].num_examples == len(FILES)
    assert set(examples(built)) == set(FILES)


def test_labels_are_those_of_the_csv(built):
    assert built.info.features["bird"].names == ["absent", "present"]
    found = examples(built)
    assert {file: found[file]["bird"] for file in FILES} == FILES


def test_no_groups_are_made_up(built):
    assert {example["group"] for example in examples(built).values()} == {b""}


def test_samples_are_the_recordings_resampled_to_16_khz(built):
    found = examples(built)
    for source, items in LABELS.items():
        for itemid in items:
            audio = found[f"{source}/{itemid}.wav"]["audio"]
            truth = soxr.resample(
                pcm(source, itemid) / 32768, RATE_HZ, 16000
            ).clip(-1, 1)
            assert audio.dtype == np.int16
            np.testing.assert_allclose(audio, truth * 32768, atol=1)


def test_recordings_keep_their_lengths(built):
    found = examples(built)
    for source, items in LABELS.items():
        for itemid, (_, seconds) in items.items():
            audio = found[f"{source}/{itemid}.wav"]["audio"]
            assert len(audio) == round(seconds * 16000)


def test_all_sources_make_no_warning(folder, capsys):
    write_all(folder)
    build(folder)
    assert warnings(capsys) == []


def test_a_part_of_the_sources_is_enough_and_told_in_a_line(folder, capsys):
    write_source(folder, "warblrb10k")
    found = examples(build(folder))
    assert {file.split("/")[0] for file in found} == {"warblrb10k"}
    assert len(found) == len(LABELS["warblrb10k"])
    (warning,) = warnings(capsys)
    assert "no ff1010bird and no BirdVox-DCASE-20k: built without" in warning


def test_an_archive_may_have_a_folder_of_its_own(folder):
    write_zip(folder, "BirdVox-DCASE-20k", above="BirdVox-DCASE-20k/")
    write_csv(folder, "BirdVox-DCASE-20k")
    assert len(examples(build(folder))) == len(LABELS["BirdVox-DCASE-20k"])


def test_the_edition_of_2016_has_the_same_labels(folder):
    write_zip(folder, "ff1010bird")
    lines = [line.split(",") for line in csv_lines("ff1010bird")]
    write_csv(folder, "ff1010bird", [f"{row[0]},{row[2]}" for row in lines])
    found = examples(build(folder))
    assert {file: example["bird"] for file, example in found.items()} == {
        "ff1010bird/64486.wav": 0,
        "ff1010bird/2525.wav": 1,
        "ff1010bird/100.wav": 0,
    }


def test_the_test_set_of_warblr_is_not_taken_for_the_source(folder):
    write_source(folder, "warblrb10k")
    # That is how it is spelt.
    (folder / "wabrlrb10k_test_wav.zip").write_bytes(b"would be refused")
    assert len(examples(build(folder))) == len(LABELS["warblrb10k"])


def test_recordings_without_a_label_are_left_out_with_a_warning(folder, capsys):
    source = "ff1010bird"
    write_csv(folder, source)
    write_zip(folder, source, add={"7.wav": b"", "readme.txt": b""})
    assert len(examples(build(folder))) == len(LABELS[source])
    told = [line for line in warnings(capsys) if "no label" in line]
    assert len(told) == 1
    assert told[0].startswith("warning: 1 recordings in ")


@pytest.mark.parametrize("source", list(LABELS))
def test_recordings_need_their_csv(folder, source):
    write_all(folder)
    (folder / CSV_NAMES[source]).unlink()
    number = birds.ARCHIVES[f"{source}.csv"].url
    with pytest.raises(UserError, match=rf"\.csv, but holds 0.* {number}"):
        build(folder)


@pytest.mark.parametrize("source", list(LABELS))
def test_labels_need_their_recordings(folder, source):
    write_all(folder)
    (folder / ZIP_NAMES[source]).unlink()
    with pytest.raises(UserError, match=r"\*\.zip, but holds 0"):
        build(folder)


def test_two_editions_of_the_labels_are_one_too_many(folder):
    write_source(folder, "ff1010bird")
    (folder / "ff1010bird_metadata.csv").write_text("itemid,hasbird\n")
    with pytest.raises(UserError, match=r"ff1010bird\*\.csv, but holds 2"):
        build(folder)


def test_a_folder_without_any_source_is_told(folder):
    (folder / "notes.txt").write_text("other")
    with pytest.raises(UserError, match=r"holds none of ff1010bird\*\.zip, "):
        build(folder)


@pytest.mark.parametrize("column", ["itemid", "hasbird"])
def test_a_missing_column_is_named(folder, column):
    write_zip(folder, "ff1010bird")
    header, *rows = csv_lines("ff1010bird")
    header = header.replace(column, "other")
    write_csv(folder, "ff1010bird", [header, *rows])
    with pytest.raises(UserError, match=rf"2018\.csv has no column {column};"):
        build(folder)


@pytest.mark.parametrize("row", ["5,ff1010bird,2", "5,ff1010bird,", "5"])
def test_a_row_without_0_or_1_is_named(folder, row):
    write_zip(folder, "ff1010bird")
    write_csv(folder, "ff1010bird", [*csv_lines("ff1010bird"), row])
    with pytest.raises(UserError, match=r"line 5: hasbird of 5 must be 0 or 1"):
        build(folder)


def test_a_recording_labelled_twice_is_named(folder):
    write_zip(folder, "ff1010bird")
    lines = [*csv_lines("ff1010bird"), "2525,ff1010bird,0"]
    write_csv(folder, "ff1010bird", lines)
    with pytest.raises(UserError, match=r"line 5: 2525 is there twice"):
        build(folder)


def test_a_label_without_a_recording_is_named(folder):
    write_csv(folder, "ff1010bird")
    write_zip(folder, "ff1010bird", leave_out=["2525"])
    with pytest.raises(UserError, match=r"csv labels 1 rec.*wav\.zip \(2525\)"):
        build(folder)


def test_a_recording_that_is_no_audio_is_named(folder):
    write_csv(folder, "ff1010bird")
    write_zip(
        folder, "ff1010bird", leave_out=["100"], add={"100.wav": b"no audio"}
    )
    with pytest.raises(UserError, match=r"^wav/100\.wav in .*wav\.zip cannot"):
        build(folder)


class Dcase2018BirdsTest(tfds.testing.DatasetBuilderTestCase):
    """TFDS's own checks; the archives are written here, not committed."""

    DATASET_CLASS = birds.Builder
    SPLITS = {"train": len(FILES)}
    SKIP_CHECKSUMS = True  # no sha256 is published

    @classmethod
    def setUpClass(cls):
        folder = pathlib.Path(tempfile.mkdtemp())
        cls.addClassCleanup(shutil.rmtree, folder)
        write_all(folder)
        cls.EXAMPLE_DIR = str(folder)
        super().setUpClass()
