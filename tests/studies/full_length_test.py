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


def test_a_fold_counts_once_whatever_its_seeds(tmp_path):
    vary = {"training.batch_size": [8, 16]}  # stands for the folds
    runs = begin(tmp_path, vary=vary, seeds=2)[:-1]  # one lacks its pair
    gains = iter([1.0, 3.0, 8.0])
    results = [
        Result(
            run,
            {"bird": 50.0 if run.arm == "strided_conv" else 50 + next(gains)},
            *({"bird": ""}, 0.5, 10**6, 90.0, {}),
        )
        for run in runs
    ]
    of_one = results[:4]
    _, *rows = full_length.over_strided({"Birds": results, "One": of_one})
    ((title, _, runs, folds, points),) = rows
    assert (title, runs, folds) == ("Birds", "3", "2")
    assert points == "+5.0"  # of 2 and 8; no interval from two folds


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
    "Instrument, falling rate, four folds": "instrument_falling_folds",
    "Sounds, falling rate, five folds": "esc10_falling_folds",
    "Pitch, full width, 600 steps": "pitch_full_width",
}


def kept_table(title, sweep):
    folder = RESULTS / sweep
    histories = None
    if (folder / full_length.HISTORIES).exists():
        histories = full_length.read_histories(folder)
    found = kept_results.read(str(folder))
    return [*full_length.table(title, found, histories)]


FOLDS = (
    "pitch_falling_folds",
    "instrument_falling_folds",
    "esc10_falling_folds",
)


@pytest.fixture(scope="module")
def tables():
    return [kept_table(title, sweep) for title, sweep in SWEEPS.items()]


@pytest.fixture(scope="module")
def gains():
    """The table of how far the cost term's arm is above strided."""
    rows = {
        title: kept_results.read(str(RESULTS / sweep))
        for title, sweep in SWEEPS.items()
        if sweep in FOLDS
    }
    return [*full_length.over_strided(rows)]


def column(rows, number):
    return {row[0]: float(row[number]) for row in rows[1:]}


def test_the_page_has_the_tables_of_the_kept_runs(tables, gains):
    page = (RESULTS / "full_length.md").read_text()
    texts = [*map(to_markdown, [*tables, gains])]
    assert all(text.strip() in page for text in texts)
    assert "\n".join(texts) == (RESULTS / "full_length_tables.md").read_text()


def pairs(sweep):
    """{seed: [(the result of the cost term's arm, that of strided)]}."""
    found = kept_results.read(str(RESULTS / sweep))
    strided = {r.run.pair: r for r in found if r.run.arm == "strided_conv"}
    of_seed = {}
    for result in found:
        if result.run.arm == "folding-low-cost":
            pair = (result, strided[result.run.pair])
            of_seed.setdefault(result.run.seed, []).append(pair)
    return of_seed


def points(of_pairs):
    return [low.accuracy - strided.accuracy for low, strided in of_pairs]


def test_the_page_makes_no_other_claim(tables):
    constant, falling, *_, wide = (column(table, 2) for table in tables)
    costs = [column(table, -1) for table in tables]
    strided, low = "Strided conv.", "DiffStride folding low cost"
    after, inside = "DiffStride folding after ReLU", "DiffStride inside"
    first, second = map(points, pairs(FOLDS[0]).values())
    assert len(first) == len(second) == 4 and min(first) > 0
    of_instrument = pairs(FOLDS[1])
    of_seeds = [statistics.mean(points(of)) for of in of_instrument.values()]
    runs = [pair for of in of_instrument.values() for pair in of]
    histories = full_length.read_histories(RESULTS / FOLDS[1])
    early, late = [], []
    for result, _ in runs:
        values = histories[result.run.name]
        is_early = values.index(max(values)) < 5
        (early if is_early else late).append(result.multiply_adds / 1e6)
    one, two = "{:.1f}".format, "{:.2f}".format
    claims = [
        two(costs[2][low] / costs[2][strided]),
        two(costs[3][low] / costs[3][strided]),
        two(costs[4][low] / costs[4][strided]),
        one(falling[after] - falling[strided]),
        one(costs[1][after] / costs[1][strided]),
        one(statistics.mean(first)),
        one(-statistics.mean(second)),
        *map(one, of_seeds),
        one(statistics.mean(early)),
        one(statistics.mean(late)),
        one(falling[after] - falling[low]),
        one(costs[1][after] / costs[1][low]),
        *(
            one(costs[1][f"DiffStride {band}"] / costs[1][strided])
            for band in ("scale-free", "outside")
        ),
        "0.001",
        one(constant[after] - constant[strided]),
        one(costs[0][after] / costs[0][strided]),
        one(constant[strided] - constant[inside]),
        one(constant[strided] - falling[strided]),
        one(constant[after] - falling[after]),
        one(falling["Spectral"] - constant["Spectral"]),
        one(wide[strided] - wide[low]),
        two(costs[-1][low] / costs[-1][strided]),
        two(costs[1][low] / costs[1][strided]),
    ]
    agree = sum(gain > 0 for gain in points(runs))
    page = (RESULTS / "full_length.md").read_text().split("**With a cost", 1)[1]
    assert f"{agree} of {len(runs)} pairs of runs agree" in page
    assert f"In {len(early)} of the {len(runs)} runs the best epoch" in page
    lines = re.sub(r"```.*?```", "", page, flags=re.DOTALL).splitlines()
    prose = " ".join(line for line in lines if not line.startswith("|"))
    assert re.findall(r"\d+\.\d+", prose) == claims


@pytest.mark.parametrize("page", ["README.md", "docs/results/folding.md"])
def test_other_pages_have_the_same_gain_and_cost(page, tables):
    text = " ".join((RESULTS.parents[1] / page).read_text().split())
    of_pitch, of_instrument = (
        column(table, -1)["DiffStride folding low cost"]
        / column(table, -1)["Strided conv."]
        for table in tables[2:4]
    )
    gains = [p for of in pairs(FOLDS[1]).values() for p in points(of)]
    assert (
        f"pitch about as well, with {of_pitch:.2f} times the multiply-adds of "
        "strided convolution"
    ) in text
    assert (
        f"instrument {statistics.mean(gains):.1f} points better, with "
        f"{of_instrument:.2f} times"
    ) in text
