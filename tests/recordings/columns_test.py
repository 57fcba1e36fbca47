"""Which columns of a table are paths, splits, groups and tasks."""

import pytest

from audio_diffstride.__main__ import call, parse
from audio_diffstride.config import config_files
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import label_table, manifest, sources
from audio_diffstride.recordings.task_choice import choose_tasks
from tests.support.synthetic import write_csv, write_folder

NAMES = "file,species,site,fold,from"


@pytest.fixture
def table(tmp_path):
    """A table with other names than ours, of three sites and two species."""
    path = tmp_path / "m.csv"
    rows = [
        f"{i}.wav,{('wren', 'robin')[i % 2]},{'ABC'[i % 3]},{i % 5},{i / 10}"
        for i in range(30)
    ]
    path.write_text("\n".join([NAMES, *rows]) + "\n")
    return path


def read(path, columns, tasks=()):
    return manifest.read(path, tasks, columns)


def test_a_map_gives_our_names_to_columns(table):
    first = read(table, "path=file,group=site,bird=species,start_s=from")[1]
    assert first == manifest.Recording(
        table.parent / "1.wav", {"bird": "robin"}, group="B", start_s=0.1
    )


def test_tasks_of_the_map_are_alone_unless_others_are_wanted(table):
    def tasks(columns, wanted=()):
        return list(read(table, columns, wanted)[0].labels)

    assert tasks("path=file") == ["species", "site", "fold"]
    assert tasks("path=file,bird=species") == ["bird"]
    assert tasks("path=file,bird=species", ["fold", "bird"]) == ["fold", "bird"]
    assert tasks("path=file,group=site") == ["species", "fold"]
    # A column may be the groups, and a task.
    assert tasks("path=file,group=site,where=site") == ["where"]


def test_the_map_is_stronger_than_the_names_in_the_table(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("path,file,a\nold/x,x.wav,1\nold/y,y.wav,2\n")
    first = read(path, "path=file")[0]
    assert first.path == tmp_path / "x.wav" and first.labels == {"a": "1"}


@pytest.mark.parametrize(
    "columns, tasks, message",
    [
        ("", (), r"no column 'path' .*\(file, species.*--columns path=file$"),
        ("path=fil", (), "no column 'fil', .* for 'path'.*did you mean file"),
        ("path=x", (), "no column 'x',.*it has file, species.*name one of the"),
        ("path", (), "data.columns is 'path', but must be like path=filename"),
        ("path=file,path=site", (), "data.columns is .*must be like"),
        ("path=file,a b=site", (), "a task called 'a b'.*NAME='a b'"),
        ("path=file,bird=species", ("species",), "no column 'species' to pred"),
        ("path=file", ("bird",), "no column 'bird' to predict; it has spec"),
    ],
)
def test_a_wrong_map_is_refused(columns, tasks, message, table):
    with pytest.raises(UserError, match=message):
        read(table, columns, tasks)


def test_a_folder_has_no_columns(tmp_path):
    write_folder(tmp_path, takes=1)
    with pytest.raises(UserError, match="data.columns names columns of a CSV"):
        read(tmp_path, "path=file")


def test_the_commands_and_the_config_take_the_map(tmp_path, capsys):
    write_folder(tmp_path, takes=6)
    rows = [
        {"file": f"{bird}/{take}.wav", "species": bird}
        for bird in ("high", "low")
        for take in range(6)
    ]
    path = str(write_csv(tmp_path / "m.csv", rows))
    columns = "path=file,bird=species"
    store_dir = str(tmp_path / "stores")
    assert call("check", [path, "--columns", columns]) == 0
    command = capsys.readouterr().out.splitlines()[-1]
    assert f" --columns={columns} " in command
    call("prepare", [path, "--columns", columns, "--store_dir", store_dir])
    for flag in ("--columns", "--config.data.columns"):
        args = parse(
            "train",
            ["--data", path, "--workdir", "a", flag, columns]
            + ["--config.data.store_dir", store_dir],
        )
        config = config_files.from_arguments(args, args.data)
        assert config.data.columns == columns
        (store,) = sources.open_stores(config)
        assert store.tasks == {"bird": ["high", "low"]}
    # One store: the map names the columns, and changes nothing else.
    assert len([*(tmp_path / "stores").iterdir()]) == 1


def test_only_own_recordings_have_columns(capsys):
    with pytest.raises(UserError, match="only audio_files have columns"):
        config_files.load(
            "recordings:small",
            {"data.source": "tones", "data.columns": "path=file"},
        )


def repeated(values, num_rows):
    """A column of so many rows, with each of the values equally often."""
    return [str(values[i % len(values)]) for i in range(num_rows)]


@pytest.mark.parametrize(
    "cells, reason",
    [
        (repeated(range(10), 3000), None),  # digits
        (repeated(range(10), 30), None),
        (repeated(range(36, 85), 2144), None),  # MIDI pitches
        (repeated(range(128), 256), None),
        (repeated(range(129), 1290), None),
        (repeated(range(129), 1289), "129 different numbers"),
        (repeated([0.5, 1.0, 1.5], 30), None),  # speeds
        (repeated([i / 2 for i in range(20)], 40), None),
        (repeated([i / 2 for i in range(21)], 4000), "21 different numbers"),
        (repeated([f"{i},5" for i in range(21)], 99), "21 different numbers"),
        (repeated([f"{i}.0" for i in range(49)], 99), None),  # of pandas
        (repeated([f"n{i}" for i in range(867)], 2634), None),  # speakers
        (repeated([f"n{i}" for i in range(10)], 20), None),
        (repeated([f"n{i}" for i in range(11)], 20), "11 values in 20 rows"),
        (repeated([f"n{i}" for i in range(19)], 19), None),  # a small table
        (repeated(["nan", *range(200)], 1000), None),  # not all are numbers
        (["a"] * 30, "one value only"),
        (["a"] * 2, "one value only"),
        (["", "a", ""], "one value only"),
        (["", ""], "empty"),
        ([*repeated("ab", 10), *[""] * 90], None),
    ],
)
def test_a_column_is_a_task_unless_its_values_say_otherwise(cells, reason):
    chosen, lines = choose_tasks(
        {"task": repeated("ab", len(cells)), "x": cells}
    )
    if reason is None:
        assert (chosen, lines) == (("task", "x"), [])
    else:
        assert chosen == ("task",)
        assert lines == [f"left out, as they are no tasks: x ({reason})"]


def test_where_nothing_looks_like_a_task_the_best_are_taken():
    many = [f"n{i}" for i in range(30)]
    assert choose_tasks({"a": many}) == (
        ("a",),
        ["hardly tasks, but there are no others: a (30 values in 30 rows)"],
    )
    chosen, lines = choose_tasks({"a": many, "b": ["x"] * 30})
    assert chosen == ("a",)
    assert lines[1] == "left out, as they are no tasks: b (one value only)"
    # `class_names` says that they need a second class.
    assert choose_tasks({"b": ["x"] * 30}) == (("b",), [])


def test_what_is_left_out_is_told_and_can_be_named(tmp_path, capsys):
    path = tmp_path / "m.csv"
    rows = [f"{i}.wav,{'ab'[i % 2]},{i / 7},2020,a text {i}" for i in range(40)]
    path.write_text("\n".join(["path,bird,gain,year,a note", *rows]) + "\n")
    lines = []
    recordings = label_table.read(path, note=lines.append)
    assert all(list(r.labels) == ["bird"] for r in recordings)
    assert lines == [
        f"{path}: left out, as they are no tasks: gain (40 values in 40 rows), "
        "year (one value only), a note (40 values in 40 rows); data.tasks "
        "picks others"
    ]
    lines.clear()
    recordings = label_table.read(path, ("gain", "year"), note=lines.append)
    assert recordings[7].labels == {"gain": "1.0", "year": "2020"}
    assert lines == []
    with pytest.raises(UserError, match="task year has one class only"):
        manifest.class_names(recordings)
    with pytest.raises(UserError, match="a task called 'a note'"):
        label_table.read(path, ("a note",))


def test_a_column_without_a_name_is_told(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text(",path,a\n0,x,1\n1,y,2\n")
    lines = []
    assert label_table.read(path, note=lines.append)[1].labels == {"a": "2"}
    assert lines == [f"{path}: a column without a name is left out"]


def test_seconds_may_have_a_comma_between_semicolons(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("path;a;start_s;end_s\nx;1;0,5;1,25\nx;2;;0.5\n")
    first, second = label_table.read(path)
    assert (first.start_s, first.end_s) == (0.5, 1.25)
    assert (second.start_s, second.end_s) == (None, 0.5)
