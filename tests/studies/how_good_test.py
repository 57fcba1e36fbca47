"""The tables of how good it is are those of kept runs and files."""

import re

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.errors import UserError
from studies import how_good
from tests.support.how_good_tables import (
    KNOWN,
    PEER,
    RESULTS,
    SOUNDS,
    UNSEEN,
    WORDS,
    made,
    parse,
    peer_folds,
    read_csv,
)

TASKS = {
    SOUNDS: (("esc10_folds", "esc10_seeds"), "sound"),
    UNSEEN: (("speakers_folds",), "digit"),
    KNOWN: (("digits_all", "digits_all_seed"), "digit"),
    WORDS: (("words",), "word"),
    "Instrument": (("instrument_folds", "instrument_seeds"), "instrument"),
    "Pitch": (("pitch_folds", "pitch_seeds"), "pitch"),
}


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    return made(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def tables(text):
    return parse(text)


def test_the_tables_are_those_of_the_command(text):
    page = (RESULTS / "how_good.md").read_text()
    assert (RESULTS / "how_good_tables.md").read_text() == text
    *parts, note = text.split("\n\n")
    assert len(parts) == 9
    assert all(part.strip() in page for part in parts[:-1])


def interval(table):
    """The cell of a mean, by numpy and scipy.

    Args:
        table: with a row per fold and a column per seed.
    """
    mean = np.mean(table)
    ends = []
    for values in (np.mean(table, 1), np.mean(table, 0)):
        if len(values) >= 3:
            error = scipy.stats.sem(values)
            ends.append(
                scipy.stats.t.interval(0.95, len(values) - 1, mean, error)
            )
    if not ends:
        return f"{mean:.1f}"
    low, high = max(ends, key=np.ptp)
    high = min(high, 100.0)
    return f"{mean:.1f} ({low:.1f} to {high:.1f})"


@pytest.mark.parametrize("row", TASKS)
def test_the_accuracies_are_of_the_kept_runs(tables, row):
    folders, task = TASKS[row]
    runs = [
        run
        for folder in folders
        for run in read_csv(folder, "results_test", "runs.csv")
    ]
    for arm, title in (("strided_conv", "Strided conv."), ("spectral", None)):
        of_arm = [run for run in runs if run["arm"] == arm]
        line = tables[row][title or "Spectral"]
        found = table(of_arm, lambda run: float(run[f"{task}_accuracy"]))
        assert line["Accuracy in %"] == interval(found)
        assert line["Runs"] == str(len(of_arm))
        # A run that was killed and resumed has no time.
        seconds = [float(s) for run in of_arm if (s := run["training_s"])]
        assert line["Training"] == f"{np.mean(seconds) / 60:.1f} min"
        cost = np.mean([int(run["multiply_adds"]) for run in of_arm]) / 1e6
        assert line["Multiply-adds"] == f"{cost:.1f} M"


def table(runs, value):
    """The values of runs, a row per fold and a column per seed."""
    folds = {}
    for run in runs:
        folds.setdefault(run.get("data.test_group"), []).append(value(run))
    return [*folds.values()]


def test_arms_are_compared_with_strided_convolution_over_folds(tables):
    accuracies = {
        (run["arm"], run["data.test_group"], run["seed"]): float(
            run["sound_accuracy"]
        )
        for folder in TASKS[SOUNDS][0]
        for run in read_csv(folder, "results_test", "runs.csv")
    }
    points = [
        [
            accuracies["spectral", fold, seed]
            - accuracies["strided_conv", fold, seed]
            for seed in "012"
        ]
        for fold in "12345"
    ]
    line = tables["Above strided convolution"][f"{SOUNDS}: Spectral"]
    assert (line["Runs"], line["Folds"]) == ("15", "5")
    assert line["Points"].replace("+", "") == interval(points)


def test_the_other_network_is_compared_over_its_folds(tables):
    of_fold = peer_folds()
    found = [*of_fold.values()]
    column = np.transpose([found])
    assert tables[UNSEEN][PEER]["Accuracy in %"] == interval(column)
    runs = read_csv("speakers_folds", "results_test", "runs.csv")
    points = [
        float(run["digit_accuracy"]) - of_fold[run["data.test_group"]]
        for run in runs
        if run["arm"] == "spectral" and run["data.test_group"] in of_fold
    ]
    line = tables["Above"][f"{PEER}: {UNSEEN}: Spectral"]
    assert line["Folds"] == str(len(of_fold)) == str(len(points))
    signed = f"{np.mean(points):+.1f}"
    assert line["Points"].split(" (")[0] == signed


def test_strides_and_foldings_are_all_that_a_layer_adds(tables):
    counts = {
        title: int(line["Weights"].replace(",", ""))
        for title, line in tables[SOUNDS].items()
        if "published" not in title
    }
    # Six blocks, two axes; a stride and a folding for each.
    assert counts["DiffStride folding"] - counts["Spectral"] == 24
    assert counts["Strided conv."] == counts["Spectral"]


def test_published_figures_have_a_source_and_are_printed(tables):
    for line in read_csv("how_good_published.csv"):
        assert line["source"].startswith("https://")
        cells = tables[line["row"]][f"{line['model']}, published"]
        assert cells["Accuracy in %"] == line["accuracy"]
        error = re.search(r"error (\d+\.\d)", line["source"])
        if error:
            rest = 100 - float(error[1])
            assert rest == pytest.approx(float(line["accuracy"]))


@pytest.mark.parametrize(
    "flags, message",
    [
        (["--recipe", "b", "level", "y"], "--recipe 'b' has no --row"),
        (["--recipe", "a"], "--recipe 'a' lacks a folder"),
        (["--recipe", "a", "level"], "--recipe 'a' lacks a folder"),
        (["--row", "a", "y"], "--row 'a' is there twice"),
    ],
)
def test_what_cannot_be_understood_is_one_sentence(flags, message):
    files = ["--peers", "p", "--published", "q", "--output", "z"]
    with pytest.raises(UserError, match=message):
        how_good.main(["--row", "a", "x", *flags, *files])


def test_a_file_that_is_not_there_is_named(tmp_path):
    missing = str(tmp_path / "peers.csv")
    flags = ["--row", "a", "x", "--peers", missing, "--published", "q"]
    with pytest.raises(UserError, match=f"there is no {missing}"):
        how_good.main([*flags, "--output", str(tmp_path / "z.md")])


@pytest.mark.parametrize("value", ["", "many", "0", "-3"])
def test_a_damaged_number_is_named(tmp_path, value):
    text = (RESULTS / "how_good_peers.csv").read_text()
    path = tmp_path / "peers.csv"
    path.write_text(text.replace(",108,", f",{value},"))
    flags = ["--row", "a", "x", "--peers", str(path), "--published", "q"]
    with pytest.raises(UserError, match="peers.csv is damaged: correct is "):
        how_good.main([*flags, "--output", str(tmp_path / "z.md")])
