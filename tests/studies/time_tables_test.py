"""The tables of how long trainings take, and the page that shows them."""

import json
import pathlib

import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.terminal.text_table import to_markdown
from studies import time_tables

RESULTS = pathlib.Path(__file__).parents[2] / "docs" / "results"
ROWS = {
    "Digits, 95 %": "time_to_accuracy_digits.json",
    "Pitch, 70 %": "time_to_accuracy_pitch.json",
}


def training(setting, steps, seed):
    return {
        "arm": "strided_conv",
        "setting": setting,
        "seed": seed,
        "steps": steps,
        "seconds": steps,
        "cpu_s": steps and steps / 10,
        "first_step_s": 2.0,
        "last_score": 0.9,
    }


def test_medians_stand_beside_those_of_before():
    rows = [
        *(training("before", n, s) for s, n in enumerate([100, 400, 200])),
        *(training("fast", n, s) for s, n in enumerate([50, 100, None])),
    ]
    header, before, fast = time_tables.table("Birds", rows)
    assert header[0] == "Birds"
    assert before[2:] == ["3 of 3", "200", "", "20.0", "", "2.0"]
    assert fast[2:] == ["2 of 3", "100", "0.50", "10.0", "0.50", "2.0"]


def test_a_target_that_most_miss_has_no_time():
    rows = [training("before", n, s) for s, n in enumerate([100, None, None])]
    _, line = time_tables.table("Birds", rows)
    assert line[2:7] == ["1 of 3", "-", "", "-", ""]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"layers": []}'])
def test_another_file_is_reported(text, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(UserError, match="has no trainings"):
        time_tables.read(str(path))


def test_the_tables_are_written_and_printed(tmp_path, capsys):
    path = tmp_path / "mine.json"
    path.write_text(
        json.dumps({"time_to_accuracy": [training("before", 100, 0)]})
    )
    flags = ["--row", "Birds", str(path), "--output", str(tmp_path)]
    time_tables.main(flags)
    assert "Birds" in (tmp_path / "time_to_accuracy_tables.md").read_text()
    assert "Birds" in capsys.readouterr().out


@pytest.mark.parametrize("title", ROWS)
def test_the_page_shows_the_kept_numbers(title):
    page = (RESULTS / "time_to_accuracy.md").read_text("utf-8")
    rows = time_tables.read(str(RESULTS / ROWS[title]))
    assert to_markdown([*time_tables.table(title, rows)]) in page
