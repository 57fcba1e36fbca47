"""The page on how good it is has no other number than the tables."""

import functools
import re

import numpy as np
import pytest

from tests.support.how_good_tables import (
    AFTER,
    CHECK,
    KNOWN,
    LOW_COST,
    PEER,
    RECIPE,
    RESULTS,
    ROOT,
    SOUNDS,
    UNSEEN,
    WORDS,
    made,
    parse,
    peer_folds,
    peer_lines,
    read_csv,
)


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return parse(made(tmp_path_factory.mktemp("made")))


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


def test_the_page_makes_no_other_claim(tables):
    page = (RESULTS / "how_good.md").read_text()
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
