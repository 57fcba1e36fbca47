"""The page on cut-offs prints what the kept runs say, number by number."""

import pathlib
import re
import shlex

import matplotlib.image
import pytest

from studies import cutoff_values, cutoffs, demo_cutoffs, kept_results

ROOT = pathlib.Path(__file__).parents[2]
RESULTS = ROOT / "docs" / "results"
PICTURES = ("tasks", "blocks", "augmentation")
UNSEEN, SOUNDS = "Digits, unseen speakers", "Environmental sounds"
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


def claims(cell):
    """What the page says in words and numbers."""
    unseen, sounds, instrument = (
        first(cell, FREQUENCY, row, FOLDING)
        for row in (UNSEEN, SOUNDS, "Instrument")
    )
    counts = [
        first(cell, "n", row, FOLDING) for row in (UNSEEN, SOUNDS, "Instrument")
    ]
    yield (
        f"digits of unseen speakers end at {unseen} cycles per band (n = "
        f"{counts[0]}), environmental sounds at {sounds} ({counts[1]}) and "
        f"instrument at {instrument} ({counts[2]}), all below the start"
    )
    paper = first(cell, FREQUENCY, "Instrument", PAPER)
    seeds = first(cell, "n", "Instrument", PAPER)
    yield f"With the paper's layer only instrument does: {paper} ({seeds})."
    more = [
        changed(cell, FREQUENCY, f"{SOUNDS} less {UNSEEN}", arm, 5)
        for arm in (AFTER, LOW_COST, FOLDING)
    ]
    yield (
        f"unseen speakers: {more[0]} with folding after the ReLU, {more[1]} "
        f"with low cost. With plain folding it is {more[2]}, which is open."
    )
    of_folds, of_seeds = (
        changed(cell, FREQUENCY, "Pitch less Instrument", arm, n)
        for arm, n in (("mean of these 3", 4), ("mean of these 5", 3))
    )
    yield (
        f"The mean of three layers is {of_folds} over four folds, that of five "
        f"other layers {of_seeds} over three seeds. Both intervals include 0."
    )
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
    fourth = [
        block(cell, 4, "frequency", row, arm)
        for arm in (FOLDING, LOW_COST)
        for row in ("Pitch", "Instrument")
    ]
    yield (
        f"{fourth[0]} and {fourth[1]} cycles per band, with low cost "
        f"{fourth[2]} and {fourth[3]}."
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
    yield f"by {masks} cycles per band, in all five folds"
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


def test_what_is_below_the_start_is_as_the_page_says(cell, tables):
    for row in (UNSEEN, SOUNDS, "Instrument"):
        assert ends(first(cell, FREQUENCY, row, FOLDING))[1] < 0.25
    below = [
        row["what"]
        for row in tables["First cut-off"]
        if row["Arm"] == PAPER and ends(row[FREQUENCY])[1] < 0.25
    ]
    assert below == ["Instrument"]


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
    assert len(intervals) == 5
    assert all(ends(r["Block 1"])[1] >= starts[1] for r in intervals)
    assert all(ends(r["Block 6"])[1] < starts[6] for r in intervals)


@pytest.mark.parametrize(
    "arm, apart", [(FOLDING, True), (LOW_COST, True), (PAPER, False)]
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
    assert f"tasks {found} exclude 0, and by chance 5 would" in page()
    assert round(0.05 * len(intervals)) == 5
    include = sum(not excludes_0(text) for text in augmented)
    assert f"{include} of {len(augmented)} intervals include 0" in page()
    assert f"by chance {0.95 * len(augmented):.0f} would" in page()
    plain = [r[TIME] for r in tables["Difference"] if r["Arm"] == FOLDING]
    assert not any(map(excludes_0, plain))


def test_the_pairs_of_folds_are_as_the_page_says():
    pitch, instrument = (
        kept_results.read(str(RESULTS / f"{task}_folds"))
        for task in ("pitch", "instrument")
    )
    differences = []
    for arm in ("folding", "folding-after-relu", "folding-low-cost"):
        high, low = (
            cutoff_values.first_cutoffs(results, arm, "frequency")
            for results in (pitch, instrument)
        )
        differences += [high[key] - low[key] for key in low]
    agree = sum(d > 0 for d in differences)
    assert f"{agree} of {len(differences)} pairs of folds agree" in page()


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
