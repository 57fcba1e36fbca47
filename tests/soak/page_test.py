"""The page that listens hears for minutes, in the memory that it states.

`PAGE_MINUTES=30 make soak` listens for half an hour.
"""

import os
import time

import numpy as np
import pytest
import soundfile

from tests.support import exported_run
from tests.support.chromium import Chromium
from tests.support.listening_page import IS_READY, PROBLEM, STATUS
from tests.support.synthetic import tone

pytestmark = pytest.mark.slow

MINUTES = int(os.environ.get("PAGE_MINUTES", 3))
KEPT_MINUTES = 10  # of sound, at 16 kHz in float32
SOUND_MB = 60 * 16000 * 4 / 1e6  # of a minute
TABLE_MB = 1.5  # of a minute: the scores of 300 windows, and their rows


@pytest.fixture(scope="module")
def page(surroundings):
    run = surroundings.folder / "run"
    exported_run.export(run, "web")
    return run / "export_web" / "listen.html"


@pytest.fixture(scope="module")
def microphone(tmp_path_factory):
    """A minute of tones, which Chromium repeats."""
    path = tmp_path_factory.mktemp("sound") / "minute.wav"
    frequencies_hz = np.random.default_rng(0).uniform(100, 5000, 60)
    samples = np.hstack([tone(hz, 1.0) for hz in frequencies_hz])
    soundfile.write(path, 0.5 * samples, 16000)
    return path


def held_mb(browser):
    """Objects of the page and its arrays of sound, after a collection."""
    browser.send("HeapProfiler.collectGarbage")
    usage = browser.send("Runtime.getHeapUsage")
    return (usage["usedSize"] + usage["backingStorageSize"]) / 1e6


def test_memory_grows_with_what_is_kept_only(page, microphone, tmp_path):
    with Chromium(
        tmp_path / "browser",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={microphone}",
        "--autoplay-policy=no-user-gesture-required",
    ) as browser:
        browser.open(page)
        browser.wait(IS_READY)
        browser.evaluate("document.getElementById('listen').click()")
        start_s = time.monotonic()
        held = []
        for minute in range(1, MINUTES + 1):
            time.sleep(max(0.0, start_s + 60 * minute - time.monotonic()))
            held.append(held_mb(browser))
            print(
                f"{minute} min, {held[-1]:.1f} MB: {browser.evaluate(STATUS)}"
                f" {browser.evaluate(PROBLEM)}"
            )
        browser.evaluate("document.getElementById('stop').click()")
        browser.wait(f"/^Heard/.test({STATUS})")
        assert browser.problems() == []
    filling = min(MINUTES, KEPT_MINUTES)
    assert held[filling - 1] - held[0] < (filling - 1) * (SOUND_MB + TABLE_MB)
    full = held[KEPT_MINUTES + 2 :]  # some sound may have been lost
    if len(full) > 1:
        assert full[-1] - full[0] < (len(full) - 1) * TABLE_MB
