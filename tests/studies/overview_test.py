"""Several sweeps side by side."""

import statistics

import matplotlib.figure
import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.sweep.comparison import sign_flip_p
from audio_diffstride.sweep.results import Result
from studies import (
    first_strides,
    gains,
    overview,
    overview_plot,
    overview_tables,
    recall_quarters,
)
from tests.support.planned_sweep import begin, edit_json, finish
from tests.support.synthetic import write_csv


def of(runs, accuracies, multiply_adds=100):
    return [
        Result(run, {"digit": a}, {"digit": ""}, 0.5, multiply_adds, None, {})
        for run, a in zip(runs, accuracies)
    ]


def two_sweeps(tmp_path):
    """Of three speakers and two seeds; the second of one arm and one seed."""
    vary = {"training.learning_rate": [0.1, 0.2, 0.3]}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first = begin(tmp_path / "a", vary=vary, seeds=2)
    second = begin(tmp_path / "b", vary=vary, arms=("diffstride",))
    return first, second


def test_gains_are_of_pairs_and_p_is_over_what_varies(tmp_path):
    first, second = two_sweeps(tmp_path)
    accuracy = {
        ("strided_conv", 0): [50, 60, 70],
        ("strided_conv", 1): [52, 64, 76],
        ("diffstride", 0): [51, 63, 70],
        ("diffstride", 1): [55, 67, 79],
    }
    ordered = [
        accuracy[run.arm, run.seed][
            ["0.1", "0.2", "0.3"].index(*run.varied.values())
        ]
        for run in first
    ]
    own = of(first, ordered)
    matched = of(second, [49, 60, 72], multiply_adds=50)
    strided, diffstride, narrow = gains.gains(
        "digits", [own, matched], "strided_conv"
    )
    assert (strided.mean, strided.cost_ratio, strided.p) == (0, 1, 1)
    pairs = [1, 3, 3, 3, 0, 3]
    assert sorted(diffstride.differences.values()) == sorted(pairs)
    assert diffstride.mean == pytest.approx(statistics.mean(pairs))
    assert diffstride.std == pytest.approx(statistics.stdev(pairs))
    # Three means of pairs, each 2, 3 and 1.5, all of one sign: 2 of 8.
    assert diffstride.p == sign_flip_p([2, 3, 1.5]) == 0.25
    # The narrow ones have one seed, and the first sweep's runs to beat.
    assert narrow.is_matched and narrow.cost_ratio == 0.5
    assert [*narrow.differences.values()] == [-1, 0, 2]
    lines = overview_tables.differences(
        [strided, diffstride, narrow], "strided_conv"
    )
    assert [line[3:] for line in lines[1:]] == [
        ["equal", "+2.2 ± 1.3 (6)", "0.25", "1.00 x"],
        ["matched", "+0.3 ± 1.5 (3)", "1", "0.50 x"],
    ]
    (_, cells) = overview_tables.accuracies([strided, diffstride, narrow])
    assert cells[2:] == ["62.0 ± 10.1 (6)", "64.2 ± 10.2 (6)"]


def test_the_command_writes_a_table_and_a_picture(tmp_path, capsys):
    first, second = two_sweeps(tmp_path)
    for folder, runs in (("a", first), ("b", second)):
        for number, run in enumerate(runs):
            finish(tmp_path / folder, run, {"pitch": 0.5 + number / 100})
    overview.main(
        ["--row", "Notes", str(tmp_path / "a"), str(tmp_path / "b")]
        + ["--settings", str(tmp_path / "b"), str(tmp_path / "a")]
        + ["--output", str(tmp_path / "out")]
    )
    assert "DiffStride  matched" in capsys.readouterr().out
    text = (tmp_path / "out" / "overview.md").read_text()
    assert "| Notes | pitch | DiffStride | equal | +2.0 ± 0.0 (6) |" in text
    line = "| b | learning_rate 0.1 | DiffStride | pitch 50.0 (1) | 3 M | "
    assert line + "2.00, 1.50 |" in text
    line = "| a | learning_rate 0.3 | Strided conv. | pitch 58.5 ± 0.7 (2) |"
    assert line + " 3 M |  |" in text
    assert (tmp_path / "out" / "overview.png").stat().st_size > 20_000


def test_the_picture_has_a_panel_per_row_and_no_empty_ones(
    tmp_path, monkeypatch
):
    drawn = []
    save = matplotlib.figure.Figure.savefig
    monkeypatch.setattr(
        matplotlib.figure.Figure,
        "savefig",
        lambda figure, *args, **kwargs: (
            drawn.append(figure) or save(figure, *args, **kwargs)
        ),
    )
    runs = begin(tmp_path)
    found = []
    for row in "abcd":
        sweeps = [of(runs, [50, 60]), of(runs[1:], [55])]
        found += gains.gains(row, sweeps, "strided_conv")
    overview_plot.draw(found, "strided_conv", tmp_path / "a.png")
    (figure,) = drawn
    titles = [panel.get_title() for panel in figure.axes]
    assert titles == [f"{row}: digit" for row in "abcd"]
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["Strided conv.", "DiffStride", "at matched cost"]


def of_strides(runs, strides):
    return [
        Result(run, {"t": 9.0}, {}, 0.5, 1, None, {"block1_time": s, "b2": 7})
        for run, s in zip(runs, strides)
    ]


def test_first_strides_are_of_arms_that_learn_and_of_equal_pairs(tmp_path):
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
    low = begin(folders[0], arms=("strided_conv", "inside"), seeds=2)
    high = begin(folders[1], arms=("outside", "inside"), seeds=3)
    rows = {
        "low": of_strides(low, [9, 9, 1.0, 1.5]),
        "high": of_strides(high, [4, 4, 4, 2.0, 2.75, 8]),
    }
    assert first_strides.table(rows) == [
        ["First strides", "Axis", "low", "high"],
        ["DiffStride inside", "time", "1.25 ± 0.35 (2)", "4.25 ± 3.27 (3)"],
        ["DiffStride outside", "time", "", "4.00 ± 0.00 (3)"],
    ]
    # Of seeds 0 and 1 of `inside`: -1 and -1.25, two of four signs as far.
    assert first_strides.compare(rows, "low", "high")[1:] == [
        ["low less high", "time", "-1.12 ± 0.18 (2)", "2 of 2", "0.5"]
    ]
    rows["fixed"] = rows["low"][:2]
    with pytest.raises(UserError, match="no two runs that learn strides"):
        first_strides.compare(rows, "low", "fixed")


def test_recall_is_the_mean_of_a_quarter_of_the_classes(tmp_path):
    (tmp_path / "results_test").mkdir()
    write_csv(
        tmp_path / "results_test" / "recall.csv",
        [
            {"task": "pitch", "class": 36 + i, "inside": r, "max_pool": ""}
            for i, r in enumerate([0.1, 0.2, 0.6, 0.5, "", 1.0])
        ]
        + [
            {"task": "two", "class": c, "inside": 1, "max_pool": 1}
            for c in "ab"
        ],
    )
    assert recall_quarters.tables(tmp_path, "test") == [
        [
            ["Recall in %: pitch", "Max pool", "DiffStride inside"],
            ["36 to 37", "", "15"],
            ["38 to 39", "", "55"],
            ["40", "", ""],
            ["41", "", "100"],
        ]
    ]
    with pytest.raises(UserError, match="there is no .*recall.csv"):
        recall_quarters.tables(tmp_path, "validation")


def test_mistakes_are_reported(tmp_path):
    out = ["--output", str(tmp_path / "out")]
    with pytest.raises(UserError, match="'Notes' has no folder"):
        overview.main(["--row", "Notes", *out])
    with pytest.raises(UserError, match="holds no sweep"):
        overview.main(["--row", "Notes", str(tmp_path), *out])
    (run,) = begin(tmp_path / "a", arms=("spectral",))
    row = ["--row", "Notes", str(tmp_path / "a"), *out]
    with pytest.raises(UserError, match="has no result on the test split"):
        overview.main(row)
    finish(tmp_path / "a", run, 0.5)
    with pytest.raises(UserError, match="no run of strided_conv, which the"):
        overview.main(row)
    spectral = [*row, "--reference", "spectral"]
    overview.main(spectral)
    with pytest.raises(UserError, match="there is no --row 'Birds'"):
        overview.main([*spectral, "--compare_strides", "Notes", "Birds"])
    with pytest.raises(UserError, match="'Notes' is there twice"):
        overview.main([*row, "--row", "Notes", str(tmp_path / "a")])
    edit_json(tmp_path / "a" / "plan.json", lambda c: c.update(runs=[]))
    with pytest.raises(UserError, match="damaged"):
        overview.main(spectral)
