"""Recordings and videos that FFmpeg reads."""

import os
import random

import numpy as np
import pytest
import scipy.signal
import soundfile

from audio_diffstride.audio import folders, truncation
from audio_diffstride.audio.reading import read_audio
from audio_diffstride.errors import UserError
from audio_diffstride.predict import streams
from audio_diffstride.recordings import manifest
from tests.support import ffmpeg_audio
from tests.support.ffmpeg_audio import LOSSLESS, LOSSY
from tests.support.synthetic import tone


def noise(num_samples, channels=1, seed=0):
    """16-bit noise, of shape (samples, channels)."""
    rng = np.random.default_rng(seed)
    shape = (num_samples, channels)
    return rng.integers(-32768, 32767, shape).astype(np.int16)


def stream(path):
    return np.concatenate(list(streams.read_blocks(path)))


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_lossless_sound_comes_back_bit_for_bit(suffix, tmp_path):
    samples = noise(20_000)
    path = tmp_path / f"a{suffix}"
    ffmpeg_audio.write(path, LOSSLESS[suffix], samples, 16000)
    np.testing.assert_array_equal(read_audio(path), samples[:, 0])
    np.testing.assert_array_equal(stream(path), samples[:, 0])
    assert streams.read_header(path)[1] == 16000
    assert truncation.find(path) is None


@pytest.mark.parametrize("suffix", [".m4a", ".mkv"])
def test_stereo_at_another_rate_is_what_libsndfile_reads(suffix, tmp_path):
    # More than two blocks.
    samples = noise(150_000, channels=2) // 2
    path = tmp_path / f"a{suffix}"
    ffmpeg_audio.write(path, LOSSLESS[suffix], samples, 44100)
    soundfile.write(tmp_path / "a.wav", samples, 44100)
    expected = read_audio(tmp_path / "a.wav")
    np.testing.assert_array_equal(read_audio(path), expected)
    np.testing.assert_array_equal(stream(path), expected)


@pytest.mark.parametrize(
    "kind, scale, offset",
    [
        (("pcm_u8", "u8"), 128, 128),
        (("pcm_s32le", "s32"), 2**31, 0),
        (("pcm_f32le", "flt"), 1, 0),
        (("pcm_f64le", "dbl"), 1, 0),
    ],
)
def test_every_kind_of_sample_has_the_same_full_scale(
    kind, scale, offset, tmp_path
):
    wanted = np.array([-1.0, -0.5, 0.0, 0.25, 0.5])
    dtype = {"u8": "u1", "s32": "i4", "flt": "f4", "dbl": "f8"}[kind[1]]
    samples = np.tile(wanted * scale + offset, 100).astype(dtype)
    path = ffmpeg_audio.write(tmp_path / "a.mov", kind, samples, 16000)
    expected = np.tile(wanted * 32768, 100)
    np.testing.assert_array_equal(read_audio(path), expected)


@pytest.mark.parametrize("suffix", LOSSY)
def test_lossy_sound_comes_out_close_to_the_signal(suffix, tmp_path):
    samples = tone(440, seconds=3.0, rate_hz=48000)
    path = tmp_path / f"a{suffix}"
    ffmpeg_audio.write(path, LOSSY[suffix], samples, 48000)
    read = read_audio(path) / 32768
    np.testing.assert_array_equal(stream(path), read * 32768)
    assert len(read) == pytest.approx(48000, abs=16000 * 0.2)
    expected = scipy.signal.resample_poly(samples, 1, 3)
    match = scipy.signal.correlate(read, expected).max()
    assert match / np.sum(expected**2) == pytest.approx(1, abs=0.03)
    assert np.sum(read**2) == pytest.approx(np.sum(expected**2), rel=0.05)
    assert truncation.find(path) is None


def test_the_sound_of_a_video_is_read(tmp_path):
    samples = noise(16_000)
    for suffix in (".mkv", ".mov", ".avi"):
        path = tmp_path / f"a{suffix}"
        kind = LOSSLESS[suffix]
        # The picture is longer than the sound.
        ffmpeg_audio.write(path, kind, samples, 16000, video_frames=30)
        np.testing.assert_array_equal(read_audio(path), samples[:, 0])
        assert truncation.find(path) is None
    path = ffmpeg_audio.write_silent_video(tmp_path / "silent.mp4")
    with pytest.raises(UserError, match="silent.mp4 has no sound"):
        read_audio(path)


def test_a_segment_is_the_slice_of_the_recording(tmp_path):
    path = tmp_path / "a.m4a"
    samples = tone(440, seconds=6.0)
    ffmpeg_audio.write(path, LOSSY[".m4a"], samples, 16000)
    whole = read_audio(path)
    for start_s, end_s in ((0.5, 1.25), (5.0, None), (None, 0.1)):
        begin = round(16000 * (start_s or 0))
        end = None if end_s is None else round(16000 * end_s)
        np.testing.assert_array_equal(
            read_audio(path, start_s=start_s, end_s=end_s), whole[begin:end]
        )
    with pytest.raises(UserError, match=r"a.m4a is 6.0.. s long and has no se"):
        read_audio(path, start_s=7.0)
    with pytest.raises(UserError, match="a.m4a is cut off: of the segment"):
        read_audio(path, start_s=5.0, end_s=7.0)


def test_samples_that_are_not_finite_are_refused(tmp_path):
    for value, dtype, kind in (
        (np.nan, "f4", ("pcm_f32le", "flt")),
        (1e300, "f8", ("pcm_f64le", "dbl")),
    ):
        samples = np.zeros(5000, dtype)
        samples[-1] = value
        path = ffmpeg_audio.write(tmp_path / "a.mov", kind, samples, 16000)
        for read in (read_audio, stream):
            with pytest.raises(UserError, match="a.mov holds samples that are"):
                read(path)


def test_what_is_no_recording_is_refused(tmp_path):
    (tmp_path / "text.m4a").write_text("no audio")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder.mkv").mkdir()
    for name, message in (
        ("text.m4a", "cannot be read as audio: it is damaged, cut off or of"),
        ("empty.mp4", "cannot be read as audio"),
        ("folder.mkv", "is not a file"),
        ("missing.wma", "cannot be read as audio: No such file"),
    ):
        for read in (read_audio, stream, streams.read_header):
            with pytest.raises(UserError, match=f"{name} {message}"):
                read(tmp_path / name)


def test_a_playlist_leads_to_no_other_file(tmp_path):
    """FFmpeg would open the files and addresses that it names."""
    soundfile.write(tmp_path / "secret.wav", tone(440), 16000)
    playlists = {
        "a.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nsecret.wav\n"
        "#EXT-X-ENDLIST\n",
        "b.mkv": "ffconcat version 1.0\nfile secret.wav\n",
    }
    for name, text in playlists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(UserError, match=f"{name} cannot be read as audio"):
            read_audio(tmp_path / name)


def test_damage_is_told_with_its_place(tmp_path):
    path = tmp_path / "a.m4a"
    options = {"movflags": "faststart"}
    ffmpeg_audio.write(path, LOSSY[".m4a"], tone(440, 4.0), 16000, 0, options)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    for read in (read_audio, stream):
        with pytest.raises(UserError, match=r"it is damaged after [12]\.\d+ s"):
            read(path)


@pytest.mark.parametrize("suffix", [".mkv", ".webm"])
def test_a_recording_that_is_cut_off_is_told_and_read(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    kind = LOSSY.get(suffix, LOSSY[".m4a"])
    ffmpeg_audio.write(path, kind, tone(440, 4.0, 48000), 48000)
    whole = read_audio(path)
    assert truncation.find(path) is None
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    read = read_audio(path)
    assert 16000 < len(read) < 48000
    # The resampler sees an end where there was more.
    np.testing.assert_array_equal(read[:-1000], whole[: len(read) - 1000])
    told = truncation.find(path)
    assert f"a{suffix} is cut off: it ends at " in told
    assert told.endswith(" s that it promises")


def test_two_rates_in_one_file_are_refused(tmp_path):
    parts = []
    for rate_hz in (16000, 44100):
        path = tmp_path / f"{rate_hz}.aac"
        ffmpeg_audio.write(path, LOSSY[".aac"], tone(440, 1, rate_hz), rate_hz)
        parts.append(path.read_bytes())
    path = tmp_path / "both.aac"
    path.write_bytes(b"".join(parts))
    with pytest.raises(UserError, match="both.aac changes its sample rate"):
        read_audio(path)


def test_a_mutated_recording_is_read_or_refused(tmp_path):
    rng = random.Random(0)
    refused = 0
    for suffix in (".m4a", ".mkv", ".wma"):
        path = tmp_path / f"a{suffix}"
        ffmpeg_audio.write(path, LOSSY.get(suffix, LOSSY[".m4a"]),
                           tone(440, 0.3, 44100), 44100)  # fmt: skip
        content = path.read_bytes()
        for _ in range(30):
            mutated = bytearray(content)
            for _ in range(4):
                mutated[rng.randrange(len(content))] = rng.randrange(256)
            path.write_bytes(mutated)
            try:
                samples = read_audio(path)
                truncation.find(path)
            except UserError as error:
                assert f"a{suffix}" in str(error)
                refused += 1
            else:
                assert samples.dtype == np.int16 and len(samples)
    assert 5 < refused < 85


def test_a_name_that_is_no_text_is_read(tmp_path):
    path = ffmpeg_audio.write(
        tmp_path / "a.m4a", LOSSLESS[".m4a"], noise(100), 16000
    )
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.m4a")
    os.rename(path, odd)
    assert len(read_audio(odd)) == 100


@pytest.fixture
def mixed(tmp_path):
    """A folder with two wav, and an m4a in one of the classes."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        soundfile.write(tmp_path / name / "1.wav", tone(440), 16000)
    ffmpeg_audio.write(
        tmp_path / "a" / "2.M4A", LOSSLESS[".m4a"], noise(100), 16000
    )
    return tmp_path


def test_with_ffmpeg_its_formats_are_recordings(mixed, capsys):
    names = [r.path.name for r in manifest.read(mixed)]
    assert names == ["1.wav", "2.M4A", "1.wav"]
    found = [str(name) for _, name in streams.find_recordings([mixed])]
    assert found == ["a/1.wav", "a/2.M4A", "b/1.wav"]
    assert capsys.readouterr().err == ""


def test_without_ffmpeg_each_file_is_told(mixed, capsys, monkeypatch):
    monkeypatch.setattr(folders, "has_ffmpeg", lambda: False)
    assert [r.path.name for r in manifest.read(mixed)] == ["1.wav", "1.wav"]
    found = [str(name) for _, name in streams.find_recordings([mixed])]
    assert found == ["a/1.wav", "b/1.wav"]
    path = mixed / "a" / "2.M4A"
    assert capsys.readouterr().err == (
        f"note: 1 files .m4a are left out, such as {path}: pip install "
        "'audio-diffstride[ffmpeg]' reads them\n"
    )
    with pytest.raises(UserError, match="2.M4A is read by FFmpeg, which is no"):
        read_audio(path)
    for name in ("a", "b"):
        (mixed / name / "1.wav").unlink()
    with pytest.raises(UserError, match="1 files .m4a are left out"):
        manifest.read(mixed)
    with pytest.raises(UserError, match="there is no recording in"):
        streams.find_recordings([mixed])
