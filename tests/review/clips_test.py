"""The files of a clip: names for every file system, sound and picture."""

import pathlib

import numpy as np
import pytest
import soundfile
from PIL import Image

from audio_diffstride.layers.log_mel import LogMelSpectrogram
from audio_diffstride.review import clips
from audio_diffstride.review.selection import Found
from tests.support.synthetic import tone


def found(path="a.wav", label="wren", task="bird", score=0.9, start_s=1.0):
    path = pathlib.Path(path)
    return Found(path, start_s, start_s + 1, task, label, score)


def test_names_are_safe_and_differ():
    labels = ["a/b", "a:b", "A_b", "..", "con. ", "日本", "x" * 300, "a/b"]
    names = clips.names([found(label=label) for label in labels])
    folded = [str(name).casefold() for name in names]
    assert len({*folded}) == len(folded)
    for name in names:
        parent, file = name.parts
        assert not {*parent} & {*'/\\:*?"<>|'}
        assert not parent.startswith(".") and not parent.endswith((".", " "))
        assert len(parent.encode()) < 100
    # Of one class in one folder, of others in others.
    assert names[0].parent == names[-1].parent
    assert len({name.parent for name in names}) == len(labels) - 1


def test_classes_of_two_tasks_have_folders_of_their_own():
    names = clips.names([found(), found(task="b")])
    assert [name.parent.name for name in names] == ["bird_wren", "b_wren"]


def test_a_picture_is_dark_outside_of_the_detection(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, 0.1 * tone(2000, 3.0), 16000)
    writer = clips.ClipWriter(LogMelSpectrogram(), 1.0)
    writer.write(found(path, label="$wren$ 鶯"), tmp_path / "x" / "1.clip")
    picture = np.asarray(Image.open(tmp_path / "x" / "1.clip.png").convert("L"))
    height, width = picture.shape
    rows = picture[height // 4 : height * 2 // 3]
    inside, outside = (
        rows[:, round(share * width)].astype(float) for share in (0.55, 0.25)
    )
    assert outside.mean() < 0.75 * inside.mean()
    samples, rate_hz = soundfile.read(tmp_path / "x" / "1.clip.wav")
    assert (len(samples), rate_hz) == (48000, 16000)


def test_a_recording_that_only_ffmpeg_reads_has_clips(tmp_path):
    pytest.importorskip("av")
    from tests.support import ffmpeg_audio

    path = tmp_path / "a.m4a"
    samples = tone(500, 2.0).astype("float32")
    ffmpeg_audio.write(path, ffmpeg_audio.LOSSY[".m4a"], samples, 16000)
    writer = clips.ClipWriter(LogMelSpectrogram(), 5.0)
    writer.write(found(path), tmp_path / "1")
    assert 1.9 < soundfile.info(tmp_path / "1.wav").duration < 2.2


def test_a_header_that_promises_too_much_costs_the_margin_only(tmp_path):
    path = tmp_path / "a.mp3"
    soundfile.write(path, tone(500, 6.0), 16000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert soundfile.info(path).duration > 5.9  # by the Xing header
    writer = clips.ClipWriter(LogMelSpectrogram(), 3.0)
    writer.write(found(path), tmp_path / "1")
    assert soundfile.info(tmp_path / "1.wav").duration == 2.0
