"""A run of a tiny, untrained model, and its exports."""

import pathlib

from audio_diffstride.__main__ import call
from tests.support import finished_run
from tests.support.synthetic import write_store

TASKS = {"a": ["x", "y"], "bird.2": ["wrèn", "2, b", "a|b"]}
FILES = {
    "onnx": "model.onnx",
    "litert": "model.tflite",
    "litert_int8": "model.tflite",
    "saved_model": "saved_model",
    "web": "listen.html",
}


def write(folder) -> pathlib.Path:
    """An evaluated run with its data, below a folder."""
    # A run need not learn all that its data have labels for.
    store = write_store(folder / "store", {"left out": ["p", "q"], **TASKS})
    store = store.only(TASKS)
    workdir = finished_run.write(folder / "run", [store])
    finished_run.evaluate(workdir, store)
    return workdir


def export(workdir, kind: str, *more):
    """The command on a run."""
    arguments = ["--workdir", workdir, "--format", kind, *more]
    call("export", list(map(str, arguments)))


class Exports:
    """Of each format that is asked for, the folder of an export, made once."""

    def __init__(self, workdir):
        self._workdir, self._folders = workdir, {}

    def __call__(self, kind: str) -> pathlib.Path:
        if kind not in self._folders:
            folder = self._workdir.parent / kind
            export(self._workdir, kind, "--output", folder)
            self._folders[kind] = folder
        return self._folders[kind]
