"""The page on cut-offs prints what the kept runs say, number by number."""

import pathlib
import re
import shlex

import matplotlib.image
import numpy as np
import pytest

from studies import (
    cutoff_tables,
    cutoff_values,
    cutoffs,
    demo_cutoffs,
    kept_results,
)

ROOT = pathlib.Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
PICTURES = ("tasks", "blocks", "augmentation")
UNSEEN, SOUNDS = "Digits, unseen speakers", "Environmental sounds"
WORDS = "Three words"
INSIDE, SCALE_FREE = "DiffStride inside", "DiffStride scale-free"
FOLDING, LOW_COST = "DiffStride folding", "DiffStride folding low cost"
AFTER, PAPER = "DiffStride folding after ReLU", "DiffStride outside"
TIME, FREQUENCY = "Along time, Hz", "Along frequency, cycles/band"
NUMBER = r"[+-]?\d+\.\d+"


def arguments():
    """The flags of `make results`, with the kept runs."""
    makefile = (ROOT / "Makefile").read_text()
    (flags,) = re.findall(r"-m studies\.cutoffs ((?:.*\\\n)*.*)", makefile)
    text = flags.replace("\\\n", " ").replace("$(RESULTS)", str(RESULTS))
    return shlex.split(text)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder that the command of `make results` writes."""
    folder = tmp_path_factory.mktemp("made")
    cutoffs.main([*arguments(), "--output", str(folder)])
    return folder


@pytest.fixture(scope="module")
def tables(made):
    """{title: rows as dicts} of the tables, made from the kept runs."""
    *texts, _ = (made / "cutoffs.md").read_text().split("\n\n")
    found = {}
    for text in texts:
        header, _, *lines = [
            [cell.strip() for cell in line.strip("|").split("|")]
            for line in text.strip().splitlines()
        ]
        rows = [dict(zip(["what", *header[1:]], line)) for line in lines]
        found[header[0]] = rows
    return found


@pytest.fixture(scope="module")
def cell(tables):
    """The cell of a table by the column and what identifies the row."""

    def find(table, column, what, arm, **others):
        (row,) = [
            row
            for row in tables[table]
            if (row["what"], row["Arm"]) == (what, arm)
            and others.items() <= row.items()
        ]
        return row[column]

    return find


def ends(text):
    """The interval of a cell, or None.

    >>> ends("2.0 ± 0.5")
    (1.5, 2.5)
    """
    mean, _, half = text.partition(" ± ")
    if not half:
        return None
    return float(mean) - float(half), float(mean) + float(half)


def excludes_0(text):
    interval = ends(text)
    return interval is not None and not interval[0] <= 0 <= interval[1]


def first(cell, column, what, arm):
    return cell("First cut-off", column, what, arm)


def block(cell, number, axis, what, arm):
    column = f"Block {number}"
    return cell("Cut-off by block", column, what, arm, Axis=axis)


def changed(cell, column, what, arm, n):
    return cell("Difference", column, what, arm, n=str(n))


def of_a_seed():
    """What the first seed alone says of environmental sounds."""
    values = cutoff_values.first_cutoffs(
        of_sweeps("esc10_folds", "esc10_seeds"), "folding", "frequency"
    )
    of_seed = [
        cutoff_values.interval([v for (_, s), v in values.items() if s == seed])
        for seed in range(3)
    ]
    alone = cutoff_tables.cell(of_seed[0], "frequency")
    yield (
        f"five folds of environmental sounds end at {alone} with one seed, and "
        f"at {of_seed[1].mean:.3f} and {of_seed[2].mean:.3f} in the mean with "
        "two others."
    )


def of_the_folding():
    """What pitch and instrument fold back, in runs of three seeds."""
    pitch, instrument = (
        {
            r.run.pair: r.folding["block1_frequency"]
            for r in of_sweeps(f"{task}_folds", f"{task}_seeds")
            if r.run.arm == "folding-after-relu"
        }
        for task in ("pitch", "instrument")
    )
    apart = {key: pitch[key] - instrument[key] for key in instrument}
    found = cutoff_values.interval(cutoff_values.independent(apart))
    yield (
        f"the share is {np.mean([*pitch.values()]):.2f} for pitch and "
        f"{np.mean([*instrument.values()]):.2f} for instrument, "
        f"{found.mean:+.2f} ± {found.half_width:.2f}."
    )
    yield (
        f"The lowest of {len(pitch)} runs of pitch has "
        f"{min(pitch.values()):.2f}, the highest of instrument "
        f"{max(instrument.values()):.2f}."
    )


def of_sweeps(*names):
    return kept_results.read_all(str(RESULTS / name) for name in names)


def claims(cell):
    """What the page says in words and numbers."""
    instrument = first(cell, FREQUENCY, "Instrument", AFTER)
    unseen = [
        first(cell, FREQUENCY, UNSEEN, arm)
        for arm in (SCALE_FREE, INSIDE, PAPER)
    ]
    yield (
        f"Instrument ends at {instrument} cycles per band with folding after "
        f"the ReLU, unseen speakers at {unseen[0]} with `scale-free`, both "
        f"below the start. With `inside` and `outside` the speakers end at "
        f"{unseen[1]} and {unseen[2]}, which is open."
    )
    apart = changed(cell, FREQUENCY, "Pitch less Instrument", AFTER, 3)
    others = changed(
        cell, FREQUENCY, "Pitch less Instrument", "mean of these 5", 3
    )
    yield (
        f"the mean is {apart}. That of five other layers on one split is "
        f"{others}."
    )
    more = [
        changed(cell, FREQUENCY, f"{SOUNDS} less {UNSEEN}", arm, n)
        for arm, n in ((AFTER, 5), (LOW_COST, 5), (FOLDING, 3))
    ]
    yield (
        f"unseen speakers: {more[0]} with folding after the ReLU and {more[1]} "
        f"with low cost, both of one seed. With plain folding it is {more[2]}."
    )
    words = [
        changed(cell, FREQUENCY, f"{WORDS} less {UNSEEN}", arm, 3)
        for arm in (AFTER, FOLDING, LOW_COST)
    ]
    yield "{} after the ReLU, {} with plain folding, {} with low cost.".format(
        *words
    )
    yield from of_a_seed()
    yield from of_the_folding()
    above, below = (
        changed(
            cell,
            FREQUENCY,
            f"Pitch and instrument less {other}",
            "mean of these 3",
            4,
        )
        for other in ("Instrument", "Pitch")
    )
    yield f"{above} above instrument, and {below} from pitch, over four folds."
    demo = [
        first(cell, axis, "One network for five tasks (demo)", LOW_COST)
        for axis in (TIME, FREQUENCY)
    ]
    yield f"the demo model ({demo[0]} Hz, {demo[1]} cycles per band)"
    last = [
        block(cell, 6, "time", row, FOLDING)
        for row in (UNSEEN, SOUNDS, "Start")
    ]
    yield (
        f"{last[0]} Hz for unseen speakers, {last[1]} for environmental "
        f"sounds, from {last[2]}."
    )
    late = [block(cell, 6, "time", WORDS, arm) for arm in (FOLDING, AFTER)]
    yield f"words stay at {late[0]} Hz, and {late[1]} after the ReLU (n = 3)."
    fourth = [
        block(cell, 4, "frequency", row, arm)
        for arm in (AFTER, LOW_COST)
        for row in ("Pitch", "Instrument")
    ]
    yield (
        f"{fourth[0]} and {fourth[1]} cycles per band after the ReLU, with low "
        f"cost {fourth[2]} and {fourth[3]}."
    )
    filters = [
        first(cell, FREQUENCY, row, PAPER).split()[0]
        for row in ("Pitch", "Instrument")
    ]
    yield (
        f"The filter of pitch ({filters[0]}) keeps it, that of instrument "
        f"({filters[1]}) smooths it."
    )
    masks, noise = (
        cell("Change by augmentation", axis, f"{SOUNDS}: {what}", FOLDING)
        for axis, what in ((FREQUENCY, "Masks"), (TIME, "Noise"))
    )
    with_masks, without = (
        cutoff_values.first_cutoffs(of_sweeps(*names), "folding", "frequency")
        for names in (
            ("esc10_masks", "esc10_masks_seeds"),
            ("esc10_folds", "esc10_seeds"),
        )
    )
    agree = sum(with_masks[key] > without[key] for key in without)
    yield (
        f"by {masks} cycles per band over three seeds of environmental sounds. "
        f"{agree} of {len(without)} pairs of runs agree."
    )
    yield f"noise lowers the cut-off along time there, by {noise} Hz."
    slower = cell("Change by augmentation", TIME, f"{SOUNDS}: Masks", FOLDING)
    yield f"that masks lower it ({slower} Hz)"
    longer = changed(
        cell,
        FREQUENCY,
        "Pitch, 2400 steps less Pitch",
        "DiffStride inside",
        3,
    )
    yield f"2,400 pitch gains {longer} cycles per band (`inside`, three seeds)"
    start = [
        block(cell, 1, axis, "Start", FOLDING) for axis in ("time", "frequency")
    ]
    yield f"the start, {start[0]} Hz and {start[1]} cycles per band."
    band_hz = 45.0  # the width of a mel band below 1 kHz
    pitch_hz = 440 * 2 ** ((52 - 69) / 12)
    yield f"A French horn at {pitch_hz:.0f} Hz"
    yield (
        f"The harmonics stand {pitch_hz / band_hz:.1f} bands apart, a ripple "
        f"of {band_hz / pitch_hz:.2f} cycles per band."
    )


def page():
    """The text of the page, without line breaks."""
    text = (RESULTS / "what_strides_say.md").read_text().partition("```")[0]
    return " ".join(text.replace("\n", " ").split())


def test_the_tables_are_those_of_the_kept_runs(made):
    kept = (RESULTS / "cutoffs.md").read_text()
    assert (made / "cutoffs.md").read_text() == kept


def test_every_number_of_the_page_is_that_of_the_runs(cell):
    text = page()
    for claim in claims(cell):
        assert claim in text, claim
        text = text.replace(claim, "")
    assert re.findall(NUMBER, text) == []


def test_what_is_below_the_start_is_as_the_page_says(cell):
    below = {
        (row, arm): ends(first(cell, FREQUENCY, row, arm))[1] < 0.25
        for row, arm in [
            ("Instrument", AFTER),
            *((UNSEEN, arm) for arm in (SCALE_FREE, INSIDE, PAPER)),
            (SOUNDS, FOLDING),
        ]
    }
    assert [*below.values()] == [True, True, False, False, False]
    for row, arm in below:  # of three seeds, the wider interval
        assert int(first(cell, "n", row, arm)) == 3
        assert int(first(cell, "Runs", row, arm)) >= 12


def test_what_is_given_up_late_is_as_the_page_says(cell, tables):
    rows = [
        row
        for row in tables["Cut-off by block"]
        if (row["Arm"], row["Axis"]) == (FOLDING, "time")
    ]
    starts = {
        n: float(block(cell, n, "time", "Start", FOLDING)) for n in (1, 6)
    }
    intervals = [r for r in rows if ends(r["Block 1"])]
    assert len(intervals) == 6
    assert all(ends(r["Block 1"])[1] >= starts[1] for r in intervals)
    not_below = [
        r["what"] for r in intervals if ends(r["Block 6"])[1] >= starts[6]
    ]
    assert not_below == [WORDS]


@pytest.mark.parametrize(
    "arm, apart", [(AFTER, True), (LOW_COST, True), (PAPER, False)]
)
def test_pitch_and_instrument_part_in_the_fourth_block(cell, arm, apart):
    pitch, instrument = (
        ends(block(cell, 4, "frequency", row, arm))
        for row in ("Pitch", "Instrument")
    )
    assert (pitch[0] > instrument[1]) == apart


def test_the_counts_of_intervals_are_as_the_page_says(tables):
    between, augmented = (
        [row[axis] for row in tables[name] for axis in (TIME, FREQUENCY)]
        for name in ("Difference", "Change by augmentation")
    )
    intervals = [text for text in between if ends(text)]
    found = sum(map(excludes_0, intervals))
    assert f"of {len(intervals)} intervals of differences" in page()
    chance = round(0.05 * len(intervals))
    assert f"tasks {found} exclude 0, and by chance {chance} would" in page()
    include = sum(not excludes_0(text) for text in augmented)
    assert f"{include} of {len(augmented)} intervals include 0" in page()
    assert f"by chance {0.95 * len(augmented):.0f} would" in page()
    plain = [r[TIME] for r in tables["Difference"] if r["Arm"] == FOLDING]
    assert not any(map(excludes_0, plain))


def test_the_pairs_of_runs_are_as_the_page_says():
    high, low = (
        cutoff_values.first_cutoffs(
            of_sweeps(f"{task}_folds", f"{task}_seeds"),
            "folding-after-relu",
            "frequency",
        )
        for task in ("pitch", "instrument")
    )
    agree = sum(high[key] > low[key] for key in low)
    assert f"{agree} of {len(low)} pairs of runs agree" in page()


@pytest.mark.parametrize("name", PICTURES)
def test_the_pictures_are_those_of_the_command(made, name):
    kept, new = (
        matplotlib.image.imread(folder / f"cutoffs_{name}.png")
        for folder in (RESULTS, made)
    )
    assert f"cutoffs_{name}.png" in page()
    # Fonts and versions of matplotlib change the size a little.
    assert kept.shape[1] == pytest.approx(new.shape[1], rel=0.02)


def test_the_demo_has_the_kept_cutoffs():
    rows = demo_cutoffs.rows()
    kept = demo_cutoffs.read(RESULTS / "cutoffs_demo.csv")
    for axis, found in kept.items():
        own = [row["cutoff"] for row in rows if row["axis"] == axis]
        assert own == pytest.approx(found, rel=1e-5)
    assert sum(map(len, kept.values())) == len(rows) == 12
