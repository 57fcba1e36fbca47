"""The Parquet file of embeddings: written, read, and what is refused."""

import json
import re

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

from audio_diffstride.embeddings import table
from audio_diffstride.errors import UserError

VECTORS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
ROWS = [
    ("é.wav" if i < 3 else "b.wav", table.WindowVector(i, i + 1.5, i == 4, v))
    for i, v in enumerate(VECTORS.tolist())
]
FLOATS = pyarrow.list_(pyarrow.float64())
# A table of another tool, with a column more.
OTHER = {
    "file": pyarrow.array(["a", "a", "b"]).dictionary_encode(),
    "start_s": pyarrow.array([0, 1, 0]),
    "end_s": pyarrow.array([1, 2, 1]),
    "embedding": pyarrow.array([[1, 2], [3, 4], [5, 6]], FLOATS),
    "model": pyarrow.array(["x", "x", "x"]),
}


def write(path, **columns):
    pyarrow.parquet.write_table(pyarrow.table({**OTHER, **columns}), path)
    return path


@pytest.fixture(autouse=True)
def few_rows_at_once(monkeypatch):
    monkeypatch.setattr(table, "_ROWS_AT_ONCE", 2)


def test_what_is_written_is_what_any_reader_finds(tmp_path):
    table.write(tmp_path / "a.parquet", ROWS, 3, {"--hop_s": 1.5})
    found = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    floats = pyarrow.list_(pyarrow.float32(), 3)
    assert found.schema.field("embedding").type == floats
    assert found.column_names == ["file", *table.WindowVector._fields]
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        (file, *window) for file, window in ROWS
    ]
    about = found.schema.metadata[b"audio_diffstride"]
    assert json.loads(about) == {"--hop_s": 1.5}


def test_the_reader_gives_the_bits_of_the_writer(tmp_path):
    table.write(tmp_path / "a.parquet", ROWS, 3, {})
    parts = list(table.read(tmp_path / "a.parquet"))
    assert [len(part.files) for part in parts] == [2, 2, 1]
    together = np.concatenate([part.embeddings for part in parts])
    np.testing.assert_array_equal(together, VECTORS)
    assert [f for part in parts for f in part.files] == [f for f, _ in ROWS]
    ends_s = np.concatenate([part.end_s for part in parts])
    assert ends_s.tolist() == [1.5, 2.5, 3.5, 4.5, 5.5]


def test_a_table_without_rows_has_its_columns(tmp_path):
    table.write(tmp_path / "a.parquet", [], 3, {})
    found = pyarrow.parquet.read_table(tmp_path / "a.parquet")
    assert found.num_rows == 0 and found.num_columns == 5
    with pytest.raises(UserError, match="a.parquet has no rows; give the out"):
        list(table.read(tmp_path / "a.parquet"))


@pytest.mark.parametrize(
    "kind",
    [
        FLOATS,
        pyarrow.large_list(pyarrow.float16()),
        pyarrow.list_(pyarrow.float32(), 2),
    ],
)
def test_tables_of_other_tools_are_read(tmp_path, kind):
    values = [np.float16([1, 2]), np.float16([3, 4]), np.float16([5, 6])]
    path = write(tmp_path / "a", embedding=pyarrow.array(values, kind))
    parts = list(table.read(path))
    assert [f for part in parts for f in part.files] == ["a", "a", "b"]
    together = np.concatenate([part.embeddings for part in parts])
    assert together.tolist() == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"file": [1, 2, 3]}, "'file' is int64, but must be text"),
        ({"end_s": ["1", "2", "3"]}, "'end_s' is string, but must be a numb"),
        ({"embedding": [1.0, 2, 3]}, "'embedding' is double, but must be a l"),
        ({"embedding": [[1], [2], [3]]}, "int64>, but must be a list of fl"),
        (
            {"embedding": pyarrow.array([[1, 2], [3, 4], [5]], FLOATS)},
            "row 3 has an embedding of another length than the first, 2",
        ),
        (
            {"embedding": pyarrow.array([[], [], []], FLOATS)},
            "row 1 has an empty embedding",
        ),
        (
            {"embedding": pyarrow.array([[1, 2], None, [5, 6]], FLOATS)},
            "row 2 has no embedding",
        ),
        (
            {"embedding": pyarrow.array([[1, 2], [3, 4], [5, None]], FLOATS)},
            "row 3 has an embedding with a value that is not a finite number",
        ),
        (
            {"embedding": [[1.0, 2.0], [np.nan, 4.0], [5.0, 6.0]]},
            "row 2 has an embedding with a value that is not a finite number",
        ),
        (
            {"embedding": [[1.0, 2.0], [3.0, 4.0], [5.0, np.inf]]},
            "row 3 has an embedding with a value that is not a finite number",
        ),
        ({"start_s": [0, 2, 0]}, "row 2 does not end after it begins"),
        ({"start_s": [0.0, np.nan, 0.0]}, "row 2 does not end after it b"),
        ({"start_s": [0, -1, 0]}, "row 2 does not end after it begins"),
        ({"end_s": [1.0, np.inf, 1.0]}, "row 2 does not end after it begins"),
        ({"file": ["a", "a", None]}, "row 3 has no file"),
        ({"end_s": [1, None, 1]}, "row 2 has no end_s"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_place(
    tmp_path, columns, message
):
    path = write(tmp_path / "a.parquet", **columns)
    with pytest.raises(UserError, match=f"a.parquet.*{re.escape(message)}"):
        list(table.read(path))


def test_a_file_that_is_no_table_is_refused(tmp_path):
    with pytest.raises(UserError, match="nowhere does not exist; give the"):
        list(table.read("nowhere"))
    (tmp_path / "a").write_text("file,start_s\n")
    with pytest.raises(UserError, match=r"a cannot be read as Parquet \("):
        list(table.read(tmp_path / "a"))
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        list(table.read(tmp_path))
    content = write(tmp_path / "b").read_bytes()
    (tmp_path / "b").write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match="b cannot be read as Parquet"):
        list(table.read(tmp_path / "b"))
    del (columns := dict(OTHER))["end_s"]
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "c")
    with pytest.raises(UserError, match="c has no columns 'end_s', but must"):
        list(table.read(tmp_path / "c"))
