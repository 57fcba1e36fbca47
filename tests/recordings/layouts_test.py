"""Tables of well-known data sets are used as they come."""

import pytest
import soundfile

from audio_diffstride.__main__ import call
from audio_diffstride.errors import UserError
from audio_diffstride.recordings import layouts, manifest, preparation, splits
from tests.support.synthetic import tone

ESC_50 = "filename,fold,target,category,esc10,src_file,take"
URBAN = "slice_file_name,fsID,start,end,salience,fold,classID,class"


def write_esc_50(folder):
    """Two classes of three takes in each of five folds; returns the table."""
    rows = [ESC_50]
    for fold in range(1, 6):
        for target, category in enumerate(("dog", "rooster")):
            for place, take in enumerate("ABC"):
                source = 1000 * fold + target
                name = f"{fold}-{source}-{take}-{target}.wav"
                write_sound(
                    folder / "audio" / name, 300 * target + 20 * fold + place
                )
                rows.append(
                    f"{name},{fold},{target},{category},{target == 0},{source},"
                    f"{take}"
                )
    return write_rows(folder / "meta" / "esc50.csv", rows)


def write_urban(folder):
    """Two classes in each of ten folds; returns the table."""
    rows = [URBAN]
    for fold in range(1, 11):
        for number, name in ((3, "dog_bark"), (8, "siren")):
            file = f"{100000 + fold}-{number}-0-0.wav"
            write_sound(
                folder / "audio" / f"fold{fold}" / file, 90 * number + fold
            )
            # The place of the slice in a recording that is not there.
            rows.append(
                f"{file},{100000 + fold},{58.5 + fold},{62.5 + fold},1,{fold},"
                f"{number},{name}"
            )
    return write_rows(folder / "metadata" / "UrbanSound8K.csv", rows)


def write_sound(path, hz):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, tone(hz, seed=hz), 16000)


def write_rows(path, rows):
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(rows) + "\n")
    return path


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
