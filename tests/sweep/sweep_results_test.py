"""Tables, comparisons and figures from the runs of a sweep."""

import csv
import random
import shutil

import matplotlib.figure
import numpy as np
import pytest
import scipy.stats

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.sweep import comparison, results, runs_csv, settings_table
from tests.support.planned_sweep import SCORES, begin, edit_json, finish
from tests.support.synthetic import write_csv

# Riad et al., 2022, Table 3, CIFAR10: strided convolutions, mean and deviation
TABLE_3 = {
    "2-2-2": (91.4, 0.2),
    "2-2-3": (90.5, 0.1),
    "1-3-1": (90.0, 0.4),
    "3-1-3": (85.7, 0.1),
    "3-1-2": (86.4, 0.1),
    "3-2-3": (82.0, 0.6),
}


@pytest.fixture
def undrawn(monkeypatch):
    """Figures as empty files, for tests of other files."""
    monkeypatch.setattr(
        matplotlib.figure.Figure,
        "savefig",
        lambda figure, path, **kwargs: path.touch(),
    )


def of(run, accuracy, training_s=90.0, task="pitch", **strides):
    accuracies = accuracy if isinstance(accuracy, dict) else {task: accuracy}
    return results.Result(
        run,
        accuracies,
        dict.fromkeys(accuracies, "tones"),
        0.5,
        3_000_000,
        training_s,
        strides,
    )


def six_configurations(tmp_path, **kwargs):
    strides = [
        tuple((int(s),) * 2 for s in text.split("-") * 2) for text in TABLE_3
    ]
    return begin(tmp_path, strides=strides, seeds=3, **kwargs)


def test_the_papers_table_3_comes_out_of_runs_of_its_means(tmp_path):
    runs = six_configurations(tmp_path, arms=("strided_conv",))
    found = [
        # Three numbers of that mean and that sample deviation.
        of(run, mean + deviation * (run.seed - 1))
        for run, (mean, deviation) in zip(
            runs, (value for value in TABLE_3.values() for _ in range(3))
        )
    ]
    random.Random(0).shuffle(found)  # their order says nothing
    tables = settings_table.tables(runs, found)
    header, first, *_, worst, mean = tables["Accuracy in % on pitch (tones)"]
    assert header == ["Initial strides", "Strided conv."]
    assert first == ["(2, 2, 2, 2, 2, 2)", "91.4 ± 0.2 (3)"]
    assert worst == ["(3, 2, 3, 3, 2, 3)", "82.0 ± 0.6 (3)"]
    assert mean == ["Mean accuracy", "87.7 ± 3.4 (18)"]  # as the paper has it


def test_a_mean_over_some_of_the_runs_is_not_printed(tmp_path):
    runs = six_configurations(tmp_path)
    found = [of(run, 50.0) for run in runs if run.arm == "diffstride"]
    missing = found.pop()
    lines = [*settings_table.tables(runs, found).values()][0]
    assert lines[0][1:] == ["Strided conv.", "DiffStride"]
    assert lines[6] == ["(3, 2, 3, 3, 2, 3)", "", "50.0 ± 0.0 (2)"]
    assert lines[7] == ["Mean accuracy", "", ""]
    lines = [*settings_table.tables(runs, [*found, missing]).values()][0]
    assert lines[7] == ["Mean accuracy", "", "50.0 ± 0.0 (18)"]


def test_varied_fields_are_columns_and_tasks_and_costs_are_tables(tmp_path):
    vary = {"model.complexity_weight": [0.0, 10.0]}
    runs = begin(tmp_path, vary=vary)
    found = [of(run, {"a": 10.0, "b": 20.0}) for run in runs[1:]]
    found[-1] = of(runs[-1], {"a": 30.0}, training_s=None)
    header = ["complexity_weight", "Initial strides"]
    header += ["Strided conv.", "DiffStride"]
    rows = [["0", "as configured"], ["10", "as configured"]]
    for first, caption in (
        (("10.0", "10.0", "30.0"), "Accuracy in % on a (tones)"),
        (("20.0", "20.0", ""), "Accuracy in % on b (tones)"),
        (("0.50", "0.50", "0.50"), "Complexity J (Eq. 6)"),
        (("3.0", "3.0", "3.0"), "Millions of multiply-adds of an example"),
        (("90", "90", ""), "Training in s"),
    ):
        one, two, three = (text and f"{text} (1)" for text in first)
        assert settings_table.tables(runs, found)[caption] == [
            header,
            [*rows[0], "", one],
            [*rows[1], two, three],
        ]


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_the_sign_flips_are_scipys(count):
    rng = np.random.default_rng(count)
    # Rounded: ties, and differences of 0.
    differences = np.round(rng.normal(0.4, 1, count), 1)
    if count == 1:
        assert comparison.sign_flip_p(differences) == 1
        return
    expected = scipy.stats.permutation_test(
        (differences,),
        np.mean,
        permutation_type="samples",
        n_resamples=np.inf,
        alternative="two-sided",
    ).pvalue
    assert comparison.sign_flip_p(differences) == pytest.approx(expected)


def test_many_pairs_are_drawn_and_near_the_paired_t_test():
    differences = np.random.default_rng(0).normal(0.3, 1, 60)
    expected = scipy.stats.ttest_1samp(differences, 0).pvalue
    assert 0.001 < expected < 0.1
    p = comparison.sign_flip_p(differences)
    assert p == pytest.approx(expected, rel=0.2)


def test_arms_are_compared_over_the_runs_that_both_have(tmp_path):
    runs = six_configurations(tmp_path)
    # By seed, the same in every setting; one run has no other to compare with.
    better = {0: 3.0, 1: 1.0, 2: -1.0}
    found = [
        of(run, 50 + better[run.seed] * (run.arm == "diffstride"))
        for run in runs[1:]
    ]
    (row,) = comparison.compare(found)
    assert (row["arm"], row["other"]) == ("diffstride", "strided_conv")
    differences = [1.0, -1.0, *[3.0, 1.0, -1.0] * 5]
    assert row["pairs"] == 17 and row["settings"] == 6
    assert row["difference"] == pytest.approx(np.mean(differences))
    assert row["deviation"] == pytest.approx(np.std(differences, ddof=1))
    # Settings differ by 0, 1, 1, 1, 1, 1: as far only if all five agree.
    assert row["p_settings"] == pytest.approx(2 / 2**5)
    expected = scipy.stats.ttest_1samp(differences, 0).pvalue
    assert row["p"] == pytest.approx(expected, rel=0.5)
    assert comparison.compare(found[:2]) == []


def test_everything_is_written_from_what_is_there(tmp_path, capsys):
    runs = begin(tmp_path, seeds=2, vary={"model.complexity_weight": [0.0, 1]})
    for number, run in enumerate(runs[:-1]):
        finish(tmp_path, run, {"pitch": 0.5 + number / 100, "$é": 0.25})
    call("sweep", ["--output", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "1 of 8 runs are missing" in printed
    assert "tones, official split, 12678 recordings" in printed
    output = tmp_path / "results_test"
    files = {path.name: path.stat().st_size for path in output.iterdir()}
    names = "comparison.csv complexity.png dynamics.png recall.csv runs.csv"
    assert {*files} == {*names.split(), "table.csv", "table.md"}
    assert files["complexity.png"] > 20_000 < files["dynamics.png"]
    with open(output / "runs.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["name"] for row in rows] == [run.name for run in runs[:-1]]
    last = rows[-1]
    assert last["pitch_accuracy"] == "56.00000000000001"
    assert (last["model.complexity_weight"], last["seed"]) == ("1", "0")
    assert (last["complexity"], last["training_s"]) == ("0.5", "90.0")
    assert (last["block1_time_stride"], last["striding_factor"]) == (
        "2.0",
        "3.0",
    )


def test_a_run_that_is_not_done_or_not_evaluated_is_missing(undrawn, tmp_path):
    runs = begin(tmp_path, seeds=3, arms=("spectral",))
    finish(tmp_path, runs[0], 0.5, finished=None)
    workdir = finish(tmp_path, runs[1], 0.5)
    (workdir / "evaluation_test" / "scores.json").unlink()
    with pytest.raises(UserError, match="no run of .* has been trained and"):
        call("sweep", ["--output", str(tmp_path)])
    assert not (tmp_path / "results_test").exists()
    finish(tmp_path, runs[2], 0.5)
    (result,) = results.collect(tmp_path, runs, "test")
    assert result.run == runs[2] and result.accuracy == 50
    # Fixed strides have no dynamics.
    call("sweep", ["--output", str(tmp_path)])
    assert not (tmp_path / "results_test" / "dynamics.png").exists()


def test_the_time_of_an_interrupted_run_is_not_known(tmp_path):
    (run,) = begin(tmp_path, arms=("spectral",))
    path = finish(tmp_path, run, 0.5) / "run.json"
    edit_json(
        path, lambda content: content["starts"].append({**content["starts"][0]})
    )
    (result,) = results.collect(tmp_path, [run], "test")
    assert result.training_s is None


def test_the_recall_of_a_class_is_the_mean_over_the_runs(undrawn, tmp_path):
    runs = begin(tmp_path, seeds=2)
    for number, run in enumerate(runs):
        workdir = finish(tmp_path, run, 0.5)
        path = workdir / "evaluation_test" / "scores.json"
        per_class = [
            dict.fromkeys(SCORES["per_class"][0], None)
            | {"class": name, "support": 2, "recall": value}
            for name, value in (("36", number / 10), ("37", None))
        ]
        edit_json(
            path, lambda c: c["tasks"]["pitch"].update(per_class=per_class)
        )
    call("sweep", ["--output", str(tmp_path)])
    with open(tmp_path / "results_test" / "recall.csv", newline="") as file:
        first, second = csv.DictReader(file)
    assert first == {
        "task": "pitch",
        "class": "36",
        "strided_conv": "0.05",
        "diffstride": "0.25",
    }
    assert (second["strided_conv"], second["diffstride"]) == ("", "")


def written(folder) -> dict[str, bytes]:
    output = folder / "results_test"
    return {path.name: path.read_bytes() for path in output.iterdir()}


def test_what_runs_fold_is_kept_with_their_numbers(tmp_path):
    plain, folding = begin(tmp_path, arms=("inside", "folding"))
    found = [of(plain, 90, block1_time=2.0), of(folding, 80, block1_time=2.5)]
    found[1].folding["block1_time"] = 0.25
    rows = runs_csv.rows(found)
    assert [row["block1_time_folding"] for row in rows] == ["", 0.25]
    assert "block1_time_folding" not in runs_csv.rows(found[:1])[0]
    write_csv(tmp_path / "runs.csv", rows)
    kept = runs_csv.read(tmp_path / "runs.csv", [plain, folding])
    assert [kept[r.run.name].folding for r in found] == [
        {},
        {"block1_time": 0.25},
    ]


def test_a_sweep_can_be_kept_as_its_plan_and_its_numbers(tmp_path):
    """Without a work directory; only the course of the strides is lost."""
    runs = begin(tmp_path, seeds=2, vary={"model.complexity_weight": [0.0, 1]})
    for number, run in enumerate(runs):
        tasks = {"pitch": 0.5 + number / 100} | (
            {"a_b": 0.7} if number % 2 else {}
        )
        finish(tmp_path, run, tasks)
    call("sweep", ["--output", str(tmp_path)])
    before = written(tmp_path)
    for run in runs[:-1]:
        shutil.rmtree(tmp_path / run.name)
    call("sweep", ["--output", str(tmp_path)])
    again = written(tmp_path)
    dynamics = {files.pop("dynamics.png") for files in (before, again)}
    assert before == again and len(dynamics) == 2
    # What is there again counts, finished or not.
    finish(tmp_path, runs[0], 0.9, finished=None)
    kept = runs_csv.read(tmp_path / "results_test" / "runs.csv", runs)
    found = results.collect(tmp_path, runs, "test", kept)
    assert [r.run for r in found] == runs[1:]
