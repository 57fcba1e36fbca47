"""The page on how good it is prints what kept runs and files say."""

import csv
import functools
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
KNOWN, WORDS = "Digits, known speakers", "Three words"
PEER = "BC-ResNet-1"
CHECK = "BC-ResNet-1, no noise and shift"
AFTER = "DiffStride folding after ReLU"
LOW_COST = "DiffStride folding low cost"
RECIPE = "level, noise, speed, shift"
TASKS = {
    SOUNDS: (("esc10_folds", "esc10_seeds"), "sound"),
    UNSEEN: (("speakers_folds",), "digit"),
    KNOWN: (("digits_all", "digits_all_seed"), "digit"),
    WORDS: (("words",), "word"),
    "Instrument": (("instrument_folds", "instrument_seeds"), "instrument"),
    "Pitch": (("pitch_folds", "pitch_seeds"), "pitch"),
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


def of_sounds(folder):
    """The accuracies in % of folding in a sweep of ESC-10."""
    runs = read_csv(folder, "results_test", "runs.csv")
    return [float(r["sound_accuracy"]) for r in runs if r["arm"] == "folding"]


def mean(tables, row, title):
    """The accuracy in % of an arm or another network, without its interval."""
    return tables[row][title]["Accuracy in %"].split(" (")[0]


def above_strided(tables, row, arm):
    """The points above strided convolution, with their interval."""
    points = tables["Above strided convolution"][f"{row}: {arm}"]["Points"]
    return points.replace("+", "")


def cost_of_words(tables):
    """The multiply-adds of folding low cost, in those of strided."""
    low, strided = (
        float(tables[WORDS][arm]["Multiply-adds"].split()[0])
        for arm in (LOW_COST, "Strided conv.")
    )
    return f"{low / strided:.2f}"


def page_text(path):
    """The text of a page, without line breaks."""
    return " ".join((ROOT / path).read_text().split())


def claims(tables):
    """What the page says in words and numbers."""
    value, above = (
        functools.partial(each, tables) for each in (mean, above_strided)
    )
    strided, spectral = "Strided conv.", "Spectral"
    yield (
        f"{value(SOUNDS, strided)} to {value(SOUNDS, spectral)} % plain, over "
        f"three seeds, and {value(SOUNDS, 'DiffStride folding + level')} % "
        "with random levels"
    )
    yield (
        f"Spectral pooling is {above(SOUNDS, spectral)[:3]} points above "
        f"strided convolution {above(SOUNDS, spectral)[4:]}, folding "
        f"{above(SOUNDS, 'DiffStride folding')}"
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
        f"{value(WORDS, strided)} % with strided convolution, "
        f"{value(WORDS, spectral)} with spectral pooling and "
        f"{value(WORDS, LOW_COST)} with folding low cost"
    )
    yield f"at {cost_of_words(tables)} times the multiply-adds"
    yield from of_words()
    yield f"BC-ResNet-1 reaches {value(WORDS, PEER)} % of words"
    for row, names in (("Instrument", "instruments"), ("Pitch", "pitches")):
        yield (
            f"{value(row, LOW_COST)} % of {names}, "
            f"{above(row, LOW_COST)} above strided convolution"
        )
    yield f"Spectral pooling is at {above('Pitch', spectral)} there"
    yield from of_the_peer(tables)


def of_words():
    """How far filtering is above strided convolution, seed by seed."""
    runs = read_csv("words", "results_test", "runs.csv")
    found = {(r["arm"], r["seed"]): float(r["word_accuracy"]) for r in runs}
    arms = {arm for arm, _ in found} - {"strided_conv"}
    assert len(arms) == 5 and len(runs) == 18
    gains = [
        found[arm, seed] - found["strided_conv", seed]
        for arm in arms
        for seed in "012"
    ]
    yield f"by {min(gains):.1f} to {max(gains):.1f} points"


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


def test_the_page_of_augmentation_has_the_same_three_seeds(tables):
    strided, spectral, after = (
        mean(tables, UNSEEN, f"{arm} + {RECIPE}")
        for arm in ("Strided conv.", "Spectral", AFTER)
    )
    claim = f"they are at {strided}, {spectral} and {after} %."
    assert claim in page_text("docs/results/augmentation.md")


def test_the_page_of_folding_has_the_same_three_seeds(tables):
    (pitch, below), (instrument, over) = (
        (
            mean(tables, row, LOW_COST),
            above_strided(tables, row, LOW_COST).split(" (")[0],
        )
        for row in ("Pitch", "Instrument")
    )
    assert below.startswith("-")
    claim = (
        f"at {pitch} % on pitch, {below[1:]} points below strided convolution, "
        f"and at {instrument} % on instrument, {over} above it."
    )
    assert claim in page_text("docs/results/folding.md")


def test_the_readme_has_the_same_words(tables):
    strided, low = (
        mean(tables, WORDS, arm) for arm in ("Strided conv.", LOW_COST)
    )
    claim = (
        f"three spoken words rise from {strided} to {low} %, with "
        f"{cost_of_words(tables)} times the multiply-adds."
    )
    assert claim in page_text("README.md")


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
