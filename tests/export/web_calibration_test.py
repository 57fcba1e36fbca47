"""The page of a calibrated run lists what its thresholds find, in Chromium."""

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.runs import layout
from tests.support import calibrated_run, exported_run
from tests.support.chromium import Chromium
from tests.support.listening_page import IS_READY, heard, rows_of, saved
from tests.support.synthetic import tone

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    workdir = calibrated_run.write(tmp_path_factory.mktemp("runs"))
    calibrated_run.calibrate(workdir, "--f1", "--top", "all")
    exported_run.export(workdir, "web")
    return workdir


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """Tones that change, 6 s."""
    path = tmp_path_factory.mktemp("sound") / "tones.wav"
    parts = [tone(300 + 170 * number, 0.3) for number in range(20)]
    soundfile.write(path, 0.6 * np.hstack(parts), 16000)
    return path


@pytest.fixture(scope="module")
def browser(workdir, tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("browser")) as browser:
        browser.open(workdir / "export_web" / layout.WEB)
        browser.wait(IS_READY)
        yield browser


def field(name):
    return f"document.getElementById('{name}')"


def test_it_lists_what_predict_finds_with_that_aim(
    browser, workdir, sound, tmp_path
):
    assert browser.evaluate(f"{field('calibrated')}.checked")
    assert browser.evaluate(f"{field('threshold')}.disabled")
    browser.evaluate(f"{field('join')}.click()")
    assert heard(browser, sound) == ""
    mine = rows_of(saved(browser, "csv", "tones.csv"))
    output = tmp_path / "found.csv"
    call(
        "predict",
        [sound, "--workdir", workdir, "--output", output, "--hop_s", 0.2]
        + ["--f1", "--top", "all"],
    )
    theirs = rows_of(output)
    assert len(mine) == len(theirs) > 10
    for a, b in zip(mine, theirs):
        assert float(a.pop("score")) == pytest.approx(
            float(b.pop("score")), abs=1e-4
        )
        assert a | {"file": ""} == b | {"file": ""}
    assert browser.evaluate(f"{field('command')}.textContent").endswith(
        "--hop_s 0.2 --f1 --top all"
    )


def test_the_slider_takes_over_and_gives_back(browser, sound):
    assert heard(browser, sound) == ""
    calibrated = rows_of(saved(browser, "csv", "tones.csv"))
    browser.evaluate(f"{field('calibrated')}.click()")
    assert not browser.evaluate(f"{field('threshold')}.disabled")
    browser.evaluate(
        f"{field('threshold')}.value = 0;"
        f"{field('threshold')}.dispatchEvent(new Event('input'))"
    )
    own = rows_of(saved(browser, "csv", "tones.csv"))
    browser.wait(f"!{field('command')}.textContent.includes('--f1')")
    assert own != calibrated
    browser.evaluate(f"{field('calibrated')}.click()")
    assert rows_of(saved(browser, "csv", "tones.csv")) == calibrated
