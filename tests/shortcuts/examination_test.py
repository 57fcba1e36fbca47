"""Made sets of recordings: one class differs in what should not matter."""

import dataclasses
import pathlib

import numpy as np
import pytest
import scipy.signal
import soundfile

from audio_diffstride.shortcuts import examination, wording
from audio_diffstride.shortcuts.examination import examine
from audio_diffstride.shortcuts.examples import Example, sample

RATE_HZ = 16000
CLASSES = ("bee", "cow", "dog")
TAKES = 12


def sound(number: int, take: int, floor_db: float = -60.0) -> np.ndarray:
    """Two tones in noise. Classes differ in pitch; takes in level and time."""
    draw = np.random.default_rng([number, take])
    length = round(RATE_HZ * draw.uniform(0.5, 0.8))
    time_s = np.arange(length) / RATE_HZ
    hz = 400 * (1 + number) * draw.uniform(0.95, 1.05)
    envelope = np.sin(np.pi * np.arange(length) / length) ** 2
    tones = np.sin(2 * np.pi * hz * time_s) + np.sin(6 * np.pi * hz * time_s)
    samples = 10 ** (draw.uniform(-30, -18) / 20) * envelope * tones
    return samples + 10 ** (floor_db / 20) * draw.standard_normal(length)


def write_set(folder: pathlib.Path, change=None, **kwargs) -> list[Example]:
    """Writes a set. `change` makes (samples, rate, suffix, subtype) of a bee's.

    Every fourth take is of one group.
    """
    examples = []
    for number, name in enumerate(CLASSES):
        for take in range(TAKES):
            made = (sound(number, take, **kwargs), RATE_HZ, ".wav", "PCM_16")
            if change and name == "bee":
                made = change(*made)
            samples, rate_hz, suffix, subtype = made
            path = folder / f"{number}{take:02}{suffix}"
            soundfile.write(path, samples, rate_hz, subtype)
            examples.append(Example(path, name, f"g{take % 4}"))
    return examples


def found(examples: list[Example]) -> dict[str, examination.Row]:
    return {row.trait: row for row in examine(examples).found}


def gated(samples, *rest):
    """Digital silence where the sound is weak."""
    power = np.convolve(samples**2, np.ones(400) / 400, "same")
    return (samples * (power > 0.05 * power.max()), *rest)


def lowpassed(samples, *rest):
    design = scipy.signal.ellip(12, 0.1, 80, 3000, fs=RATE_HZ, output="sos")
    return (scipy.signal.sosfilt(design, samples), *rest)


MADE = {
    "format": lambda s, r, suffix, subtype: (s, r, ".flac", subtype),
    "bit depth": lambda s, *rest: (np.round(s * 128) / 128, *rest),
    "sample rate": lambda s, r, *rest: (s[::2], r // 2, *rest),
    "bandwidth": lowpassed,
    "digital silence": gated,
    "level": lambda s, *rest: (6 * s, *rest),
    "noise floor": lambda s, *rest: (
        s + 0.02 * np.random.default_rng(len(s)).standard_normal(len(s)),
        *rest,
    ),
    "length": lambda s, *rest: (np.concatenate([s, s]), *rest),
    "pause at the start": lambda s, *rest: (
        np.concatenate([1e-4 * np.sin(np.arange(6000)), s]),
        *rest,
    ),
    "channels": lambda s, *rest: (np.stack([s, s], axis=1), *rest),
}
FLAGS = {
    "bandwidth": "front_end.max_hz",
    "sample rate": "front_end.max_hz",
    "digital silence": "augmentation.noise_db",
    "noise floor": "augmentation.noise_db",
    "level": "augmentation.gain_db",
    "length": "window_s",
}


@pytest.mark.parametrize("trait", MADE)
def test_a_made_shortcut_is_found_and_named(trait, tmp_path):
    row = found(write_set(tmp_path, MADE[trait]))[trait]
    assert row.classes == ["bee"]
    assert row.share > 0.95
    assert row.told > 0.45  # chance is a third, of which it tells one class
    assert row.remedy
    if trait in FLAGS:
        assert [*row.flags] == [FLAGS[trait]]


@pytest.mark.parametrize("floor_db", [-80, -60, -40])
def test_sets_that_differ_in_their_sound_only_have_none(floor_db, tmp_path):
    assert found(write_set(tmp_path, floor_db=floor_db)) == {}


def test_what_the_network_does_not_hear_is_no_shortcut(tmp_path):
    """A folder of one class is listed, but not found."""
    (tmp_path / "other").mkdir()
    examples = write_set(tmp_path)
    moved = []
    for example in examples:
        if example.label == "cow":
            path = tmp_path / "other" / pathlib.Path(example.path).name
            pathlib.Path(example.path).rename(path)
            example = example._replace(path=path)
        moved.append(example)
    rows = {row.trait: row for row in examine(moved).rows}
    assert rows["folder"].found
    assert rows["folder"].kind == "origin"
    assert found(moved) == {}


def test_a_higher_rate_that_the_network_does_not_hear_needs_no_band(tmp_path):
    def to_48_khz(samples, rate_hz, *rest):
        return scipy.signal.resample_poly(samples, 3, 1), 48000, *rest

    row = found(write_set(tmp_path, to_48_khz))["sample rate"]
    assert row.flags == {}


def test_a_few_recordings_are_not_examined(tmp_path):
    examples = write_set(tmp_path)
    assert examine([e for e in examples if e.label == "bee"]) is None
    few = [e for e in examples if e.label == "bee" or e.path.stem[-2:] < "04"]
    assert examine(few) is None
    one_group = [e._replace(group="g") for e in examples]
    assert examine(one_group) is None


def test_damaged_recordings_are_left_out(tmp_path):
    examples = write_set(tmp_path)
    pathlib.Path(examples[0].path).write_text("no audio")
    pathlib.Path(examples[1].path).unlink()
    assert examine(examples).num_recordings == len(examples) - 2


def test_the_result_does_not_depend_on_the_order(tmp_path):
    examples = write_set(tmp_path, MADE["level"])
    assert examine(examples) == examine(examples[::-1])


def test_large_sets_are_sampled_evenly():
    examples = [Example(f"{i}.wav", "ab"[i % 2]) for i in range(3000)]
    examples += [Example(f"c{i}.wav", "c") for i in range(20)]
    chosen = sample(examples)
    counts = [sum(e.label == name for e in chosen) for name in "abc"]
    assert counts == [490, 490, 20]
    assert sample(examples[::-1]) == chosen


def test_the_advice_names_trait_class_values_and_flag(tmp_path):
    row = found(write_set(tmp_path, MADE["level"]))["level"]
    advice = wording.advise(row, "animal")
    for part in ("level", "bee", "animal", "dB", "--config.augmentation."):
        assert part in advice
    nothing = dataclasses.replace(row, flags={})
    assert "Flag" not in wording.advise(nothing, "animal")
