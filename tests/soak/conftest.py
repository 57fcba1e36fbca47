"""Commands on a small run, each with what it writes."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import zipfile

import pytest
import soundfile

from tests.support import finished_run, forks
from tests.support.synthetic import tone, write_folder, write_store

_LEFT_OUT = (".lock", "run.json", "tensorboard")  # empty, or with dates
_TRAINING = (
    *("--config.model.channels=(4,)", "--config.model.strides=((2, 2),)"),
    *("--config.model.width=1.0", "--config.window_s=0.4"),
    *("--config.training.num_steps=8", "--config.training.steps_per_epoch=1"),
    "--config.training.batch_size=4",
)


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What all commands read: recordings, a store of them, and a run."""

    folder: pathlib.Path

    def words(self, name: str, output: pathlib.Path) -> list[object]:
        """The words of a command that writes only to a folder."""
        own, field = self.folder / "own", self.folder / "field"
        store_dir = f"--config.data.store_dir={self.folder / 'stores'}"
        train = ["train", "--data", own, "--workdir", output, store_dir]
        run = ["--workdir", self.folder / "run"]
        return {
            "prepare": ["prepare", own, "--store_dir", output],
            "train": [*train, *_TRAINING],
            "fine-tune": [
                *(*train, "--from", self.folder / "run"),
                *(flag for flag in _TRAINING if "training" in flag),
            ],
            "predict": [
                *("predict", field, *run, "--output", output / "found.csv"),
                *("--hop_s", "0.1"),
            ],
            "embed": [
                *("embed", field, *run, "--output", output / "out.parquet"),
                *("--hop_s", "0.1"),
            ],
            "export": [
                *("export", *run, "--format", "onnx"),
                *("--output", output / "exported"),
            ],
        }[name]


COMMANDS = ("train", "prepare", "predict", "embed", "export", "fine-tune")


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("surroundings")
    write_folder(folder / "own", takes=12, seconds=0.5)
    (folder / "field").mkdir()
    for number in range(12):
        samples = tone(300 + 100 * number, 10.0, seed=number)
        soundfile.write(folder / "field" / f"{number}.wav", samples, 16000)
    finished_run.write(
        folder / "run",
        [write_store(folder / "store")],
        channels=(4,),
        strides=((2, 2),),
    )
    return Surroundings(folder)


@pytest.fixture(scope="module")
def commands(tmp_path_factory):
    """The forks; see `tests.support.forks`."""
    with forks.opened(tmp_path_factory.mktemp("logs")) as opened:
        yield opened


@pytest.fixture(scope="module")
def undisturbed(surroundings, commands, tmp_path_factory):
    """{command: what it writes and the seconds that it takes}, once each."""
    kept = {}

    def get(name):
        if name not in kept:
            output = tmp_path_factory.mktemp("undisturbed")
            # The first training prepares the store, which all share.
            if name in ("train", "fine-tune"):
                words = surroundings.words("prepare", output)
                words[-1] = surroundings.folder / "stores"
                commands.run(words)
            ended = commands.run(surroundings.words(name, output))
            assert ended.status == 0, ended.printed
            kept[name] = contents(output), ended.seconds
        return kept[name]

    return get


def contents(folder: pathlib.Path) -> dict[str, object]:
    """{path: bytes} of all files, without dates and measured times.

    Of a .keras these are the bytes of its members, which have dates too.
    """
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or any(part in name for part in _LEFT_OUT):
            continue
        if path.suffix == ".keras":
            with zipfile.ZipFile(path) as archive:
                for member in ("config.json", "model.weights.h5"):
                    found[f"{name}/{member}"] = archive.read(member)
        elif path.name == "parity.json":
            found[name] = json.loads(path.read_bytes()) | {"latency_ms": None}
        else:
            found[name] = path.read_bytes()
    return found
