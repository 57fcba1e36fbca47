"""What holds for every table of recordings."""

import csv
import functools
import io
import math
import pathlib
import random
import tempfile
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_diffstride.errors import UserError
from audio_diffstride.recordings import label_table
from audio_diffstride.recordings.recording import Recording
from tests.support import bad_tables

QUICK = settings(
    deadline=None, derandomize=True, max_examples=40, database=None
)
NUM_MUTATIONS = 30_000

# What a class may be called: text, composed, without spaces at its ends.
NAMES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1
).map(functools.partial(unicodedata.normalize, "NFC"))
# A ";" stands between several labels.
CLASSES = NAMES.filter(lambda name: ";" not in name)
SECONDS = st.floats(0, 1e6)


@st.composite
def tables(draw):
    """Recordings that a table can list, each once."""
    tasks = draw(st.lists(st.sampled_from("abcde"), min_size=1, unique=True))
    recordings = []
    for number in range(draw(st.integers(1, 6))):
        labels = draw(
            st.dictionaries(st.sampled_from(tasks), CLASSES, min_size=1)
        )
        start_s = draw(st.none() | SECONDS)
        lengths_s = st.floats(1e-3, 1e6)
        length_s = draw(st.none() | lengths_s)
        recordings.append(
            Recording(
                pathlib.Path(f"{number}{draw(NAMES).replace('/', '-')}.wav"),
                labels,
                draw(st.sampled_from(["", "train", "validation", "test"])),
                draw(st.just("") | NAMES),
                start_s,
                None if length_s is None else (start_s or 0.0) + length_s,
            )
        )
    return tasks, recordings


def write(path, tasks, recordings):
    """A table of the recordings, as anyone would write it."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "split", "group", "start_s", "end_s", *tasks])
        for r in recordings:
            times = ["" if t is None else repr(t) for t in (r.start_s, r.end_s)]
            labels = [r.labels.get(task, "") for task in tasks]
            writer.writerow([r.path, r.split, r.group, *times, *labels])


@QUICK
@given(tables())
def test_what_is_written_is_read(table):
    tasks, recordings = table
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "table.csv"
        write(path, tasks, recordings)
        # Named: alone, a column of one value is left out.
        read = label_table.read(path, tasks)
    assert [r.path.name for r in read] == [str(r.path) for r in recordings]
    for got, expected in zip(read, recordings):
        for name in ("labels", "split", "group", "start_s", "end_s"):
            assert getattr(got, name) == getattr(expected, name)


def read_bytes(path, table: bytes) -> bool:
    """Whether a table is read; it is sound then, and refused in one line."""
    path.write_bytes(table)
    try:
        recordings = label_table.read(path)
    except UserError as error:
        assert path.name in str(error)
        return False
    for r in recordings:
        assert r.labels and all(r.labels.values())
        assert r.split in ("", "train", "validation", "test")
        start_s = r.start_s or 0.0
        assert 0 <= start_s < (math.inf if r.end_s is None else r.end_s)
    return True


PIECES = st.sampled_from(
    ["path", "a", "split", "start_s", ",", "\n", "\r", '"', "\0", "x", " "]
    + ["1", "-1", "nan", "train", "\ufeff", "é", ";", "\t"]
)


@QUICK
@given(st.lists(PIECES).map("".join) | st.text(), st.booleans())
def test_any_text_is_read_or_refused(text, with_header):
    table = ("path,a\n" if with_header else "") + text
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "table.csv"
        read_bytes(path, table.encode("utf-8", "surrogatepass"))


def valid_tables() -> list[bytes]:
    """Tables to be mutated: those that are read, and an ordinary one."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["path", "bird", "split", "group", "start_s", "end_s"])
    for number in range(9):
        split = ("train", "val", "test")[number % 3]
        writer.writerow([f"{number}.wav", "ab"[number % 2], split, "", 0, 1.5])
    odd = [case.table for case in bad_tables.CASES if not case.refused]
    return [text.getvalue().encode(), *odd]


def mutate(table: bytes, rng: random.Random) -> bytes:
    """A table with a few bytes changed, doubled, moved or lost."""
    table = bytearray(table)
    for _ in range(rng.randint(1, 2)):
        place, other = (rng.randrange(len(table) + 1) for _ in range(2))
        piece = table[min(place, other) : max(place, other)]
        kind = rng.randrange(4)
        if kind == 0:
            table[place : place + 1] = bytes([rng.randrange(256)])
        elif kind == 1:
            table[place:place] = bytes([rng.choice(b',\n\r"\0 \t;-9')])
        elif kind == 2:
            del table[min(place, other) : min(place, other) + 8]
        else:
            table[place:place] = piece[:40]
    return bytes(table)


def fuzz(folder, num_mutations: int) -> int:
    """How many mutated tables are read; the others are refused."""
    rng = random.Random(0)
    tables = valid_tables()
    path = folder / "table.csv"
    return sum(
        read_bytes(path, mutate(rng.choice(tables), rng))
        for _ in range(num_mutations)
    )


def test_a_mutated_table_is_read_or_refused(tmp_path):
    assert 25 < fuzz(tmp_path, 500) < 475


@pytest.mark.slow
def test_thirty_thousand_mutated_tables_are_read_or_refused(tmp_path):
    read = fuzz(tmp_path, NUM_MUTATIONS)
    assert NUM_MUTATIONS / 20 < read < NUM_MUTATIONS * 19 / 20


@pytest.mark.slow
@settings(QUICK, max_examples=3000)
@given(st.lists(PIECES).map("".join) | st.text())
def test_three_thousand_texts_are_read_or_refused(text):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "table.csv"
        read_bytes(path, ("path,a\n" + text).encode("utf-8", "surrogatepass"))
