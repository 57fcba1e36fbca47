"""Small copies of well-known data sets, as they come."""

import soundfile

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
