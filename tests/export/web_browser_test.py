"""The page that listens, in a headless Chromium without a network.

To look at the screenshots:
`pytest -m slow tests/export/web_browser_test.py --basetemp=DIR`.
"""

import json
import re
import time

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.audio import conversion
from audio_diffstride.datasets.kinds import ONE_LABEL
from audio_diffstride.predict import streams
from audio_diffstride.runs import loading
from tests.support import exported_run, finished_run
from tests.support.chromium import Chromium
from tests.support.listening_page import (
    IS_READY,
    PROBLEM,
    STATUS,
    choose,
    heard,
    list_every_window,
    rows_of,
    saved,
)
from tests.support.synthetic import tone, write_store

pytestmark = pytest.mark.slow

RATE, WINDOW, HOP = 16000, 6400, 3200
TASKS = {
    "a": ["x", '<img src=x onerror="document.title=1">', "</script>&amp;"],
    "b": [f"n{i}" for i in range(20)],
}
WIDER = """
[...document.body.querySelectorAll("*")].filter(e => {
  for (let box = e.parentElement; box; box = box.parentElement)
    if (getComputedStyle(box).overflowX != "visible") return false;
  return e.getBoundingClientRect().right > innerWidth + 1;
}).map(e => e.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    store = write_store(tmp_path_factory.mktemp("stores") / "own", TASKS)
    workdir = tmp_path_factory.mktemp("runs") / "run"
    finished_run.write(workdir, [store])
    exported_run.export(workdir, "web")
    return workdir


@pytest.fixture(scope="module")
def page(workdir):
    return workdir / "export_web" / "listen.html"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A wav file: tones that change, 3.3 s."""
    path = tmp_path_factory.mktemp("sound") / "to,nes.wav"
    parts = [tone(hz, 0.55) for hz in (200, 900, 3000, 450, 6000, 120)]
    noise = np.random.default_rng(0).normal(0, 0.01, len(np.hstack(parts)))
    soundfile.write(path, 0.5 * np.hstack(parts) + noise, RATE)
    return path


@pytest.fixture(scope="module")
def browser(page, tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("browser")) as browser:
        browser.open(page)
        browser.wait(IS_READY)
        yield browser


def expected_rows(workdir, samples):
    """Rows of the CSV: the trained Keras model on windows of the samples."""
    model = loading.load_model(workdir)
    rows = []
    for window in streams.cut_windows([samples], WINDOW, HOP):
        logits = model(window.samples[None], training=False)
        for task, names in TASKS.items():
            scores = ONE_LABEL.probabilities(np.array(logits[task])[0])
            end = window.start_sample + window.held_samples
            rows.append(
                {
                    "start_s": str(window.start_sample / RATE),
                    "end_s": str(end / RATE),
                    "padded": str(window.padded).lower(),
                    "windows": "1",
                    "task": task,
                    "class": names[scores.argmax()],
                    "score": scores.max(),
                }
            )
    return rows


def assert_equal_rows(path, file, expected, tolerance=1e-4):
    rows = rows_of(path)
    assert len(rows) == len(expected) > 10
    for mine, row in zip(rows, expected):
        assert float(mine.pop("score")) == pytest.approx(
            row["score"], abs=tolerance
        )
        assert mine == {"file": file} | {
            k: v for k, v in row.items() if k != "score"
        }


def test_a_dropped_recording_gets_the_scores_of_keras(browser, workdir, sound):
    list_every_window(browser)
    assert heard(browser, sound) == ""
    samples, _ = soundfile.read(sound, dtype="int16")
    path = saved(browser, "csv", "to,nes.csv")
    assert_equal_rows(path, sound.name, expected_rows(workdir, samples))


@pytest.mark.parametrize("threshold, join", [(0.3, False), (0, True)])
def test_saved_tables_are_those_of_predict(
    threshold, join, browser, page, sound, tmp_path
):
    list_every_window(browser)
    choose(browser, "threshold", threshold)
    if join:
        browser.evaluate("document.getElementById('join').click()")
    assert heard(browser, sound) == ""
    path = saved(browser, "raven", "to,nes.selections.txt")
    mine = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    call(
        "predict",
        [sound, "--model", page, "--format", "raven", "--hop_s", "0.2"]
        + ["--threshold", threshold, "--output", tmp_path / "a.txt"]
        + ["--merge"] * join,
    )
    text = (tmp_path / "a.txt").read_text("utf-8")
    theirs = [line.split("\t") for line in text.splitlines()]
    left_out = theirs[0].index("Begin Path")  # a page does not know it
    score = mine[0].index("Score")
    assert len(mine) == len(theirs) > 2
    for a, b in zip(mine, theirs):
        del b[left_out]
        if a is not mine[0]:
            assert float(a.pop(score)) == pytest.approx(
                float(b.pop(score)), abs=1e-4
            )
        assert a == b


@pytest.mark.parametrize(
    "rate, kind, tolerance",
    [
        (16000, "PCM_U8", 1e-4),
        (48000, "PCM_24", 1e-3),
        (44100, "FLOAT", 1e-2),
        (8000, "PCM_16", 1e-2),
    ],
)
def test_stereo_of_another_rate_is_resampled_as_predict_does(
    rate, kind, tolerance, browser, page, tmp_path
):
    random = np.random.default_rng(1)
    low = conversion.resample(random.normal(0, 0.1, 8000 * 3), 8000, rate)
    both = np.stack([low, 0.3 * low], axis=1)
    path = tmp_path / f"{rate}.wav"
    soundfile.write(path, both, rate, kind)
    list_every_window(browser)
    assert heard(browser, path) == ""
    call(
        "predict",
        [path, "--model", page, "--hop_s", "0.2"]
        + ["--output", tmp_path / "found.csv"],
    )
    mine = rows_of(saved(browser, "csv", f"{rate}.csv"))
    theirs = rows_of(tmp_path / "found.csv")
    assert len(mine) == len(theirs) > 10
    for a, b in zip(mine, theirs):
        assert a["start_s"] == b["start_s"] and a["end_s"] == b["end_s"]
        assert float(a["score"]) == pytest.approx(
            float(b["score"]), abs=tolerance
        )


def test_files_that_are_no_sound_are_reported(browser, tmp_path, sound):
    for name, content in (
        ("empty.wav", b""),
        ("noise.mp3", bytes(range(256)) * 20),
        ("text.txt", b"no sound"),
        ("head.wav", sound.read_bytes()[:44]),
    ):
        (tmp_path / name).write_bytes(content)
        message = heard(browser, tmp_path / name)
        assert message.startswith(f"{name} cannot be read as sound"), message
    assert heard(browser, sound) == ""


def test_names_stay_text_and_nothing_is_loaded(browser):
    assert browser.evaluate("document.images.length") == 0
    assert browser.evaluate("document.title") == "Listen: a, b"
    assert TASKS["a"][1] in browser.evaluate(
        "document.getElementById('about-panel').textContent"
    )
    assert browser.problems() == []
    addresses = {
        re.match(r"[a-z]+:", event["params"]["request"]["url"])[0]
        for event in browser.events
        if event.get("method") == "Network.requestWillBeSent"
    }
    assert addresses <= {"file:", "blob:", "data:"}


def test_the_microphone_is_heard_as_a_recording_is(
    page, workdir, sound, tmp_path
):
    with Chromium(
        tmp_path / "browser",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={linked(sound, tmp_path)}",
        "--autoplay-policy=no-user-gesture-required",
    ) as browser:
        browser.open(page)
        browser.wait(IS_READY)
        list_every_window(browser)
        browser.evaluate("document.getElementById('listen').click()")
        browser.wait("document.getElementById('detections').rows.length > 15")
        browser.evaluate("document.getElementById('stop').click()")
        browser.wait(f"/^Heard/.test({STATUS})")
        assert browser.evaluate(PROBLEM) == ""
        browser.evaluate("document.getElementById('sound').click()")
        end = time.monotonic() + 30
        while not (found := list(browser.downloads.glob("micro*.wav"))):
            assert time.monotonic() < end
            browser.evaluate("1")
        time.sleep(0.5)
        samples, rate = soundfile.read(found[0], dtype="int16")
        assert rate == RATE and np.abs(samples).max() > 1000
        path = saved(browser, "csv", f"{found[0].stem}.csv")
        expected = expected_rows(workdir, samples)
        assert_equal_rows(path, found[0].name, expected)
        assert browser.problems() == []


def linked(sound, folder):
    """The same file under a name without a comma: Chromium splits there."""
    path = folder / "tones.wav"
    path.write_bytes(sound.read_bytes())
    return path


def test_what_a_browser_lacks_is_said(page, tmp_path):
    with Chromium(tmp_path / "browser") as browser:
        script = browser.send(
            "Page.addScriptToEvaluateOnNewDocument",
            source="delete window.WebAssembly; delete window.AudioWorkletNode",
        )
        browser.open(page)
        browser.wait(PROBLEM)
        assert "it has no WebAssembly" in browser.evaluate(PROBLEM)
        assert browser.evaluate("document.getElementById('listen').disabled")
        browser.send("Page.removeScriptToEvaluateOnNewDocument", **script)
        other = tmp_path / "other.html"
        text = page.read_text("utf-8")
        about = re.search(r'id="about">(.*?)</script>', text)[1]
        probe = json.loads(about)["probe"]["a"][0]
        changed = about.replace(json.dumps(probe), json.dumps(probe + 0.01))
        other.write_text(text.replace(about, changed), "utf-8")
        browser.open(other)
        browser.wait(f"/computes other scores/.test({PROBLEM})")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_is_wider_than_the_window(
    width, scheme, browser, sound, tmp_path
):
    browser.show(width, 900, scheme)
    assert heard(browser, sound) == ""
    browser.evaluate("document.getElementById('about-panel').open = true")
    browser.screenshot(tmp_path / f"{width}-{scheme}.png")
    assert browser.evaluate(WIDER) == []
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    colour = browser.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]"
    )
    assert (int(colour) < 128) == (scheme == "dark")
