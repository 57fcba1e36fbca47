"""Tables of well-known data sets are used as they come."""

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import layouts, manifest, preparation, splits
from tests.support.known_tables import (
    ESC_50,
    write_esc_50,
    write_urban,
)


def test_esc_50_is_read_as_it_comes(tmp_path, capsys):
    table = write_esc_50(tmp_path / "ESC-50")
    recordings = manifest.read(table)
    assert len(recordings) == 30
    assert all(r.path.is_file() for r in recordings)
    assert {r.group for r in recordings} == set("12345")
    for r in recordings:
        fold, _, _, target = r.path.stem.split("-")
        assert r.labels == {"category": ("dog", "rooster")[int(target)]}
        assert r.group == fold
    assert call("check", [str(table)]) == 0
    printed = capsys.readouterr()
    assert "\n0 recordings cannot be used" in printed.out
    assert (
        f"note: {table} is the table of ESC-50: task category, group fold, "
        "audio in ../audio/; for ESC-10 keep only the rows with True in the "
        "column esc10\n"
    ) in printed.err


def test_urban_sound_is_read_as_it_comes(tmp_path, capsys):
    table = write_urban(tmp_path / "UrbanSound8K")
    recordings = manifest.read(table)
    assert len(recordings) == 20
    assert all(r.path.is_file() for r in recordings)
    assert {r.labels["class"] for r in recordings} == {"dog_bark", "siren"}
    assert all(list(r.labels) == ["class"] for r in recordings)
    # Each file is a slice already.
    assert all(r.start_s is None and r.end_s is None for r in recordings)
    assert call("check", [str(table)]) == 0
    told = capsys.readouterr().err
    assert "task class, group fold, audio in ../audio/fold; start and" in told


def test_whole_folds_are_tested_on(tmp_path):
    table = write_esc_50(tmp_path)
    store = preparation.prepare(
        table, store_dir=tmp_path / "stores", rule=splits.SplitRule("3")
    )
    assert {*store.examples("test").groups} == {"3"}
    assert len({*store.examples("validation").groups}) == 1
    assert store.num_examples == {"train": 18, "validation": 6, "test": 6}


def test_other_tasks_of_a_known_table_can_be_chosen(tmp_path):
    table = write_esc_50(tmp_path)
    first = manifest.read(table, ("target", "take"))[0]
    assert first.labels == {"target": "0", "take": "A"}
    # The map of the example: the audio lies where ESC-50 has it.
    first = manifest.read(table, columns="path=filename,label=category")[0]
    assert first.labels == {"label": "dog"}
    assert first.path.is_file() and first.group == "1"
    first = manifest.read(table, columns="group=src_file")[0]
    assert first.labels == {"category": "dog"} and first.group == "1000"


def test_a_table_with_a_path_is_our_own(tmp_path):
    table = tmp_path / "own.csv"
    table.write_text(f"path,{ESC_50}\nx,f,1,0,dog,True,1,A\ny,g,2,1,cat,,2,B\n")
    assert list(manifest.read(table)[0].labels) == [
        *("filename", "fold", "target", "category", "src_file", "take"),
    ]


@pytest.mark.parametrize("write", [write_esc_50, write_urban])
def test_the_folder_of_a_known_data_set_names_its_table(write, tmp_path):
    table = write(tmp_path)
    with pytest.raises(UserError, match=f"its own table; give {table}"):
        manifest.read(tmp_path)


def test_every_layout_can_be_recognised():
    for layout in layouts.LAYOUTS:
        used = {*layout.header, *layout.columns.values()}
        assert layouts.of_header(used) is layout
        assert layouts.of_header({*used, "more"}) is layout
        assert layouts.of_header({*used, "path"}) is None
        for column in used:
            assert layouts.of_header(used - {column}) is None
