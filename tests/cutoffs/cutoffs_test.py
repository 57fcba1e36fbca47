"""Strides as cut-off frequencies."""

import csv
import json

import numpy as np
import pytest

from audio_diffstride import AudioClassifier, TimeFrequencyEncoder, cutoffs
from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError

# The paper's Table 2: learned strides and printed cut-offs, one per row.
# Cut-offs printed with a standard deviation are means over runs, so not here.
TABLE_2 = [
    ("Speech commands", 1.97, 25.00, 1.95, 0.2500),
    ("Birdsong detection, frequency", None, None, 1.96, 0.2500),
]


@pytest.mark.parametrize("row", TABLE_2, ids=lambda row: row[0])
def test_the_papers_table_is_reproduced(row):
    _, time, time_hz, frequency, cycles = row
    if time:
        assert cutoffs.quantised_cutoff(time, 160, 100.0) == time_hz
    assert cutoffs.quantised_cutoff(frequency, 64, 1.0) == cycles


def test_every_printed_cutoff_is_a_mean_of_three_quantised_ones():
    # Table 2's first column of cut-offs: three runs at multiples of 0.625 Hz.
    for printed in (26.25, 25.83, 38.33, 37.50, 25.00, 34.17):
        thirds = printed * 3 / 0.625
        assert abs(thirds - round(thirds)) < 0.03


def classifier(downsampling="diffstride", **arguments):
    encoder = TimeFrequencyEncoder(
        channels=(2, 2),
        strides=((2, 2), (1, 2)),
        downsampling=downsampling,
        **arguments,
    )
    return AudioClassifier({"a": 2}, encoder=encoder)


def measured_gains(layer, size, axis):
    """Gain of every bin by running cosines through the layer."""
    gains = []
    for f in range(size // 2):
        wave = np.cos(2 * np.pi * f * np.arange(size) / size)
        shape = (1, size, 1, 1) if axis == 0 else (1, 1, size, 1)
        y = layer(wave.reshape(shape).astype("float32"), axes=(axis + 1,))
        gains.append(float(np.abs(np.array(y)).max()))
    return np.array(gains)


@pytest.mark.parametrize("band", ["outside", "inside"])
def test_band_edges_are_those_of_the_layer(band):
    model = classifier(transition_band=band)
    block = model.encoder.blocks[0]
    row = cutoffs.report(model, (100, 64))[0]
    gains = measured_gains(block.resampling, 100, 0)
    hz = np.arange(50) * 1.0  # 100 frames are a second: a bin is 1 Hz
    assert gains[hz <= row["flat"]] == pytest.approx(1.0, abs=1e-3)
    assert gains[hz == round(row["half"])] == pytest.approx(0.5, abs=0.01)
    assert gains[hz >= row["zero"]] == pytest.approx(0.0, abs=1e-3)


def test_rates_follow_the_true_decimation():
    rows = cutoffs.report(classifier(), (100, 64))
    time = [row for row in rows if row["axis"] == "time"]
    assert [row["rate"] for row in time] == pytest.approx([100.0, 58.0])
    assert time[0]["decimation"] == 0.58
    assert time[0]["cutoff"] == 25.0
    assert time[1]["used_stride"] > time[1]["stride"] == 1.0
    frequency = [row for row in rows if row["axis"] == "frequency"]
    assert frequency[1]["rate"] == pytest.approx(40 / 64)
    assert frequency[1]["cutoff"] == pytest.approx(40 / 64 / 4)


def test_arms_without_a_filter_have_no_edges():
    for arm in ("strided_conv", "max_pool"):
        row = cutoffs.report(classifier(arm), (100, 64))[0]
        assert (row["flat"], row["half"], row["zero"]) == (None, None, None)
        assert not row["learned"]
    row = cutoffs.report(classifier("spectral"), (100, 64))[0]
    assert row["flat"] == row["half"] == row["zero"] == 25.0
    assert not row["learned"]
    assert cutoffs.report(classifier(), (100, 64))[0]["learned"]


@pytest.mark.parametrize("folding", [0.25, 1.0])
def test_folding_is_the_gain_beyond_the_mask(folding):
    model = classifier(transition_band="inside", folding=folding)
    row = cutoffs.report(model, (100, 64))[0]
    assert row["folding"] == folding and row["folded_channels"] == "all"
    gains = measured_gains(model.encoder.blocks[0].resampling, 100, 0)
    hz = np.arange(50) * 1.0
    assert gains[hz <= row["flat"]] == pytest.approx(1.0, abs=1e-3)
    assert gains[hz > row["zero"]].max() == pytest.approx(folding, abs=1e-3)


def test_folding_is_reported_for_each_layer_and_axis_that_folds():
    assert cutoffs.foldings(classifier()) == {}
    for arm in ("strided_conv", "spectral"):
        assert cutoffs.foldings(classifier(arm)) == {}
    row = cutoffs.report(classifier("strided_conv"), (100, 64))[0]
    assert row["folding"] is row["folded_channels"] is None
    row = cutoffs.report(classifier(), (100, 64))[0]
    assert row["folding"] == 0.0 and row["folded_channels"] is None
    model = classifier(
        folding=0.5,
        learn_folding=True,
        folded_axes="second",
        folded_channels="half",
    )
    model.encoder.blocks[1].resampling.folding.assign([0.25, 0.75])
    assert cutoffs.foldings(model) == {
        "block1_time": 0.0,
        "block1_frequency": 0.5,
        "block2_time": 0.0,
        "block2_frequency": 0.75,
    }
    rows = cutoffs.report(model, (100, 64))
    assert [r["folded_channels"] for r in rows] == [None, "half"] * 2
    header, *lines = cutoffs.table_cells(cutoffs.summarise([rows]))
    assert header[-1] == "folded back"
    assert [line[-1] for line in lines] == ["0.00", "0.50 of half"] + [
        "0.00",
        "0.75 of half",
    ]
    header, *_ = cutoffs.table_cells(
        cutoffs.summarise([cutoffs.report(classifier(), (100, 64))])
    )
    assert "folded back" not in header


def test_several_runs_give_mean_and_sample_std():
    runs = []
    for stride in (1.8, 2.0, 2.5):
        model = classifier()
        model.encoder.blocks[0].resampling.strides.assign((stride, 2.0))
        runs.append(cutoffs.report(model, (160, 64)))
    row = cutoffs.summarise(runs)[0]
    assert row["runs"] == 3
    assert row["stride"] == pytest.approx(2.1)
    assert row["stride_sd"] == pytest.approx(np.std([1.8, 2, 2.5], ddof=1))
    quantised = [44 * 0.625, 25.0, 32 * 0.625]
    assert row["quantised_cutoff"] == pytest.approx(np.mean(quantised))
    single = cutoffs.summarise(runs[:1])[0]
    assert single["stride_sd"] is None
    assert "2.10 ± 0.36" in cutoffs.format_table(cutoffs.summarise(runs))


def test_files_hold_what_is_printed(tmp_path):
    rows = cutoffs.report(classifier(), (100, 64))
    cutoffs.write({"run": rows}, tmp_path)
    content = json.loads((tmp_path / "cutoffs.json").read_text())
    assert content["runs"]["run"] == rows
    with open(tmp_path / "cutoffs.csv", newline="") as file:
        table = list(csv.DictReader(file))
    assert len(table) == 4
    assert float(table[0]["cutoff"]) == 25.0
    assert table[0]["unit"] == "Hz"


def test_strides_alone_are_converted(capsys):
    call(
        "cutoffs",
        ["--strides", "1.97", "1.95", "--frames", "160", "--bands", "64"],
    )
    printed = capsys.readouterr().out
    assert "25.00 in 160 bins" in printed
    assert "0.2500 in 64 bins" in printed


def test_a_folder_without_a_run_is_reported(tmp_path):
    with pytest.raises(UserError, match="is not the work directory of a run"):
        call("cutoffs", ["--workdir", str(tmp_path)])


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            ["--strides", "nan", "2"],
            "--strides must be numbers from 1, not nan",
        ),
        (
            ["--strides", "2", "inf"],
            "--strides must be numbers from 1, not inf",
        ),
        (["--strides", "0.5", "2"], "numbers from 1, not 0.5"),
        (["--strides", "2", "2", "--output", "x"], "--output is for --workdir"),
        (["--strides", "2", "2", "--frames", "0"], "--frames must be a whole"),
        (["--workdir", "a", "--bands", "-1"], "--bands must be a whole number"),
        (["--workdir", "a", "a"], "is there twice"),
        (["--workdir", "a", "b"], "several runs are reported together; give"),
        (["--workdir", "a", "b", "--output", "own"], "is there already; give"),
        (["--workdir", "a", "--output", "own"], "own/cutoffs.csv is there al"),
        (
            ["--workdir", "a", "--output", "own/cutoffs.csv"],
            "--output own/cutoffs.csv is a file; give a folder",
        ),
    ],
)
def test_wrong_flags_are_reported(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "cutoffs.csv").write_text("mine")
    with pytest.raises(UserError, match=message):
        call("cutoffs", arguments)
    assert (tmp_path / "own" / "cutoffs.csv").read_text() == "mine"
