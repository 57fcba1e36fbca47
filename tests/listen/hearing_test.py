"""From blocks of sound to windows, without a model."""

import collections
import io
import os
import signal
import struct
import threading
import tracemalloc

import numpy as np
import pytest
import soundfile

from audio_diffstride.listen import hearing, pcm
from audio_diffstride.listen.sound import Block
from audio_diffstride.listen.stopping import stop_event
from audio_diffstride.listen.tally import Tally
from audio_diffstride.predict import streams
from audio_diffstride.predict.detections import ScoredWindow


class Scorer:
    """Keeps the samples of every window as its logits."""

    rate_hz, window_samples, hop_samples = 16000, 4000, 1600

    def one_by_one(self, blocks):
        for window in streams.cut_windows(
            blocks, self.window_samples, self.hop_samples
        ):
            end = window.start_sample + window.held_samples
            yield ScoredWindow(
                window.start_sample,
                end,
                window.padded,
                1,
                {"samples": window.samples},
            )


class Source:
    name, behind_s = "a source", 0.0

    def __init__(self, blocks):
        self.problems = collections.deque()
        self._blocks = blocks

    def blocks(self):
        yield from self._blocks


def quiet(sentence):
    warnings.append(sentence)


warnings: list[str] = []


def hear(blocks, stop=None, **limits):
    """The windows of a source, and the tally."""
    warnings.clear()
    tally = Tally("a source", quiet)
    received = hearing.receive(
        Source(blocks), tally, stop or threading.Event(), **limits
    )
    return list(hearing.score(received, Scorer())), tally


def cut(samples, rate_hz, sizes):
    """Blocks of random sizes."""
    start = 0
    while start < len(samples):
        end = start + int(sizes.integers(1, rate_hz // 5))
        yield Block(rate_hz, start, samples[start:end])
        start = end


@pytest.mark.parametrize("rate_hz", [8000, 16000, 44100, 48000])
@pytest.mark.parametrize("channels", [1, 2])
def test_windows_are_bit_for_bit_those_of_the_file(rate_hz, channels, tmp_path):
    rng = np.random.default_rng(rate_hz)
    shape = (4 * rate_hz + 17, channels)
    samples = rng.integers(-20000, 20000, shape).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", samples, rate_hz)
    expected = list(
        Scorer().one_by_one(streams.read_blocks(tmp_path / "a.wav"))
    )
    heard, tally = hear(cut(samples, rate_hz, rng))
    assert len(heard) == len(expected) > 30
    for mine, theirs in zip(heard, expected):
        assert mine.start_sample == theirs.start_sample
        assert (mine.end_sample, mine.padded) == (
            theirs.end_sample,
            theirs.padded,
        )
        np.testing.assert_array_equal(
            mine.logits["samples"], theirs.logits["samples"]
        )
    assert tally.heard_s == pytest.approx(4 + 17 / rate_hz)
    assert tally.is_complete and not warnings


def test_no_window_spans_lost_sound_and_times_stay_right():
    value = np.arange(1, 20001, dtype=np.int16)[:, None]
    blocks = [
        Block(16000, 0, value[:5000]),
        None,
        Block(16000, 9000, value[9000:15000]),
        Block(16000, 15000, value[15000:]),
    ]
    windows, tally = hear(blocks)
    for window in windows:
        held = window.end_sample - window.start_sample
        expected = value[window.start_sample : window.end_sample, 0]
        np.testing.assert_array_equal(window.logits["samples"][:held], expected)
    spans = [(w.start_sample, w.end_sample, w.padded) for w in windows]
    assert spans[:2] == [(0, 4000, False), (1600, 5000, True)]
    assert spans[2] == (9000, 13000, False)
    assert spans[-1][1] == 20000
    assert warnings == ["0.2 s of sound are lost, from 0.3 to 0.6 s"]
    assert tally.lines()[1] == "lost: 0.2 s of sound in 1 place"
    assert tally.lost_s == 0.25 and not tally.is_complete


def test_a_stop_ends_endless_sound():
    stop = threading.Event()

    def endless():
        silence = np.zeros((1600, 1), np.int16)
        for number in range(1000):
            if number == 7:
                stop.set()
            yield Block(16000, 1600 * number, silence)
        raise AssertionError("not stopped")

    windows, tally = hear(endless(), stop)
    assert tally.heard_s == pytest.approx(0.7)
    assert windows[-1].end_sample == 11200


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_stops_and_the_second_is_as_before(number):
    before = signal.getsignal(number)
    with stop_event() as stop:
        os.kill(os.getpid(), number)
        assert stop.wait(10)
        assert signal.getsignal(number) is before
    with stop_event() as stop:
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before and not stop.is_set()


def test_problems_of_a_source_are_told_at_once_and_counted():
    source = Source([])

    def blocks():
        source.problems.append("one")
        yield None
        assert warnings == ["one"]
        source.problems.append("two")

    source.blocks = blocks
    warnings.clear()
    tally = Tally("a source", quiet)
    assert not list(hearing.receive(source, tally, threading.Event()))
    assert warnings == ["one", "two"]
    assert tally.problems == 2 and not tally.is_complete


def test_memory_does_not_grow():
    def seconds(count):
        noise = np.zeros((4410, 2), np.int16)
        for number in range(10 * count):
            yield Block(44100, 4410 * number, noise)

    peaks = []
    for count in (10, 100):
        tracemalloc.start()
        tally = Tally("a source", quiet)
        blocks = hearing.receive(
            Source(seconds(count)), tally, threading.Event()
        )
        collections.deque(hearing.score(blocks, Scorer()), maxlen=0)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0]


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tally(clock):
    warnings.clear()
    return Tally("stdin", quiet, clock)


def test_a_wait_for_sound_is_told_once_and_counted(tally, clock):
    clock.now = 5.0
    tally.idle()
    assert warnings == ["waiting for sound from stdin"]
    tally.receive(1.0, 0.0)
    tally.finish()
    for seconds in (0.5, 0.9, 1.5, 3.0):
        clock.now = 5.0 + seconds
        tally.idle()
    assert warnings[1:] == ["no sound from stdin for 1 s"]
    clock.now = 9.0
    tally.receive(1.0, 0.0)
    tally.finish()
    assert tally.lines() == [
        "2.0 s of sound in 4.0 s, 0 detections",
        "late: 1 wait for sound, 4 s in all",
    ]
    assert tally.is_complete


def test_late_scores_are_told_each_time_that_they_double(tally):
    for behind_s in (0.5, 1.1, 2.0, 2.3, 4.0, 5.0, 0.1):
        tally.receive(0.1, behind_s)
        tally.finish()
    assert [sentence.split()[3] for sentence in warnings] == [
        "1.1",
        "2.3",
        "5.0",
    ]
    assert tally.lines()[-1] == "late: scores up to 5.0 s"


def test_a_model_that_is_slower_than_sound_is_told_once(tally, clock):
    for pace in (0.5, 1.5, 2.0):
        for _ in range(10):
            tally.receive(1.0, 0.0)
            clock.now += pace
            tally.finish()
    assert len(warnings) == 1
    assert "a second of sound takes 1.5 s to score" in warnings[0]


def wav_header(rate_hz=16000, channels=1, data_bytes=0xFFFFFFFF):
    data = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 1, channels, rate_hz),
        *(rate_hz * channels * 2 & 0xFFFFFFFF, channels * 2, 16),
        *(b"data", data_bytes),
    )
    return data


def read_pcm(data, *form):
    problems = []
    blocks = list(
        pcm.read(
            io.BytesIO(data), "stdin", *(form or (None, None)), problems.append
        )
    )
    return np.concatenate([block.samples for block in blocks]), problems


@pytest.mark.parametrize("stated", [0, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_a_wav_of_unknown_length_is_read_to_its_end(stated):
    samples = np.arange(40000, dtype="<i2")
    read, problems = read_pcm(wav_header(data_bytes=stated) + samples.tobytes())
    np.testing.assert_array_equal(read[:, 0], samples)
    assert not problems


def test_what_follows_the_samples_of_a_wav_is_no_sound():
    samples = np.arange(5000, dtype="<i2")
    data = wav_header(8000, 2, 10000) + samples.tobytes() + b"LIST" * 99
    read, problems = read_pcm(data)
    np.testing.assert_array_equal(read.ravel(), samples[:5000])
    assert read.shape == (2500, 2) and not problems


def test_half_a_frame_at_the_end_is_told():
    read, problems = read_pcm(bytes(4 * 1000 + 2), 8000, 2)
    assert read.shape == (1000, 2)
    assert problems == [
        "stdin is cut off within a sample; if its sound is noise, check "
        "--channels"
    ]


def test_no_number_in_a_header_sizes_an_array():
    class Pipe(io.BytesIO):
        def read(self, size=-1):
            assert 0 <= size < 1 << 20
            return super().read(size)

    data = wav_header(10_000_000, 65535 // 2) + bytes(200_000)
    blocks = pcm.read(Pipe(data), "stdin", None, None, print)
    assert sum(len(block.samples) for block in blocks) == 200_000 // 65534
