"""The traits of recordings, against what was written into them."""

import datetime
import os

import numpy as np
import pytest
import scipy.signal
import soundfile

from audio_diffstride.errors import UserError
from audio_diffstride.shortcuts.origins import name_pattern
from audio_diffstride.shortcuts.traits import (
    measure,
    used_bits,
    without_class,
)

RATE_HZ = 16000


def noise(level_db: float, seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    """White noise of a root mean square level, relative to full scale."""
    samples = np.random.default_rng(seed).standard_normal(
        round(seconds * RATE_HZ)
    )
    return samples * 10 ** (level_db / 20)


def written(path, samples, rate_hz=RATE_HZ, **kwargs):
    soundfile.write(path, samples, rate_hz, **kwargs)
    return measure(path)


def test_what_the_header_says(tmp_path):
    stereo = np.stack([noise(-30), noise(-30, seed=1)], axis=1)
    traits = written(tmp_path / "a.flac", stereo, subtype="PCM_24")
    assert traits.format == "FLAC PCM_24"
    assert traits.sample_rate_hz == RATE_HZ
    assert traits.channels == 2
    assert traits.duration_s == 1.0


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_the_bits_in_use(bits, tmp_path):
    """A file of 16 bits can hold samples of fewer."""
    step = 2.0 ** (1 - bits)
    samples = np.round(noise(-20) / step) * step
    assert written(tmp_path / "a.wav", samples).bits == bits


def test_bits_of_silence_are_none():
    assert used_bits(np.zeros(4, np.int32)) == 0


@pytest.mark.parametrize("level_db", [-80, -50, -20])
def test_level_and_floor_of_white_noise_are_its_level(level_db, tmp_path):
    traits = written(tmp_path / "a.wav", noise(level_db), subtype="PCM_24")
    assert traits.level_db == pytest.approx(level_db, abs=0.3)
    assert traits.floor_db == pytest.approx(level_db, abs=1.5)


def test_the_floor_is_under_the_sound(tmp_path):
    """A tone fills few frequencies: the floor is that of the noise."""
    time_s = np.arange(RATE_HZ) / RATE_HZ
    samples = 0.5 * np.sin(2 * np.pi * 440 * time_s) + noise(-60)
    traits = written(tmp_path / "a.wav", samples, subtype="PCM_24")
    assert traits.floor_db == pytest.approx(-60, abs=2)


@pytest.mark.parametrize("edge_hz", [2000, 4000, 6000])
def test_bandwidth_of_a_lowpass_filter(edge_hz, tmp_path):
    design = scipy.signal.ellip(12, 0.1, 80, edge_hz, fs=RATE_HZ, output="sos")
    samples = scipy.signal.sosfilt(design, noise(-20))
    bandwidth_hz = written(tmp_path / "a.wav", samples).bandwidth_hz
    assert bandwidth_hz == pytest.approx(edge_hz, abs=300)


def test_a_sound_that_fades_out_along_frequency_has_no_edge(tmp_path):
    """Noise of -12 dB per octave is not band-limited."""
    spectrum = np.fft.rfft(noise(-20, 3.0))
    hz = np.fft.rfftfreq(3 * RATE_HZ, 1 / RATE_HZ)
    samples = np.fft.irfft(spectrum / (1 + (hz / 200) ** 2))
    traits = written(tmp_path / "a.wav", samples, subtype="FLOAT")
    assert traits.bandwidth_hz == RATE_HZ / 2


def test_digital_silence_and_the_pause_before_a_sound(tmp_path):
    samples = np.concatenate([np.zeros(4000), noise(-20, 0.75)])
    traits = written(tmp_path / "a.wav", samples)
    assert traits.silent_share == pytest.approx(0.25, abs=0.001)
    assert traits.pause_s == pytest.approx(0.25, abs=0.04)
    assert written(tmp_path / "b.wav", noise(-20)).silent_share == 0


def test_a_constant_offset(tmp_path):
    traits = written(tmp_path / "a.wav", noise(-40) - 0.1)
    assert traits.dc_offset == pytest.approx(0.1, abs=0.001)


def test_a_segment_is_measured_alone(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.concatenate([noise(-60), noise(-20)]), RATE_HZ)
    assert measure(path, 1.0, 1.5).level_db == pytest.approx(-20, abs=0.5)
    assert measure(path, 1.0, 1.5).duration_s == 0.5
    assert measure(path, None, 1.0).level_db == pytest.approx(-60, abs=0.5)


@pytest.mark.parametrize(
    "name", ["20240131_a.wav", "x-2024-01-31.wav", "2024.01.31 7.wav"]
)
def test_the_date_in_a_name(name, tmp_path):
    assert written(tmp_path / name, noise(-20)).date == 20240131


def test_the_date_of_a_file(tmp_path):
    soundfile.write(tmp_path / "take99999999.wav", noise(-20), RATE_HZ)
    noon = datetime.datetime(2021, 3, 4, 12).timestamp()
    os.utime(tmp_path / "take99999999.wav", (noon, noon))
    assert measure(tmp_path / "take99999999.wav").date == 20210304


def test_the_folder_and_the_name_of_the_class_are_no_traits(tmp_path):
    (tmp_path / "Dog").mkdir()
    path = tmp_path / "Dog" / "dog_12.wav"
    soundfile.write(path, noise(-20), RATE_HZ)
    assert without_class(measure(path), path, "dog").folder == ""
    assert without_class(measure(path), path, "cat").folder == str(path.parent)
    assert name_pattern("dog_12", "dog") == name_pattern("cat_7", "cat")
    assert name_pattern("a.b(1)", "(") != name_pattern("a.b[1)", "(")


@pytest.mark.parametrize("content", [b"", b"no audio", b"RIFF\0\0\0\0WAVE"])
def test_what_is_no_audio_is_refused(content, tmp_path):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(UserError, match="a.wav"):
        measure(tmp_path / "a.wav")


def test_short_and_silent_files_have_traits(tmp_path):
    assert written(tmp_path / "a.wav", np.full(1, 0.5)).duration_s < 0.001
    silent = written(tmp_path / "b.wav", np.zeros(800))
    assert silent.silent_share == 1
    assert silent.floor_db == -140
