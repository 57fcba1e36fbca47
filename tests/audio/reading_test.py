"""Reading recordings of many formats."""

import numpy as np
import pytest
import scipy.signal
import soundfile

from audio_diffstride.audio.reading import read_audio
from audio_diffstride.errors import UserError
from tests.support.synthetic import tone

LOSSLESS = {
    ("wav", "PCM_U8"): 1 / 128,
    ("wav", "PCM_16"): 1 / 32768,
    ("wav", "PCM_24"): 1 / 32768,
    ("wav", "PCM_32"): 1 / 32768,
    ("wav", "FLOAT"): 1 / 32768,
    ("wav", "DOUBLE"): 1 / 32768,
    ("flac", "PCM_16"): 1 / 32768,
    ("flac", "PCM_24"): 1 / 32768,
    ("aiff", "PCM_16"): 1 / 32768,
}


@pytest.mark.parametrize("kind, tolerance", LOSSLESS.items())
def test_every_bit_depth_comes_out_as_the_signal(kind, tolerance, tmp_path):
    suffix, subtype = kind
    path = tmp_path / f"a.{suffix}"
    samples = tone(440)
    soundfile.write(path, samples, 16000, subtype=subtype)
    read = read_audio(path)
    assert read.dtype == np.int16
    np.testing.assert_allclose(read / 32768, samples, atol=1.1 * tolerance)


@pytest.mark.parametrize("suffix", ["ogg", "mp3", "opus"])
def test_lossy_formats_come_out_close_to_the_signal(suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    samples = tone(440, seconds=1.0)
    options = {"opus": {"format": "OGG", "subtype": "OPUS"}}.get(suffix, {})
    soundfile.write(path, samples, 16000, **options)
    read = read_audio(path)[: len(samples)] / 32768
    correlation = scipy.signal.correlate(read, samples[: len(read)]).max()
    assert correlation / np.sum(samples**2) > 0.98


def test_mono_16_bit_comes_back_bit_for_bit(tmp_path):
    samples = np.random.default_rng(0).integers(-32768, 32767, 5000)
    soundfile.write(tmp_path / "a.wav", samples.astype("int16"), 16000)
    np.testing.assert_array_equal(read_audio(tmp_path / "a.wav"), samples)


def test_24_bit_stereo_at_48_khz_is_the_signal_and_not_noise(tmp_path):
    left, right = tone(440, rate_hz=48000), tone(880, rate_hz=48000)
    path = tmp_path / "a.wav"
    stereo = np.stack([left, right], axis=1)
    soundfile.write(path, stereo, 48000, subtype="PCM_24")
    expected = scipy.signal.resample(stereo.mean(axis=1), 8000)
    read = read_audio(path) / 32768
    middle = slice(200, -200)
    assert len(read) == 8000
    np.testing.assert_allclose(read[middle], expected[middle], atol=2e-2)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 44100, 192000])
def test_pitch_and_level_survive_every_sample_rate(rate_hz, tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(1000, 1.0, rate_hz), rate_hz)
    read = read_audio(tmp_path / "a.wav") / 32768
    spectrum = np.abs(np.fft.rfft(read)) / len(read) * 2
    assert len(read) == 16000
    assert spectrum.argmax() == 1000
    assert spectrum.max() == pytest.approx(0.5, rel=0.02)


def test_a_segment_is_the_slice_of_the_recording(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(440, 2.0), 16000)
    whole = read_audio(tmp_path / "a.wav")
    part = read_audio(tmp_path / "a.wav", start_s=0.5, end_s=1.25)
    np.testing.assert_array_equal(part, whole[8000:20000])


def test_loud_samples_are_clipped_and_not_wrapped(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.array([2.0, -2.0, 0.5]), 16000, subtype="FLOAT")
    assert read_audio(path).tolist() == [32767, -32768, 16384]


def test_what_cannot_be_read_says_which_file_and_why(tmp_path):
    (tmp_path / "text.wav").write_text("no audio")
    with pytest.raises(UserError, match="text.wav cannot be read as audio"):
        read_audio(tmp_path / "text.wav")
    with pytest.raises(UserError, match="missing.wav cannot be read"):
        read_audio(tmp_path / "missing.wav")
    soundfile.write(tmp_path / "empty.wav", np.zeros(0), 16000)
    with pytest.raises(UserError, match="empty.wav"):
        read_audio(tmp_path / "empty.wav")
    bad = np.array([0.0, np.nan, 0.0])
    soundfile.write(tmp_path / "nan.wav", bad, 16000, subtype="FLOAT")
    with pytest.raises(UserError, match="nan.wav.*not finite"):
        read_audio(tmp_path / "nan.wav")
    soundfile.write(tmp_path / "short.wav", tone(440, 1.0), 16000)
    for start_s, end_s in ((0.5, 0.4), (2.0, None), (0.0, 2.0)):
        with pytest.raises(UserError, match="short.wav is 1.000 s.*no segment"):
            read_audio(tmp_path / "short.wav", start_s=start_s, end_s=end_s)
