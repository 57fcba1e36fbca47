"""Small valid files of every kind that the package reads.

    python -m tests.fuzz.seeds FOLDER [READER ...]

A folder for each reader, such as FOLDER/sound/. A sub-folder in it is a seed
of several files, such as a store.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import pathlib
import shutil
import sys
import zipfile

import numpy as np
import soundfile

from audio_diffstride.export import metadata
from audio_diffstride.export.web import packing
from tests.support import archives, synthetic

ROOT = pathlib.Path(__file__).parents[2]
_DEMO = ROOT / "audio_diffstride" / "published" / "demo"
_SUFFIXES = {"OGG": ".ogg", "FLAC": ".flac", "MP3": ".mp3", "AIFF": ".aiff"}
# Without a header in the file, or refused.
_LEFT_OUT = ("RAW", "SD2", "SDS")
_TABLE = "path,label,split,group,start_s,end_s\n" + "".join(
    f"{split}/{n}{label}.wav,{label},{split},{n},0,{n + 0.5}\n"
    for n, split in enumerate(("train", "train", "validation", "test"))
    for label in ("wren", "robin")
)
_RAVEN = (
    "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\tAnnotation\tScore"
    "\n1\tWaveform 1\t1\t0.1\t0.3\twren\t0.5\n2\tWaveform 1\t1\t0,2\t0,4\t"
    "robin\t0.75\n"
)
_AUDACITY = "0.1\t0.3\twren 0.97\n\\\t100\t200\n0.2\t0.4\trobin 0.50\n"
_DETECTIONS = (
    "file,start_s,end_s,padded,windows,task,class,score\n"
    "a.wav,0.0,0.2,false,1,label,wren,0.729547\n"
    "a.wav,0.2,0.5,true,1,label,robin,0.5\n"
)
_VERDICTS = (
    "\ufeffpath,start_s,end_s,task,label,score,clip,verdict\n"
    "a.wav,0.0,0.2,label,wren,0.9,wren/0.wav,yes\n"
    "a.wav,0.2,0.4,label,wren,0.8,wren/1.wav,no\n"
    "a.wav,0.2,0.4,label,robin,0.8,robin/1.wav,\n"
)
_STRIDES = (
    "step,block1_time,block1_frequency,block1_time_folding\n0,2.0,2.0,0.5\n"
    "2,2.1,1.9,0.4\n"
)
ABOUT = {
    "schema": 1,
    "audio_diffstride": "1.0",
    "format": "onnx",
    "tasks": {"bird": ["wren", "robin"], "a": ["x", "y"]},
    "sample_rate_hz": 16000,
    "window_samples": 6400,
    "band_hz": [60.0, 7800.0],
}


def sound(folder: pathlib.Path) -> None:
    """Every format and subtype of libsndfile; and a name that lies."""
    samples = synthetic.tone(440, 0.05, 8000)
    for form in soundfile.available_formats():
        for subtype in soundfile.available_subtypes(form):
            name = f"{form}_{subtype}{_SUFFIXES.get(form, '.wav')}"
            if form in _LEFT_OUT or not soundfile.check_format(form, subtype):
                continue
            rate_hz = 48000 if subtype == "OPUS" else 8000
            try:
                soundfile.write(
                    folder / name, samples, rate_hz, subtype, format=form
                )
            except soundfile.SoundFileError:  # of some rates only
                (folder / name).unlink(missing_ok=True)
    stereo = np.stack([samples, -samples], axis=1)
    soundfile.write(folder / "stereo.wav", stereo, 44100)
    soundfile.write(folder / "stereo.flac", stereo, 44100)


def video(folder: pathlib.Path) -> None:
    """Every container that FFmpeg reads."""
    from tests.support import ffmpeg_audio

    tone = synthetic.tone(440, 0.3)
    samples = {"s": (tone * 30000).astype(np.int16), "f": tone}
    for kinds in (ffmpeg_audio.LOSSLESS, ffmpeg_audio.LOSSY):
        for suffix, kind in kinds.items():
            rate_hz = 48000 if kind[0] in ("ac3", "libopus") else 16000
            path = folder / f"{kind[0]}{suffix}"
            ffmpeg_audio.write(path, kind, samples[kind[1][0]], rate_hz)


def pipe(folder: pathlib.Path) -> None:
    """WAVs of 16 bits, as they come through a pipe."""
    for channels in (1, 2):
        samples = np.zeros((800, channels), np.int16)
        soundfile.write(folder / f"{channels}.wav", samples, 16000)


def table(folder: pathlib.Path) -> None:
    """A CSV of recordings, with each separator."""
    for name, separator in (("c", ","), ("s", ";"), ("t", "\t")):
        _write(folder / f"{name}.csv", _TABLE.replace(",", separator))
    several = "path,bird:wren,bird:robin\na.wav,1,0\nb.wav,0,?\n"
    several += "c.wav,1,0\nd.wav,1,1\ne.wav,0,1\nf.wav,1,\n"
    _write(folder / "several.csv", several)


def annotations(folder: pathlib.Path) -> None:
    """Tables beside a recording."""
    _write(folder / "raven" / "a.txt", _RAVEN)
    _write(folder / "audacity" / "a.txt", _AUDACITY)
    for kind in ("raven", "audacity"):
        soundfile.write(folder / kind / "a.wav", np.zeros(800), 16000)


def detections(folder: pathlib.Path) -> None:
    """The output of `predict`."""
    _write(folder / "found.csv", _DETECTIONS)


def verdicts(folder: pathlib.Path) -> None:
    """The table of `review`, beside a recording."""
    _write(folder / "v" / "verdicts.csv", _VERDICTS)
    soundfile.write(folder / "v" / "a.wav", np.zeros(800), 16000)


def strides(folder: pathlib.Path) -> None:
    """A run's history of strides."""
    _write(folder / "strides.csv", _STRIDES)


def run_json(folder: pathlib.Path) -> None:
    """The JSON files of a run."""
    shutil.copy(_DEMO / "config.json", folder)
    scores = json.loads(
        (_DEMO / "evaluation_test/scores.json").read_text("utf-8")
    )
    for of_task in scores["tasks"].values():
        of_task.update(
            {name: of_task[name][:2] for name in ("classes", "per_class")},
            confusion_matrix=[[1, 2], [3, 4]],
        )
    _write(folder / "scores.json", json.dumps(scores))
    calibration = json.loads((_DEMO / "calibration.json").read_text("utf-8"))
    _write(folder / "calibration.json", json.dumps(_few_steps(calibration)))
    stores = [{"name": "own", "path": "nowhere", "fingerprint": "1"}]
    _write(folder / "stores.json", json.dumps(stores))
    start = {"date": "2026-01-01T00:00:00+00:00", "step": 0}
    run = {"config": {}, "data": [{"name": "own", "fingerprint": "1"}]}
    run |= {"starts": [start], "finished": None, "stopped_early": 3}
    _write(folder / "run.json", json.dumps(run))
    cost = {"complexity": 1.5, "multiply_adds": 1000}
    cost |= {"strides": {"block1_time": 2.0}, "folding": {}}
    _write(folder / "cost.json", json.dumps(cost))


def _few_steps(value):
    """The same JSON with short lists of numbers, so that cases are quick."""
    if isinstance(value, dict):
        return {name: _few_steps(each) for name, each in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], list):
        return value[:2]
    if isinstance(value, list):
        return [_few_steps(each) for each in value]
    return value


def sweep(folder: pathlib.Path) -> None:
    """The plan of a sweep, and the table of its runs."""
    from tests.support import planned_sweep

    (run, *_) = planned_sweep.begin(folder / "plan")
    row = {"name": run.name, "arm": run.arm, "seed": run.seed}
    row |= {"complexity": 1.5, "multiply_adds": 9, "training_s": 3}
    row |= {"a_accuracy": 0.5, "block1_time_stride": 2, "a_data": "own"}
    (folder / "runs").mkdir()
    synthetic.write_csv(folder / "runs" / "runs.csv", [row])
    shutil.copy(folder / "plan" / "plan.json", folder / "runs")


def store(folder: pathlib.Path) -> None:
    """Prepared clips and images."""
    synthetic.write_store(folder / "clips", num_clips=3)
    synthetic.write_image_store(folder / "images", num_images=3)


def about(folder: pathlib.Path) -> None:
    """The metadata of exported files."""
    calibration = json.loads((_DEMO / "calibration.json").read_text("utf-8"))
    several = ABOUT | {"schema": 2, "kinds": {"bird": "several_labels"}}
    several[metadata.CALIBRATION] = _few_steps(calibration)
    _write(folder / "1.json", json.dumps(ABOUT))
    _write(folder / "2.json", json.dumps(several))


def parquet(folder: pathlib.Path) -> None:
    """The output of `embed`."""
    from audio_diffstride.embeddings import table as embeddings

    window = embeddings.WindowVector(0.0, 0.5, False, [0.5, -1.0, 2.0])
    rows = [("a.wav", window), ("b.wav", window)] * 3
    embeddings.write(folder / "vectors.parquet", rows, 3, {"model": "demo"})


def checkpoint(folder: pathlib.Path) -> None:
    """The state of a run, with a right digest."""
    from audio_diffstride.training import checkpoints

    state = [np.arange(4.0), np.zeros((2, 3), np.float32)]
    one = checkpoints.Checkpoint(2, [], [], 0.5, state, state[::-1])
    checkpoints.write(folder, one)


def with_digest(content: bytes) -> bytes:
    """A checkpoint of this content whose digest says that it is whole."""
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def keras(folder: pathlib.Path) -> None:
    """A model."""
    shutil.copy(ROOT / "tests/runs/stored/schema0.keras", folder / "best.keras")


def exported(folder: pathlib.Path) -> None:
    """A model in each format that is one file, the web page without a page."""
    from tests.support import exported_run

    with contextlib.redirect_stdout(io.StringIO()):
        workdir = exported_run.write(folder / "run")
        for kind in ("onnx", "litert"):
            exported_run.export(workdir, kind, "--output", folder / kind)
    for name in ("onnx/model.onnx", "litert/model.tflite"):
        shutil.move(folder / name, folder)
    for name in ("run", "onnx", "litert"):
        shutil.rmtree(folder / name)
    network = packing.pack((folder / "model.onnx").read_bytes())
    page = (
        f'<script type="text/plain" id="{packing.NETWORK}">{network}</script>'
    )
    _write(folder / "listen.html", page)


def archive(folder: pathlib.Path) -> None:
    """Archives of named data sets."""
    files = {f"a/{n}.wav": archives.wav(archives.noise(n)) for n in range(3)}
    archives.write_tar_gz(folder / "a.tar.gz", files)
    with zipfile.ZipFile(folder / "a.zip", "w") as opened:
        for name, content in files.items():
            opened.writestr(name, content, zipfile.ZIP_DEFLATED)


def litert_metadata(folder: pathlib.Path) -> None:
    """Metadata behind bytes that are no model."""
    path = folder / "model.tflite"
    path.write_bytes(bytes(64))
    metadata.append_to_litert(path, ABOUT)


SEEDS = {
    function.__name__: function
    for function in (
        *(sound, video, pipe, table, annotations, detections, verdicts),
        *(strides, run_json, sweep, store, about, parquet, checkpoint),
        *(litert_metadata, archive, keras, exported),
    )
}


def write(folder: pathlib.Path, name: str) -> pathlib.Path:
    """Writes the seeds of a reader, and returns their folder."""
    place = folder / name
    place.mkdir(parents=True)
    SEEDS[name](place)
    return place


def _write(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    for reader in sys.argv[2:] or SEEDS:
        write(pathlib.Path(sys.argv[1]), reader)
