"""The page on how good it is prints what kept runs and files say."""

import csv
import pathlib
import re
import shlex

import numpy as np
import pytest
import scipy.stats

from audio_diffstride.errors import UserError
from studies import how_good

ROOT = pathlib.Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
SOUNDS, UNSEEN = "Environmental sounds", "Digits, unseen speakers"
KNOWN = "Digits, known speakers"
PEER = "BC-ResNet-1"
CHECK = "BC-ResNet-1, no noise and shift"
AFTER = "DiffStride folding after ReLU"
RECIPE = "level, noise, speed, shift"
TASKS = {
    SOUNDS: (("esc10_folds", "esc10_seeds"), "sound"),
    UNSEEN: (("speakers_folds",), "digit"),
    KNOWN: (("digits_all",), "digit"),
    "Instrument": (("instrument_folds",), "instrument"),
    "Pitch": (("pitch_folds",), "pitch"),
}


def read_csv(*parts):
    with open(RESULTS.joinpath(*parts), newline="") as file:
        return list(csv.DictReader(file))


def arguments():
    """The flags of `make results`, without the place of the output."""
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    (flags,) = re.findall(r"-m studies\.how_good (.*)", makefile)
    flags = flags.replace("$(RESULTS)", str(RESULTS))
    return shlex.split(flags.replace(" docs/", f" {ROOT}/docs/"))


def _names(header, line):
    if header[0] == "Above":  # model, row, arm
        return line[:3]
    return line[: 2 if "Arm" in header else 1]


def parse(text):
    """{title: {what a line is about: {column: cell}}}."""
    found = {}
    for part in text.split("\n\n")[:-1]:
        header, _, *lines = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in part.strip().splitlines()
        ]
        rows = {
            ": ".join(_names(header, line)): dict(zip(header, line))
            for line in lines
        }
        found[header[0]] = rows
    return found


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """What the command of `make results` writes."""
    output = tmp_path_factory.mktemp("made") / "how_good_tables.md"
    how_good.main([*arguments(), "--output", str(output)])
    return output.read_text()


@pytest.fixture(scope="module")
def tables(text):
    return parse(text)


@pytest.fixture(scope="module")
def page():
    return (RESULTS / "how_good.md").read_text()


def test_the_tables_are_those_of_the_command(text, page):
    assert (RESULTS / "how_good_tables.md").read_text() == text
    *parts, note = text.split("\n\n")
    assert len(parts) == 8
    assert all(part.strip() in page for part in parts[:-1])


def interval(values):
    """The cell of a mean, by numpy and scipy."""
    mean = np.mean(values)
    if len(values) < 3:
        return f"{mean:.1f}"
    low, high = scipy.stats.t.interval(
        0.95, len(values) - 1, mean, scipy.stats.sem(values)
    )
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
        found = of_folds(of_arm, lambda run: float(run[f"{task}_accuracy"]))
        assert line["Accuracy in %"] == interval(found)
        assert line["Runs"] == str(len(of_arm))
        minutes = np.mean([float(run["training_s"]) for run in of_arm]) / 60
        assert line["Training"] == f"{minutes:.1f} min"
        cost = np.mean([int(run["multiply_adds"]) for run in of_arm]) / 1e6
        assert line["Multiply-adds"] == f"{cost:.1f} M"


def of_folds(runs, value):
    """The mean value of the runs of each fold."""
    folds = {}
    for run in runs:
        folds.setdefault(run.get("data.test_group"), []).append(value(run))
    return [np.mean(values) for values in folds.values()]


def test_arms_are_compared_with_strided_convolution_over_folds(tables):
    accuracies = {
        (run["arm"], run["data.test_group"], run["seed"]): float(
            run["sound_accuracy"]
        )
        for folder in TASKS[SOUNDS][0]
        for run in read_csv(folder, "results_test", "runs.csv")
    }
    points = [
        np.mean(
            [
                accuracies["spectral", fold, seed]
                - accuracies["strided_conv", fold, seed]
                for seed in "012"
            ]
        )
        for fold in "12345"
    ]
    line = tables["Above strided convolution"][f"{SOUNDS}: Spectral"]
    assert (line["Runs"], line["Folds"]) == ("15", "5")
    assert line["Points"].replace("+", "") == interval(points)


def peer_lines(model=PEER, row=UNSEEN):
    """The kept folds of the other network."""
    lines = read_csv("how_good_peers.csv")
    return [
        line for line in lines if (line["model"], line["row"]) == (model, row)
    ]


def peer_folds(model=PEER):
    """{speaker: accuracy in %} of the other network."""
    return {
        line["fold"]: 100 * int(line["correct"]) / int(line["recordings"])
        for line in peer_lines(model)
    }


def test_the_other_network_is_compared_over_its_folds(tables):
    of_fold = peer_folds()
    found = [*of_fold.values()]
    assert tables[UNSEEN][PEER]["Accuracy in %"] == interval(found)
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


def of_sounds(folder):
    """The accuracies in % of folding in a sweep of ESC-10."""
    runs = read_csv(folder, "results_test", "runs.csv")
    return [float(r["sound_accuracy"]) for r in runs if r["arm"] == "folding"]


def claims(tables):
    """What the page says in words and numbers."""

    def value(row, title):
        return tables[row][title]["Accuracy in %"].split(" (")[0]

    strided, spectral = "Strided conv.", "Spectral"
    yield (
        f"{value(SOUNDS, strided)} to {value(SOUNDS, spectral)} % plain, over "
        f"three seeds, and {value(SOUNDS, 'DiffStride folding + level')} % "
        "with random levels"
    )
    above = {
        arm: tables["Above strided convolution"][f"{SOUNDS}: {arm}"][
            "Points"
        ].replace("+", "")
        for arm in (spectral, "DiffStride folding")
    }
    folding = above["DiffStride folding"]
    yield (
        "Spectral pooling is {} points above strided convolution {}, folding "
        "{}".format(*above[spectral].split(" ", 1), folding)
    )
    yield (
        f"BC-ResNet-1 reaches {value(SOUNDS, PEER)} %, PANNs Cnn6 "
        f"{value(SOUNDS, 'PANNs Cnn6')} %, and ACDNet "
        f"{value(SOUNDS, 'ACDNet')} %"
    )
    steps = [int(x["steps"]) for x in peer_lines("PANNs Cnn6", SOUNDS)]
    yield f"{min(steps)} to {max(steps)} steps"
    yield f"and {np.mean(steps) * 64 / 320:.0f} of PANNs Cnn6"
    (steps,) = {line["steps"] for line in peer_lines("ACDNet", SOUNDS)}
    yield f"{steps} steps of 64 recordings"
    yield f"That is {int(steps) * 64 / 320:.0f} epochs of ACDNet"
    yield "window of 1.5 s"  # 30,225 samples at 20 kHz
    gain = np.mean(of_sounds("esc10_gain")) - np.mean(of_sounds("esc10_folds"))
    yield f"so its {gain:.1f} points over plain folding of the same seed"
    yield (
        f"That is the range of EnvNet ({value(SOUNDS, 'EnvNet, published')}) "
        f"and EnvNet-v2 ({value(SOUNDS, 'EnvNet-v2, published')})"
    )
    mixing = "EnvNet-v2 + mixing + augmentation, published"
    acdnet = "ACDNet, published"
    yield (
        f"It is below EnvNet-v2 with mixing and augmentation "
        f"({value(SOUNDS, mixing)}), people "
        f"({value(SOUNDS, 'people, published')}) and ACDNet "
        f"({value(SOUNDS, acdnet)})"
    )
    yield (
        f"{value(UNSEEN, strided)} % with strided convolution, "
        f"{value(UNSEEN, AFTER)} with folding after the ReLU, and "
        f"{value(UNSEEN, f'{AFTER} + {RECIPE}')} with the recipe"
    )
    yield f"{value(KNOWN, strided)} to {value(KNOWN, spectral)} %"
    yield (
        f"{value('Instrument', AFTER)} % of instruments and "
        f"{value('Pitch', AFTER)} % of pitches"
    )
    yield from of_the_peer(tables)


def of_the_peer(tables):
    lines = peer_lines()
    accuracies = peer_folds()
    assert len(accuracies) == 6
    yield f"BC-ResNet-1 reaches {np.mean([*accuracies.values()]):.1f} %"
    above = tables["Above"]
    points = {
        title: above[f"{PEER}: {UNSEEN}: {title}"]["Points"]
        .split(" (")[0]
        .lstrip("+")
        for title in ("Strided conv.", AFTER, f"{AFTER} + {RECIPE}")
    }
    strided = points["Strided conv."]
    yield (
        f"Strided convolution is {strided} points above it, which may be "
        f"chance, folding after the ReLU {points[AFTER]}, and "
        f"{points[f'{AFTER} + {RECIPE}']} with the recipe"
    )
    (timed,) = read_csv("how_good_timed.csv")
    yield f"{float(timed['cpu_s']):.1f} CPU seconds"
    (budget,) = {line["budget_cpu_s"] for line in lines}
    yield f"{budget} CPU seconds"
    steps = [int(line["steps"]) for line in lines]
    yield f"{min(steps)} to {max(steps)} steps of 100"
    epochs = np.mean(steps) * 100 / 2500
    yield f"{epochs:.0f} epochs of the 200"
    (check,) = peer_lines(CHECK)
    assert 2 * int(check["budget_cpu_s"]) == int(budget)
    yield (
        f"in half of the time it recognises {check['training_accuracy']} % of "
        f"training recordings, and {peer_folds(CHECK)['george']:.1f} % of "
        "George's"
    )


def test_the_page_makes_no_other_claim(tables, page):
    lines = re.sub(r"```.*?```", "", page, flags=re.DOTALL).splitlines()
    prose = " ".join(x.strip() for x in lines if not x.startswith("|"))
    for claim in claims(tables):
        assert claim in prose, claim
        prose = prose.replace(claim, "")
    assert re.findall(r"\d+\.\d", prose) == []


def test_published_figures_have_a_source_and_are_printed(tables):
    for line in read_csv("how_good_published.csv"):
        assert line["source"].startswith("https://")
        cells = tables[line["row"]][f"{line['model']}, published"]
        assert cells["Accuracy in %"] == line["accuracy"]
        error = re.search(r"error (\d+\.\d)", line["source"])
        if error:
            rest = 100 - float(error[1])
            assert rest == pytest.approx(float(line["accuracy"]))


def test_a_recipe_needs_its_row(tmp_path):
    flags = ["--row", "a", "x", "--recipe", "b", "level", "y"]
    files = ["--peers", "p", "--published", "q", "--output", "z"]
    with pytest.raises(UserError, match="--recipe 'b' has no --row"):
        how_good.main(flags + files)


def test_a_file_that_is_not_there_is_named(tmp_path):
    missing = str(tmp_path / "peers.csv")
    flags = ["--row", "a", "x", "--peers", missing, "--published", "q"]
    with pytest.raises(UserError, match=f"there is no {missing}"):
        how_good.main([*flags, "--output", str(tmp_path / "z.md")])


def test_a_row_is_given_once():
    flags = ["--row", "a", "x", "--row", "a", "y", "--peers", "p"]
    with pytest.raises(UserError, match="--row 'a' is there twice"):
        how_good.main([*flags, "--published", "q", "--output", "z"])


@pytest.mark.parametrize("value", ["", "many", "0", "-3"])
def test_a_damaged_number_is_named(tmp_path, value):
    text = (RESULTS / "how_good_peers.csv").read_text()
    path = tmp_path / "peers.csv"
    path.write_text(text.replace(",108,", f",{value},"))
    flags = ["--row", "a", "x", "--peers", str(path), "--published", "q"]
    with pytest.raises(UserError, match="peers.csv is damaged: correct is "):
        how_good.main([*flags, "--output", str(tmp_path / "z.md")])
