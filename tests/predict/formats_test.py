"""Detections read back from every format."""

import csv
import json
import pathlib

import pyarrow.parquet
import pytest

from audio_diffstride.errors import UserError
from audio_diffstride.predict import formats
from audio_diffstride.predict.detections import Detection

ROWS = [
    ("a,b.wav", Detection(0.0, 1.0, False, 1, "bird", 'the "wren"', 0.987654)),
    ("a,b.wav", Detection(1.0, 1.0625, True, 3, "bird", "rötel\tx\ny", 0.25)),
    ("ü/c.wav", Detection(86399.0, 86400.0, False, 1, "call", "1", 1.0)),
]


def test_csv_reads_back(tmp_path):
    formats.write_table(tmp_path / "o", iter(ROWS), "csv")
    with open(tmp_path / "o", newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    assert tuple(header) == formats.COLUMNS
    read = [
        (
            name,
            Detection(
                float(start_s),
                float(end_s),
                {"true": True, "false": False}[padded],
                int(windows),
                *labels,
                float(score),
            ),
        )
        for name, start_s, end_s, padded, windows, *labels, score in rows
    ]
    assert read == ROWS


def test_json_lines_read_back(tmp_path):
    formats.write_table(tmp_path / "o", iter(ROWS), "jsonl")
    lines = (tmp_path / "o").read_text("utf-8").split("\n")[:-1]
    read = [json.loads(line) for line in lines]
    assert [list(row) for row in read] == [list(formats.COLUMNS)] * 3
    assert [tuple(row.values()) for row in read] == [(n, *r) for n, r in ROWS]


def test_parquet_reads_back(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "_ROW_GROUP_ROWS", 2)
    formats.write_table(tmp_path / "o", iter(ROWS), "parquet")
    table = pyarrow.parquet.read_table(tmp_path / "o")
    assert tuple(table.column_names) == formats.COLUMNS
    read = [tuple(row.values()) for row in table.to_pylist()]
    assert read == [(name, *row) for name, row in ROWS]
    file = pyarrow.parquet.ParquetFile(tmp_path / "o")
    assert file.num_row_groups == 2


@pytest.mark.parametrize("kind", formats.TABLES)
def test_no_detection_is_an_empty_table(kind, tmp_path):
    formats.write_table(tmp_path / "o", iter([]), kind)
    if kind == "parquet":
        assert pyarrow.parquet.read_table(tmp_path / "o").num_rows == 0
    else:
        lines = (tmp_path / "o").read_text().splitlines()
        assert len(lines) == (1 if kind == "csv" else 0)


def test_raven_finds_its_columns_and_one_line_per_selection(tmp_path):
    rows = [row for _, row in ROWS[:2]]
    formats.write_raven(tmp_path / "o", "birds/a b.wav", rows, (60.0, 7800.0))
    with open(tmp_path / "o", newline="", encoding="utf-8") as file:
        read = list(
            csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        )
    assert [row["Selection"] for row in read] == ["1", "2"]
    for row, expected in zip(read, rows, strict=True):
        assert row["View"] == "Spectrogram 1" and row["Channel"] == "1"
        assert float(row["Begin Time (s)"]) == expected.start_s
        assert float(row["End Time (s)"]) == expected.end_s
        assert float(row["File Offset (s)"]) == expected.start_s
        assert float(row["Low Freq (Hz)"]) == 60
        assert float(row["High Freq (Hz)"]) == 7800
        assert pathlib.Path(row["Begin Path"]).is_absolute()
        assert row["Begin File"] == "a b.wav"
        assert float(row["Score"]) == expected.score
        assert row["Padded"] == str(expected.padded).lower()
    assert [row["Class"] for row in read] == ['the "wren"', "rötel x y"]


def test_audacity_lines_are_start_end_and_text(tmp_path):
    rows = [row for _, row in ROWS]
    formats.write_audacity(tmp_path / "o", rows)
    lines = (tmp_path / "o").read_bytes().decode("utf-8").split("\n")
    assert lines == [
        '0.000000\t1.000000\tthe "wren" 0.99',
        "1.000000\t1.062500\trötel x y 0.25 (padded)",
        "86399.000000\t86400.000000\t1 1.00",
        "",
    ]
    formats.write_audacity(tmp_path / "o", rows[2:], with_task=True)
    assert (tmp_path / "o").read_text().endswith("\tcall: 1 1.00\n")


def test_each_recording_has_a_file_of_its_own():
    names = [pathlib.PurePath(name) for name in ("a.wav", "b/a.wav", "a.mp3")]
    targets = formats.targets("out", "raven", names)
    assert [str(target) for target in targets] == [
        "out/a.wav.selections.txt",
        "out/b/a.wav.selections.txt",
        "out/a.mp3.selections.txt",
    ]
    targets = formats.targets("out.txt", "audacity", names[:1])
    assert targets == [pathlib.Path("out.txt")]
    with pytest.raises(UserError, match="a file per recording.*give a folder"):
        formats.targets("out.txt", "raven", names)
    with pytest.raises(UserError, match="two recordings are called a.wav"):
        formats.targets("out", "raven", names[:1] * 2)


@pytest.mark.parametrize("kind", ["csv", "jsonl", *formats.PER_RECORDING])
def test_each_row_is_in_the_file_before_the_next_one_is_asked_for(
    kind, tmp_path
):
    path = tmp_path / "o"
    has_header = kind in ("csv", "raven")

    def rows():
        for number, (name, row) in enumerate(ROWS[:1] * 3):
            lines = path.read_text("utf-8").splitlines()
            assert len(lines) == number + has_header
            yield (name, row) if kind in formats.TABLES else row

    if kind in formats.TABLES:
        formats.write_table(path, rows(), kind, at_once=True)
    else:
        formats.write_recording(
            path, kind, "a.wav", rows(), (60.0, 7800.0), False, at_once=True
        )
    assert len(path.read_text("utf-8").splitlines()) == 3 + has_header
