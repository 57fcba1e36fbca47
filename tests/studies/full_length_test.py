"""Trainings of any length: what is kept of them, and the table of costs."""

import itertools
import pathlib
import re

import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.sweep.results import Result
from audio_diffstride.terminal.text_table import to_markdown
from studies import full_length, kept_results
from tests.support.planned_sweep import begin

RESULTS = pathlib.Path(__file__).parents[2] / "docs" / "results"


@pytest.fixture
def results(tmp_path):
    (tmp_path / "sweep").mkdir()
    runs = begin(tmp_path / "sweep", arms=("strided_conv", "diffstride"))
    return [
        Result(run, {"bird": 50.0 + n}, {"bird": ""}, 0.5, 4 * 10**6, 90.0, {})
        for n, run in enumerate(runs)
    ]


@pytest.fixture
def kept(tmp_path, results, monkeypatch):
    """A folder with the histories of two runs of three and two epochs."""
    monkeypatch.setattr(kept_results, "read", lambda folder: results)
    for result, values in zip(results, [(0.1, 0.7, 0.6), (0.5, 0.25)]):
        folder = tmp_path / "sweep" / result.run.name
        folder.mkdir(parents=True)
        lines = [f"{n},{value}" for n, value in enumerate(values)]
        text = "\n".join(["epoch,val_accuracy", *lines, ""])
        (folder / "history.csv").write_text(text)
    folder = tmp_path / "kept"
    folder.mkdir()
    full_length.main(["--keep", str(tmp_path / "sweep"), str(folder)])
    return folder


def test_every_epoch_of_every_run_is_kept(kept, results):
    strided, learned = full_length.read_histories(kept).values()
    assert strided == pytest.approx([10, 70, 60])
    assert learned == pytest.approx([50, 25])


def test_the_table_has_the_best_epoch_and_the_cost(kept, results):
    histories = full_length.read_histories(kept)
    header, strided, learned = full_length.table("Birds", results, histories)
    assert header[0] == "Birds"
    assert strided[1:] == ["1", "50.0", "3", "2", "4.0"]
    assert learned[1:] == ["1", "51.0", "2", "1", "4.0"]


def test_the_curve_never_falls():
    assert full_length._best_so_far([1, 3, 2, 4]) == [1, 3, 3, 4]


def test_the_page_and_the_picture_are_written(kept, tmp_path, capsys):
    full_length.main(
        ["--output", str(tmp_path), "--row", "Birds", str(kept)],
    )
    assert "Birds" in (tmp_path / "full_length_tables.md").read_text()
    png = (tmp_path / "full_length.png").read_bytes()
    assert png.startswith(b"\x89PNG") and "Birds" in capsys.readouterr().out


@pytest.mark.parametrize("flags", [[], ["--row", "Birds", "kept"]])
def test_missing_flags_are_reported(flags):
    with pytest.raises(UserError, match="give --keep"):
        full_length.main(flags)


def test_a_folder_without_histories_is_reported(tmp_path):
    with pytest.raises(UserError, match="keep the histories"):
        full_length.read_histories(tmp_path)


def kept_table(title, sweep):
    kept = RESULTS / sweep
    found = kept_results.read(str(kept))
    return [*full_length.table(title, found, full_length.read_histories(kept))]


def test_the_page_has_the_numbers_of_the_kept_runs():
    page = (RESULTS / "full_length.md").read_text()
    constant = kept_table("Pitch of unseen instruments", "pitch_until")
    falling = kept_table("Pitch, falling rate", "pitch_falling")
    tables = [to_markdown(constant), to_markdown(falling)]
    assert all(table.strip() in page for table in tables)
    assert "\n".join(tables) == (RESULTS / "full_length_tables.md").read_text()
    accuracy, accuracy_falling, cost, cost_falling = (
        {row[0]: float(row[column]) for row in rows[1:]}
        for column, rows in itertools.product((2, 5), (constant, falling))
    )
    strided, folding = "Strided conv.", "DiffStride folding after ReLU"
    claims = (
        accuracy[folding] - accuracy[strided],
        cost[folding] / cost[strided],
        accuracy[strided] - accuracy["DiffStride inside"],
        accuracy_falling[folding] - accuracy_falling[strided],
        cost_falling[folding] / cost_falling[strided],
        accuracy[strided] - accuracy_falling[strided],
        accuracy[folding] - accuracy_falling[folding],
        accuracy_falling["Spectral"] - accuracy["Spectral"],
    )
    prose = page.split("![")[1]
    told = [f"{value:.1f}" for value in claims]
    assert re.findall(r"\d+\.\d+", prose) == told
