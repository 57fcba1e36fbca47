"""Trainings of any length: what is kept of them, and the table of costs."""

import pathlib
import re
import statistics

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


def test_a_row_without_validation_has_only_a_table(kept, tmp_path, results):
    flags = ["--output", str(tmp_path), "--row", "Birds", str(kept)]
    full_length.main([*flags, "--short", "Short", "anywhere"])
    table = (tmp_path / "full_length_tables.md").read_text().split("\n\n")[1]
    assert "| Short | Runs | Accuracy in % | Million multiply-adds |" in table
    assert "| Strided conv. | 1 | 50.0 | 4.0 |" in table


SWEEPS = {
    "Pitch of unseen instruments": "pitch_until",
    "Pitch, falling rate": "pitch_falling",
    "Pitch, falling rate, four folds": "pitch_falling_folds",
    "Pitch, full width, 600 steps": "pitch_full_width",
}


def kept_table(title, sweep):
    folder = RESULTS / sweep
    histories = None
    if (folder / full_length.HISTORIES).exists():
        histories = full_length.read_histories(folder)
    found = kept_results.read(str(folder))
    return [*full_length.table(title, found, histories)]


@pytest.fixture(scope="module")
def tables():
    return [kept_table(title, sweep) for title, sweep in SWEEPS.items()]


def column(rows, number):
    return {row[0]: float(row[number]) for row in rows[1:]}


def test_the_page_has_the_tables_of_the_kept_runs(tables):
    page = (RESULTS / "full_length.md").read_text()
    texts = [*map(to_markdown, tables)]
    assert all(text.strip() in page for text in texts)
    assert "\n".join(texts) == (RESULTS / "full_length_tables.md").read_text()


def gains_of_folds():
    """What the cost term's arm gains over strided convolution in each fold."""
    found = {}
    for result in kept_results.read(str(RESULTS / "pitch_falling_folds")):
        sign = 1 if result.run.arm == "folding-low-cost" else -1
        fold = result.run.varied["data.test_group"]
        found[fold] = found.get(fold, 0) + sign * result.accuracy
    return [*found.values()]


def test_the_page_makes_no_other_claim(tables):
    constant, falling, _, wide = (column(table, 2) for table in tables)
    costs = [column(table, -1) for table in tables]
    strided, low = "Strided conv.", "DiffStride folding low cost"
    after, inside = "DiffStride folding after ReLU", "DiffStride inside"
    gains = gains_of_folds()
    assert len(gains) == 4
    one, two = "{:.1f}".format, "{:.2f}".format
    claims = [
        one(statistics.mean(gains)),
        two(costs[2][low] / costs[2][strided]),
        one(falling[after] - falling[strided]),
        one(costs[1][after] / costs[1][strided]),
        one(min(gains)),
        one(max(gains)),
        two(2 / 2**4),  # of both signs in four folds
        one(falling[after] - falling[low]),
        one(costs[1][after] / costs[1][low]),
        "0.001",
        one(constant[after] - constant[strided]),
        one(costs[0][after] / costs[0][strided]),
        one(constant[strided] - constant[inside]),
        one(constant[strided] - falling[strided]),
        one(constant[after] - falling[after]),
        one(falling["Spectral"] - constant["Spectral"]),
        one(wide[strided] - wide[low]),
        two(costs[3][low] / costs[3][strided]),
        two(costs[1][low] / costs[1][strided]),
    ]
    page = (RESULTS / "full_length.md").read_text().split("**With a cost", 1)[1]
    lines = re.sub(r"```.*?```", "", page, flags=re.DOTALL).splitlines()
    prose = " ".join(line for line in lines if not line.startswith("|"))
    assert re.findall(r"\d+\.\d+", prose) == claims


@pytest.mark.parametrize("page", ["README.md", "docs/results/folding.md"])
def test_other_pages_have_the_same_gain_and_cost(page, tables):
    text = " ".join((RESULTS.parents[1] / page).read_text().split())
    cost = column(tables[2], -1)
    ratio = cost["DiffStride folding low cost"] / cost["Strided conv."]
    gain = statistics.mean(gains_of_folds())
    assert f"{gain:.1f} points above strided convolution on pitch" in text
    assert f"{ratio:.2f} times the multiply-adds" in text
