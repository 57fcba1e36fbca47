"""The calibration on the page of a run."""

import json

import pytest

from audio_diffstride.report import calibration
from audio_diffstride.report import run as finished
from tests.report.report_test import HOSTILE, write_report
from tests.support import calibrated_run


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    tasks = {"a": list(HOSTILE[:3]), "b": ["1", "2", "3"]}
    return calibrated_run.write(tmp_path_factory.mktemp("run"), tasks=tasks)


def test_the_page_shows_the_calibration_of_its_model(workdir):
    page = write_report(workdir)
    assert "Calibration" not in [e["text"] for e in page.all("h2")]
    calibrated_run.calibrate(workdir, "--recall", "0.7", "--top", "all")
    page = write_report(workdir)
    assert "Calibration" in [e["text"] for e in page.all("h2")]
    text = " ".join(page.text().split())
    content = json.loads((workdir / "calibration.json").read_text("utf-8"))
    for task, entry in content["tasks"].items():
        error = entry["expected_calibration_error"]
        assert f"{task}: thresholds for a recall of 0.7, for all" in text
        assert f"{100 * error['before']:.1f} % before" in text
        assert f"{100 * error['after']:.1f} % after" in text
        for name, threshold in entry["thresholds"].items():
            assert f"{name} {threshold:.4f}" in text
    pictures = [e.get("aria-label", "") for e in page.all("svg")]
    assert sum("before and after calibration" in p for p in pictures) == 2

    with open(workdir / "best.keras", "ab") as file:
        file.write(b" ")
    described = calibration.describe(finished.load(workdir))
    assert "does not belong to best.keras" in described["problem"]
