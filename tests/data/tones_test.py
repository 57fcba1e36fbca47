"""The embedded data set goes through TFDS to a clip store."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

from data import catalogue, prepare
from data.tones import tones_dataset_builder as tones

ALL = dict(tones.NUM_TAKES)


@pytest.fixture(scope="module")
def store_dir(tmp_path_factory):
    """Stores built with a few takes instead of all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tones, "NUM_TAKES", {"train": 1, "test": 1})
        folder = tmp_path_factory.mktemp("stores")
        prepare.prepare("tones", store_dir=folder)
        yield folder


def test_the_store_holds_what_the_synthesiser_makes(store_dir):
    store = prepare.prepare("tones", store_dir=store_dir)
    assert store.num_examples == {"train": 66, "validation": 6, "test": 72}
    clips = store.examples("test")
    by_label = {
        (int(i), int(p)): clips[index]
        for index, (i, p) in enumerate(
            zip(clips.labels["instrument"], clips.labels["pitch"])
        )
    }
    assert len(by_label) == 72
    expected = tones.synthesise("clarinet", 57 + 3, take=1000)
    np.testing.assert_array_equal(by_label[2, 3], expected)


def test_expected_counts_are_those_of_all_takes():
    notes = len(tones.INSTRUMENTS) * tones.NUM_PITCHES
    _, rule = catalogue.find("tones").rule("")
    counts = rule.counts
    assert counts["train"] + counts["validation"] == notes * ALL["train"]
    assert counts["test"] == notes * ALL["test"]


@pytest.mark.parametrize("instrument", tones.INSTRUMENTS)
def test_a_note_sounds_at_its_pitch(instrument):
    samples = tones.synthesise(instrument, 69, take=0).astype(float)
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    hz = np.fft.rfftfreq(len(samples), 1 / tones.SAMPLE_RATE_HZ)
    around = (hz > 440 / 2**0.6) & (hz < 440 * 2**0.6)
    peak_hz = hz[around][spectrum[around].argmax()]
    assert 12 * abs(np.log2(peak_hz / 440)) < 0.6  # semitones


def test_takes_differ_and_repeat_exactly():
    first = tones.synthesise("organ", 60, take=1)
    np.testing.assert_array_equal(first, tones.synthesise("organ", 60, take=1))
    assert (first != tones.synthesise("organ", 60, take=2)).any()


class TonesTest(tfds.testing.DatasetBuilderTestCase):
    """What TFDS asks of every builder."""

    DATASET_CLASS = tones.Builder
    SPLITS = {"train": 12, "test": 12}  # six instruments at two pitches
    EXAMPLE_DIR = "."

    def setUp(self):
        patch = pytest.MonkeyPatch()
        self.addCleanup(patch.undo)
        patch.setattr(tones, "NUM_TAKES", {"train": 1, "test": 1})
        patch.setattr(tones, "NUM_PITCHES", 2)
        super().setUp()
