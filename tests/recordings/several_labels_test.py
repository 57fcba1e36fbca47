"""Own recordings with several labels: in cells, in columns, in folders."""

import collections

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_diffstride.datasets.kinds import (
    NO_LABEL,
    ONE_LABEL,
    SEVERAL_LABELS,
    Labels,
)
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import (
    classes,
    manifest,
    preparation,
    shortcut_file,
    splits,
    task_cells,
)
from audio_diffstride.recordings.recording import Recording
from tests.support.synthetic import tone, write_folder


def read(folder, text, columns="", tasks=()):
    """The labels of each row, and the lines for the user."""
    path = folder / "m.csv"
    path.write_text(text, encoding="utf-8")
    lines: list[str] = []
    recordings = manifest.read(path, tasks, columns, lines.append)
    return [r.labels for r in recordings], lines


def test_a_semicolon_in_any_cell_makes_several_labels(tmp_path):
    labels, (line,) = read(
        tmp_path,
        "path,bird,site\na,robin;wren,x\nb,,y\nc,wren,x\nd,wren; ?,x\ne,?,y\n",
    )
    assert [each.get("bird") for each in labels] == [
        Labels(("robin", "wren")),
        Labels(),
        Labels(("wren",)),
        Labels(("wren",), absent=()),
        None,
    ]
    assert [each["site"] for each in labels] == [*"xyxxy"]
    assert line.endswith(
        "bird has several labels, because the column bird has a ';' in a cell: "
        "1 of 5 rows have two or more, 1 none, 1 unknown"
    )


def test_without_one_a_column_has_one_label(tmp_path):
    labels, lines = read(
        tmp_path, "path,bird,site\na,robin?,x\nb,,y\nc,?,x\nd,a+b:c,y\n"
    )
    assert [each.get("bird") for each in labels] == [
        "robin?",
        None,
        "?",
        "a+b:c",
    ]
    assert lines == []


MARKS = "a,1,1\nb,0,0\nc,,1\nd,1.0,False\n"
IN_COLUMNS = [
    Labels(("robin", "wren"), absent=()),
    Labels((), absent=("robin", "wren")),
    Labels(("wren",), absent=()),
    Labels(("robin",), absent=("wren",)),
]


@pytest.mark.parametrize(
    "header, columns",
    [
        ("path,bird:robin,bird:wren", ""),
        ("path,robin,wren", "bird=robin+wren"),
        ("path,robin,wren", "bird=*"),
        ("file,robin,wren", "path=file,bird=*"),
    ],
)
def test_a_class_may_have_a_column_of_its_own(header, columns, tmp_path):
    labels, (line,) = read(tmp_path, f"{header}\n{MARKS}", columns)
    assert [each["bird"] for each in labels] == IN_COLUMNS
    assert "bird has several labels, because it has a column for each" in line


def test_a_star_takes_what_is_left(tmp_path):
    labels, _ = read(
        tmp_path,
        "path,site,robin,wren,group,noise:x\na,x,1,0,g,7\nb,y,0,1,h,8\n",
        "bird=robin+wren,place=site",
    )
    assert [{*each} for each in labels] == [{"bird", "place"}] * 2
    with pytest.raises(UserError, match="row 2: 'noise:x' must be 1, 0 or emp"):
        read(
            tmp_path,
            "path,site,robin,noise:x\na,x,1,7\nb,y,0,8\n",
            "place=site,bird=*",
        )


def test_columns_of_marks_without_a_name_are_told_of(tmp_path):
    labels, lines = read(tmp_path, "path,robin,wren\na,1,1\nb,0,0\nc,0,1\n")
    assert labels[0] == {"robin": "1", "wren": "1"}
    (line,) = lines
    assert "robin, wren hold 1 and 0 only" in line
    assert "--columns NAME=robin+wren and so on" in line


def test_a_wake_word_may_be_the_only_class(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("path,word:hey\na,1\nb,0\n")
    recordings = manifest.read(path)
    assert manifest.class_names(recordings) == {"word": ["hey"]}
    assert manifest.kinds(recordings) == {"word": SEVERAL_LABELS}


def test_a_column_per_class_stands_beside_other_tasks(tmp_path):
    rows = "".join(f"{i},{i % 2},{'xy'[i % 2]}\n" for i in range(4))
    text = f"path,bird:robin,site\n{rows}"
    labels, _ = read(tmp_path, text)
    assert {*labels[0]} == {"bird", "site"}
    labels, lines = read(tmp_path, text, tasks=("site",))
    assert {*labels[0]} == {"site"}
    assert lines == []


@pytest.mark.parametrize(
    "text, columns, message",
    [
        ("path,a\nx,b;;c\n", "", "row 2: 'b;;c' has a ';' without a label"),
        ("path,a\nx,b;\n", "", "row 2: 'b;' has a ';' without a label"),
        ("path,a\nx,;\n", "", "row 2: ';' has a ';' without a label"),
        ("path,a\nx,b;c\ny,c; c\n", "", "row 3: 'c; c' has 'c' twice"),
        ("path,a\nx,b;c\ny,?\n", "", "row 3: no label in a; add one"),
        ("path,a\nx,b;c\x07\n", "", "holds a character that is not text"),
        ("path,a:b,a:c\nx,1,0\ny,2,0\n", "", "row 3: 'a:b' must be 1, 0 or"),
        ("path,b,c\nx,1,0\n", "a=b+d", "no column 'd', which data.columns"),
        ("path,b,c\nx,yes,0\n", "a=*", "row 2: 'b' must be 1, 0 or empty"),
        ("path,b\nx,1\n", "c=b,a=*", r"no column left for a=\* of data"),
        ("path,b\nx,1\n", "path=b+c", r"no column 'b\+c', which data.columns"),
    ],
)
def test_a_bad_table_is_told_in_a_sentence(text, columns, message, tmp_path):
    with pytest.raises(UserError, match=message) as error:
        read(tmp_path, text, columns)
    assert "\n" not in str(error.value)


def test_labels_that_nothing_has_are_told(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("path,a\nx,?;b\n")
    with pytest.raises(
        UserError, match="'b' twice|one class|no label"
    ) as error:
        manifest.class_names([Recording("x", {"a": Labels()})])
    assert "the task a has no label in any recording" in str(error.value)


def test_a_folder_joins_classes_by_commas_as_birdnets_do(tmp_path):
    write_folder(tmp_path, classes=("robin", "wren", "robin, wren"), takes=1)
    lines: list[str] = []
    recordings = manifest.read(tmp_path, note=lines.append)
    found = {r.path.parent.name: r.labels["label"] for r in recordings}
    assert found == {
        "robin": Labels(("robin",)),
        "wren": Labels(("wren",)),
        "robin, wren": Labels(("robin", "wren")),
    }
    assert "because the name of the folder robin, wren has a comma" in lines[0]
    (tmp_path / "owl,").mkdir()
    assert manifest.read(tmp_path) == recordings  # it is empty
    (tmp_path / "robin" / "0.wav").rename(tmp_path / "owl," / "0.wav")
    with pytest.raises(UserError, match="joins different classes by commas"):
        manifest.read(tmp_path)


def test_a_folder_without_a_comma_has_one_label(tmp_path):
    write_folder(tmp_path, classes=("robin_wren", "wren; robin"), takes=1)
    lines: list[str] = []
    recordings = manifest.read(tmp_path, note=lines.append)
    assert manifest.kinds(recordings) == {"label": ONE_LABEL}
    assert lines == []


def test_every_class_is_in_every_split():
    rng = np.random.default_rng(0)
    names = [f"c{number}" for number in range(12)]
    recordings = []
    for number in range(240):
        chosen = rng.random(12) < np.linspace(0.03, 0.5, 12)
        labels = Labels(tuple(np.array(names)[chosen].tolist()))
        recordings.append(Recording(f"/d/{number}.wav", {"bird": labels}))
    recordings = [
        Recording(manifest.pathlib.Path(r.path), r.labels) for r in recordings
    ]
    divided = splits.SplitRule().divide(recordings, "/d")
    counts = classes.count(divided)
    sizes = collections.Counter(r.split for r in divided)
    for split, share in (("train", 0.8), ("validation", 0.1), ("test", 0.1)):
        assert sizes[split] / 240 == pytest.approx(share, abs=0.04)
        assert all(counts["bird", split, name] for name in names)
    assert splits.SplitRule().divide(recordings[::-1], "/d")[::-1] == divided


def test_a_store_of_a_table_has_its_labels(tmp_path):
    for number in range(4):
        soundfile.write(tmp_path / f"{number}.wav", tone(440, 0.2), 16000)
    path = tmp_path / "m.csv"
    path.write_text(
        "path,bird,split\n0.wav,wren;robin,train\n1.wav,,train\n"
        "2.wav,wren;?,test\n3.wav,robin,val\n"
    )
    store = preparation.prepare(path, store_dir=tmp_path / "stores")
    assert store.tasks == {"bird": ["robin", "wren"]}
    assert store.kinds == {"bird": SEVERAL_LABELS}
    assert store.examples("train").labels["bird"].tolist() == [[1, 1], [0, 0]]
    assert store.examples("test").labels["bird"].tolist() == [[NO_LABEL, 1]]
    path.write_text(path.read_text().replace("wren;?", "wren"))
    other = preparation.prepare(path, store_dir=tmp_path / "stores")
    assert other.path != store.path


def test_shortcuts_are_looked_for_where_there_is_a_single_label(tmp_path):
    recordings = []
    for number in range(24):
        path = tmp_path / f"{number}.wav"
        name = ("robin", "wren")[number % 2]
        soundfile.write(path, tone(440, 0.2 + 0.2 * (number % 2)), 16000)
        several = Labels(("robin", "wren") if number > 19 else (name,))
        recordings.append(Recording(path, {"bird": several}, "train"))
    found = shortcut_file.examine(recordings, 16000)["bird"]
    assert found is not None
    assert found.num_recordings == 20


NAMES = st.sampled_from(["robin", "wren", "owl", "great tit", "1", "é", "a,b"])


@given(st.lists(st.tuples(st.sets(NAMES), st.booleans()), min_size=1))
@settings(deadline=None, derandomize=True, max_examples=30, database=None)
def test_what_is_known_is_what_was_written(rows):
    cells = []
    for present, is_complete in rows:
        cells.append(";".join([*sorted(present), *["?"] * (not is_complete)]))
    column = task_cells.SeveralLabels("bird")
    for (present, is_complete), cell in zip(rows, cells):
        label = column.read("row", {"bird": cell})
        if not present and not is_complete:
            assert label is None
            continue
        assert {*label.present} == present
        assert label.absent == (None if is_complete else ())
        marks = SEVERAL_LABELS.write(label, ["robin", "wren", "owl"])
        (read,) = SEVERAL_LABELS.read([marks], ["robin", "wren", "owl"])
        for name, mark in zip(["robin", "wren", "owl"], read):
            expected = 1 if name in present else 0 if is_complete else NO_LABEL
            assert mark == expected
