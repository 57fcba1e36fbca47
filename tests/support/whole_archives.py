"""Small archives of the paper's data sets, complete enough to train on.

Each function writes the files that a user would download to a folder. Names,
layouts, label files, sample rates and bit depths are official. The recordings
are few and short.
"""

import io
import json
import pathlib
import zipfile

import numpy as np
import soundfile

from tests.support.archives import write_tar_gz
from tests.support.synthetic import tone


def _wav(hz, rate_hz=16000, subtype="PCM_16", num_channels=1, seed=0):
    samples = tone(hz, 0.2, rate_hz, seed)
    if num_channels > 1:
        samples = np.stack([samples] * num_channels, axis=1)
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, subtype=subtype, format="WAV")
    return file.getvalue()


def speech_commands35(folder: pathlib.Path):
    """Two words, forty speakers, background noise, no lists."""
    files = {
        f"./{word}/{speaker:08x}_nohash_0.wav": _wav(hz, seed=speaker)
        for word, hz in (("bed", 400), ("yes", 1600))
        for speaker in range(40)
    }
    files["./_background_noise_/pink_noise.wav"] = _wav(50)
    write_tar_gz(folder / "speech_commands_v0.02.tar.gz", files)


def nsynth_notes(folder: pathlib.Path):
    """Three families at eight pitches; instruments differ between parts."""
    families = ("bass", "flute", "organ")
    for number, part in enumerate(("train", "valid", "test")):
        notes, files = {}, {}
        for family in families:
            for instrument in range(4 if part == "train" else 1):
                for pitch in range(60, 68):
                    name = f"{family}_acoustic_{number}{instrument:02d}"
                    note = f"{name}-{pitch:03d}-100"
                    notes[note] = {
                        "pitch": pitch,
                        "instrument_family_str": family,
                        "instrument_str": name,
                    }
                    hz = 440 * 2 ** ((pitch - 69) / 12)
                    path = f"nsynth-{part}/audio/{note}.wav"
                    files[path] = _wav(hz, seed=pitch)
        files[f"nsynth-{part}/examples.json"] = json.dumps(notes).encode()
        write_tar_gz(folder / f"nsynth-{part}.jsonwav.tar.gz", files)


def tut_urban2018(folder: pathlib.Path):
    """Ten scenes at four locations; 48 kHz, 24-bit, stereo."""
    scenes = (
        "airport bus metro metro_station park public_square shopping_mall "
        "street_pedestrian street_traffic tram"
    ).split()
    name = "TUT-urban-acoustic-scenes-2018-development"
    lists = {"train": [], "evaluate": [], "test": []}
    meta = ["filename\tscene_label\tidentifier\tsource_label"]
    with zipfile.ZipFile(folder / f"{name}.audio.1.zip", "w") as archive:
        for number, scene in enumerate(scenes):
            for location in range(4):
                place = f"vienna-{10 * number + location}"
                file = f"audio/{scene}-{place}-{location}-a.wav"
                content = _wav(300 + 200 * number, 48000, "PCM_24", 2)
                archive.writestr(f"{name}/{file}", content)
                meta.append(f"{file}\t{scene}\t{place}\ta")
                part = "evaluate" if location == 3 else "train"
                lists[part].append(f"{file}\t{scene}")
                if part == "evaluate":
                    lists["test"].append(file)
    with zipfile.ZipFile(folder / f"{name}.meta.zip", "w") as archive:
        archive.writestr(f"{name}/meta.csv", "\n".join(meta) + "\n")
        for part, lines in lists.items():
            path = f"{name}/evaluation_setup/fold1_{part}.txt"
            archive.writestr(path, "\n".join(lines) + "\n")


def dcase2018_birds(folder: pathlib.Path):
    """Three sources of sixteen recordings at 44.1 kHz."""
    for source in ("ff1010bird", "warblrb10k", "BirdVox-DCASE-20k"):
        rows = ["itemid,datasetid,hasbird"]
        with zipfile.ZipFile(folder / f"{source}.zip", "w") as archive:
            for item in range(16):
                content = _wav(300 + 3000 * (item % 2), 44100, seed=item)
                archive.writestr(f"wav/{item}.wav", content)
                rows.append(f"{item},{source},{item % 2}")
        (folder / f"{source}.csv").write_text("\n".join(rows) + "\n")


WRITERS = {
    writer.__name__: writer
    for writer in (
        speech_commands35,
        nsynth_notes,
        tut_urban2018,
        dcase2018_birds,
    )
}
