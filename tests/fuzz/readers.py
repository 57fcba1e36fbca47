"""Every reader of the package, and how it is called on a hostile file."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np

from audio_diffstride.errors import UserError


@dataclasses.dataclass(frozen=True)
class Reader:
    """A reader.

    Attributes:
        read: called with the path of the changed file. The rest of its seed
            lies beside it.
        share: of all cases, in thousandths.
    """

    read: Callable[[pathlib.Path], Any]
    share: int


def _each(*calls: Callable[[], Any]) -> Any:
    """Calls all; a refusal by one does not spare the next.

    Raises:
        UserError: that of the last one that refused.
    """
    result, refusal = None, None
    for call in calls:
        try:
            result = call()
        except UserError as error:
            refusal = error
    if refusal:
        raise refusal
    return result


def _sound(path: pathlib.Path) -> Any:
    from audio_diffstride.audio import reading, truncation
    from audio_diffstride.predict import streams

    def whole_and_stream() -> int:
        try:
            samples = reading.read_audio(path)
        except UserError:
            _each(lambda: sum(map(len, streams.read_blocks(path))))
            raise
        streamed = np.concatenate([*streams.read_blocks(path)])
        np.testing.assert_array_equal(samples, streamed)
        return len(samples)

    with contextlib.suppress(UserError):  # some formats have no segments
        reading.read_audio(path, start_s=0.01, end_s=0.04)
    return _each(
        lambda: truncation.find(path),
        lambda: streams.read_header(path),
        whole_and_stream,
    )


def _pipe(path: pathlib.Path) -> Any:
    from audio_diffstride.listen import pcm

    with open(path, "rb", buffering=0) as file:
        is_wav = file.read(4) == b"RIFF"
        file.seek(0)
        form = (None, None) if is_wav else (16000, 3)
        blocks = pcm.read(file, "-", *form, lambda line: None)
        return sum(len(block.samples) for block in blocks)


def _table(path: pathlib.Path) -> Any:
    from audio_diffstride.recordings import manifest, splits

    recordings = manifest.read(path)
    classes = manifest.class_names(recordings)
    splits.assign(recordings, path.parent)
    return len(classes)


def _annotations(path: pathlib.Path) -> Any:
    from audio_diffstride.recordings import annotation_files

    return _each(
        *(
            lambda place=place: annotation_files.read(
                place, [], {}, lambda line: None
            )
            for place in (path, path.parent)
        )
    )


def _detections(path: pathlib.Path) -> Any:
    from audio_diffstride.events import detection_tables
    from audio_diffstride.events.truth import Truth

    events = {(0, "wren"): np.array([[0.1, 0.3]])}
    truth = Truth([path.parent / "a.wav"], "label", events, {}, 0.01)
    return detection_tables.read_found(path, truth, {}, lambda line: None)


def _verdicts(path: pathlib.Path) -> Any:
    from audio_diffstride.review import verdicts

    verdicts.is_filled(path)
    return verdicts.read(path)


def _strides(path: pathlib.Path) -> Any:
    from audio_diffstride.runs import stride_history

    stride_history.read_folding(path.parent)
    return stride_history.read(path.parent)


def _run_json(path: pathlib.Path) -> Any:
    from audio_diffstride.calibration import calibration_file
    from audio_diffstride.config import inherited
    from audio_diffstride.evaluation import score_files
    from audio_diffstride.files import json_files
    from audio_diffstride.runs import loading, provenance, run_stores
    from audio_diffstride.sweep import costs

    folder = path.parent

    def config() -> Any:
        inherited.fields(str(folder))
        loading.load_config(folder, ["window_s"])
        return loading.load_config(folder)

    def scores() -> Any:
        split = folder / "evaluation_test"
        split.mkdir()
        path.rename(split / "scores.json")
        return score_files.read(folder, "test")

    def calibration() -> Any:
        content = json_files.load(path, "x")
        return calibration_file.parse(content, path, "x").content

    def run() -> Any:
        provenance.is_finished(folder)
        provenance.stopped_early(folder)
        return provenance.read(folder)

    return {
        "config.json": config,
        "scores.json": scores,
        "calibration.json": calibration,
        "run.json": run,
        "stores.json": lambda: run_stores.find(folder),
        "cost.json": lambda: costs.read_or_measure(folder),
    }[path.name]()


def _sweep(path: pathlib.Path) -> Any:
    from audio_diffstride.sweep import plan_file, runs_csv

    folder = path.parent

    def runs() -> Any:
        return runs_csv.read(folder / "runs.csv", plan_file.read(folder))

    return _each(
        lambda: plan_file.read_config(folder),
        lambda: plan_file.read_search(folder),
        runs,
    )


def _store(path: pathlib.Path) -> Any:
    from audio_diffstride.datasets.opening import open_store

    store = open_store(path.parent)
    return _each(
        *(
            lambda split=split: [
                examples[index].sum()
                for examples in [store.examples(split)]
                for index in range(min(len(examples), 10))
            ]
            for split in ("train", "test")
        )
    )


def _about(path: pathlib.Path) -> Any:
    from audio_diffstride.datasets import kinds
    from audio_diffstride.export import metadata

    about = metadata.parse(path.read_bytes(), path)
    kinds.from_json(about["tasks"], about.get("kinds", {}))
    if metadata.CALIBRATION in about:
        metadata.read_calibration(about, path)
    return about


def _parquet(path: pathlib.Path) -> Any:
    from audio_diffstride.embeddings import table

    return sum(len(windows.files) for windows in table.read(path))


def _checkpoint(path: pathlib.Path) -> Any:
    from audio_diffstride.training import checkpoints

    checkpoints.latest_step(path.parent)
    return checkpoints.read_latest(path.parent)


def _litert_metadata(path: pathlib.Path) -> Any:
    from audio_diffstride.export import metadata

    return metadata.read_litert(path)


def _archive(path: pathlib.Path) -> Any:
    from data import tar_files
    from data.zip_files import ZipFiles

    if path.suffix == ".gz":
        return sum(len(c) for _, c in tar_files.read(path, lambda name: True))
    with ZipFiles([path]) as files:
        names = files.names
        return _each(*(lambda n=n: files.read_audio(n) for n in names))


def _keras(path: pathlib.Path) -> Any:
    from audio_diffstride.runs import model_files

    return _each(
        lambda: model_files.metadata(path), lambda: model_files.load(path)
    )


def _exported(path: pathlib.Path) -> Any:
    from audio_diffstride.export.runtimes import ExportedModel

    model = ExportedModel(path)
    return json.dumps(model.about)


READERS = {
    "sound": Reader(_sound, 220),
    "video": Reader(_sound, 60),
    "pipe": Reader(_pipe, 30),
    "table": Reader(_table, 110),
    "annotations": Reader(_annotations, 80),
    "detections": Reader(_detections, 60),
    "verdicts": Reader(_verdicts, 50),
    "strides": Reader(_strides, 40),
    "run_json": Reader(_run_json, 100),
    "sweep": Reader(_sweep, 50),
    "store": Reader(_store, 70),
    "about": Reader(_about, 30),
    "parquet": Reader(_parquet, 40),
    "checkpoint": Reader(_checkpoint, 15),
    "litert_metadata": Reader(_litert_metadata, 20),
    "archive": Reader(_archive, 15),
    "keras": Reader(_keras, 5),
    "exported": Reader(_exported, 5),
}
