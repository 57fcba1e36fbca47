"""What a stride throws away of a note and of a word."""

import csv
import pathlib

import matplotlib.image
import numpy as np
import pytest
import soundfile

from studies import throws_away
from tests.support.synthetic import tone

WHY = pathlib.Path(__file__).parents[2] / "docs" / "why"
STEPS = np.arange(64)


def ripple(cycles):
    return np.cos(2 * np.pi * cycles * STEPS)


@pytest.mark.parametrize("cycles", [0.05, 0.2, 0.3, 0.45])
def test_what_is_thrown_away_is_what_changes_too_fast(cycles):
    share = throws_away.thrown_away(3 + 0.1 * STEPS + ripple(cycles))
    assert share == pytest.approx(float(cycles > 0.25), abs=0.03)


def peak(values):
    return np.argmax(throws_away.spectrum(values)) / len(values)


def test_a_fast_ripple_is_folded_removed_or_folded_in_part():
    fast = ripple(0.375)
    after = {w: throws_away.downsample(fast, w) for w in throws_away.WAYS}
    # 0.375 cycles per band are 0.75 of a sample, which looks like 0.25.
    strided = after["strided convolution"]
    assert peak(strided) == pytest.approx(0.25, abs=0.02)
    loud = np.abs(strided).max()
    assert np.abs(after["spectral pooling"]).max() < 1e-3 * loud
    assert np.abs(after["DiffStride"]).max() < 1e-3 * loud
    half = after["DiffStride, folding 0.5"]
    np.testing.assert_allclose(half, strided / 2, atol=1e-3)


def test_a_slow_ripple_stays():
    slow = ripple(0.125)
    for way in throws_away.WAYS:
        after = throws_away.downsample(slow, way)
        np.testing.assert_allclose(after, slow[::2], atol=1e-3)


def test_the_table_has_the_octaves_of_notes_and_the_words():
    rng = np.random.default_rng(0)
    notes = {f"notes/a_1-{p}-90": rng.normal(size=(99, 64)) for p in (36, 84)}
    words = {"bed/x": rng.normal(size=(99, 64))}
    rows = throws_away.shares(notes, words)
    assert [(row["what"], row["recordings"]) for row in rows] == [
        ("notes along frequency, MIDI 36 to 47", 1),
        ("notes along frequency, MIDI 72 to 84", 1),
        ("words along frequency", 1),
        ("words along time", 1),
    ]
    assert all(0.2 < row["median_share"] < 0.8 for row in rows)


def test_the_picture_has_a_part_for_each_profile(tmp_path):
    path = tmp_path / "reed_064-045-090.wav"
    soundfile.write(path, tone(440.0), 16_000)
    ((name, spectrogram),) = throws_away.spectrograms([str(path)]).items()
    assert name == f"{tmp_path.name}/reed_064-045-090"
    profile = throws_away.along_frequency(spectrogram, "a")
    throws_away.draw([profile], tmp_path / "one.png")
    throws_away.draw([profile] * 2, tmp_path / "two.png")
    one, two = (
        matplotlib.image.imread(tmp_path / n) for n in ("one.png", "two.png")
    )
    assert two.shape[0] == pytest.approx(2 * one.shape[0], abs=2)


def test_the_page_has_the_table():
    page = (WHY / "throws_away.md").read_text()
    with open(WHY / "throws_away.csv", newline="") as file:
        rows = [*csv.DictReader(file)]
    assert len(rows) == 6
    for row in rows:
        share = 100 * float(row["median_share"])
        recordings = int(row["recordings"])
        assert f"| {row['what']} | {recordings:,} | {share:.1f} % |" in page
