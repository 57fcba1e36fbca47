"""What the model answers to silence and noise."""

import re

import keras
import numpy as np
import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.datasets.kinds import ONE_LABEL, SEVERAL_LABELS
from audio_diffstride.report import noises
from tests.support import finished_run
from tests.support.synthetic import tiny_config, write_store

CLASSES = {"quiet": ["night", "day"], "kind": ["a", "b", "c"]}


class Model:
    """Answers by the level of a window: `night` below -50 dB of full scale."""

    class_names = CLASSES
    kinds = dict.fromkeys(CLASSES, ONE_LABEL)

    def __init__(self, certain):
        self.certain, self.heard = certain, []

    def __call__(self, windows, training):
        assert training is False
        windows = keras.ops.convert_to_numpy(windows)
        self.heard.append(windows)
        level = np.sqrt(np.mean((windows / 32768.0) ** 2, axis=1))
        logits = np.where(level < 10 ** (-50 / 20), 1, -1) * self.certain
        flat = np.tile(np.float32([0, 1, 0]), (len(windows), 1))
        # The first window of each sound is of another kind.
        flat[0] = [3, 0, 0]
        quiet = np.stack([logits, 0 * logits], axis=1)
        return {
            "quiet": keras.ops.convert_to_tensor(quiet.astype("float32")),
            "kind": keras.ops.convert_to_tensor(flat),
        }


@pytest.fixture(scope="module")
def described():
    model = Model(certain=5)
    return model, noises.describe(model, tiny_config())


def test_several_labels_answer_by_their_most_probable_class():
    model = Model(certain=5)
    model.kinds = dict.fromkeys(CLASSES, SEVERAL_LABELS)
    quiet, kind = noises.describe(model, tiny_config())["tasks"]
    sure = 1 / (1 + np.exp(-5))
    assert quiet["rows"][0][1:] == ("night", 1.0, pytest.approx(sure))
    # Above the level no window has `night`, and 0.5 is found.
    assert quiet["rows"][3][1:] == ("day", 1.0, pytest.approx(0.5))
    # The first window has 0.5 of `b`, and the others e / (1 + e).
    mean = (0.5 + 7 * np.e / (1 + np.e)) / 8
    assert kind["rows"][0][1:] == ("b", 1.0, pytest.approx(mean))


def test_answers_are_counted_over_the_windows(described):
    _, found = described
    quiet, kind = found["tasks"]
    assert (quiet["name"], kind["name"]) == ("quiet", "kind")
    sure = 1 / (1 + np.exp(-5))
    assert [row[1:] for row in quiet["rows"]] == [
        *[("night", 1.0, pytest.approx(sure))] * 3,
        *[("day", 1.0, pytest.approx(sure))] * 2,
        *[("night", 1.0, pytest.approx(sure))] * 2,
        *[("day", 1.0, pytest.approx(sure))] * 2,
    ]
    e = np.e
    others = 7 * e / (e + 2) + 1 / (e**3 + 2)
    for _, answer, share, score in kind["rows"]:
        assert (answer, share) == ("b", 7 / 8)
        assert score == pytest.approx(others / 8)


def test_a_class_that_takes_most_sounds_with_certainty_is_named(described):
    _, found = described
    assert found["tasks"][0]["taker"] == {"name": "night", "sounds": 5}
    assert found["tasks"][1]["taker"] is None
    unsure = noises.describe(Model(certain=2), tiny_config())  # 88 %
    assert unsure["tasks"][0]["taker"] is None


def test_sounds_have_their_level_and_are_drawn_the_same_again(described):
    model, found = described
    names = [row[0] for row in found["tasks"][0]["rows"]]
    assert len(names) == len(model.heard) == 9
    for name, windows in zip(names, model.heard):
        assert (windows.dtype, windows.shape) == (np.int16, (8, 6400))
        if name == "digital silence":
            assert not windows.any()
            continue
        level_db = int(re.search("-[0-9]+", name)[0])
        power = np.mean((windows / 32768.0) ** 2, axis=1)
        np.testing.assert_allclose(10 * np.log10(power), level_db, atol=0.1)
        assert len({window.tobytes() for window in windows}) == 8
    again = Model(certain=5)
    assert noises.describe(again, tiny_config()) == found
    for one, other in zip(model.heard, again.heard):
        np.testing.assert_array_equal(one, other)


def test_long_windows_are_few():
    config = tiny_config()
    config.window_s = 20.0
    config.front_end.sample_rate_hz = 1000
    assert noises.describe(Model(certain=1), config)["windows"] == 4


def test_the_spectrum_is_flat_and_then_falls_by_nine_decibels_per_octave():
    rng = np.random.default_rng(1)
    noise = rng.standard_normal((200, 4000))
    shaped = noises.shape_as_speech(noise, 16000)
    power = np.mean(np.abs(np.fft.rfft(shaped)) ** 2, axis=0)

    def level_db(hz):
        near = slice(round(hz / 4 / 1.02), round(hz / 4 * 1.02) + 1)
        return 10 * np.log10(power[near].mean())

    flat_db = level_db(300)
    for hz, expected in ((450, 0), (1000, -9), (2000, -18), (4000, -27)):
        assert level_db(hz) - flat_db == pytest.approx(expected, abs=1)


def test_an_output_that_is_not_finite_gives_no_answers():
    found = noises.describe(Model(certain=np.nan), tiny_config())
    assert found["tasks"] == []


def test_the_page_and_the_command_say_which_class_takes_noise(
    tmp_path, capsys, monkeypatch
):
    store = write_store(tmp_path / "own", {"a<b": ["x", "y"], "c": ["1", "2"]})
    workdir = finished_run.write(tmp_path / "run", [store])
    config = (workdir / "config.json").read_text()
    own = '"source": "audio_files", "path": "my <birds>"'
    config = re.sub('"source": "[^"]*"', own, config)
    (workdir / "config.json").write_text(re.sub('"path": "",', "", config))
    rows = [(f"sound {i}", "x", 1.0, 0.95) for i in range(9)]
    taker = {"name": "x", "sounds": 9}
    found = [
        {"name": "a<b", "rows": rows, "taker": taker},
        {"name": "c", "rows": rows[:1], "taker": None},
    ]
    monkeypatch.setattr(
        noises, "describe", lambda *args: {"windows": 7, "tasks": found}
    )
    call("report", ["--workdir", str(workdir)])
    printed = capsys.readouterr()
    assert printed.err.splitlines()[-1] == (
        "warning: a<b: the class x takes 9 of 9 sounds of silence and noise "
        "with more than 90 %; see Noise in the report"
    )
    page = (workdir / "report.html").read_text("utf-8")
    section = page.partition('id="noises"')[2].partition("</section>")[0]
    assert "a&lt;b: the class x takes 9 of 9 sounds" in section
    assert section.count('class="note"') == 1
    assert "audio-diffstride check &#39;my &lt;birds&gt;&#39;" in section
    assert "95.0 %" in section and "7 windows of 0.4 s" in section
