"""Trains, evaluates, calibrates and packs the demo model of the package.

    python -m studies.demo_model RECORDINGS --output runs/demo_model

RECORDINGS has fsdd/, notes/ and esc10/, each with a manifest.csv, and words/
with a folder per word. To resume after an interruption, run it again. In
--output then lie:

    lists/  the recordings of each data set; see `demo_lists`
    run/    the run of configs/demo_model.py
    demo/   what audio_diffstride/published/demo/ holds
"""

from __future__ import annotations

import argparse
import json
import pathlib
import shutil

from audio_diffstride.__main__ import call
from audio_diffstride.config import schema
from audio_diffstride.files import atomic, digests
from audio_diffstride.published.models import SUMS
from audio_diffstride.runs import layout, loading, run_stores
from studies import demo_card, demo_lists

_CONFIG = pathlib.Path(__file__).parents[1] / "configs" / "demo_model.py"
_SCORES = f"{layout.EVALUATION.format(split='test')}/{layout.SCORES}"


def make(recordings: pathlib.Path, output: pathlib.Path) -> None:
    """Does all of it, as far as it is not done yet."""
    lists, run = output / "lists", output / "run"
    paths = demo_lists.write(recordings, lists)
    data = ",".join(map(str, paths))
    call("train", ["--config", _CONFIG, "--data", data, "--workdir", run])
    call("evaluate", ["--workdir", run])
    with atomic.atomic_folder(output / "demo") as folder:
        pack(run, folder)


def pack(run: pathlib.Path, folder: pathlib.Path) -> None:
    """Writes what a user of the model needs: no optimizer, and no paths.

    Args:
        run: trained and evaluated.
        folder: empty.
    """
    loading.load_model(run).save(folder / layout.BEST)
    for name in (layout.STRIDES, layout.HISTORY):
        shutil.copyfile(run / name, folder / name)
    atomic.write_json(folder / layout.CONFIG, _config(run))
    atomic.write_json(folder / _SCORES, _scores(run))
    stores = run_stores.require(run, (), "to calibrate the model")
    paths = [store.path for store in stores]
    call("calibrate", ["--workdir", folder, "--store", *paths])
    atomic.write_text(folder / layout.MODEL_CARD, demo_card.text(run, folder))
    _write_sums(folder)


def _config(run: pathlib.Path) -> dict:
    config = json.loads((run / layout.CONFIG).read_text("utf-8"))
    config["data"]["path"] = ",".join(f"{n}.csv" for n in demo_lists.NAMES)
    config["data"]["store_dir"] = schema.Config().data.store_dir
    return config


def _scores(run: pathlib.Path) -> dict:
    scores = json.loads((run / _SCORES).read_text("utf-8"))
    for of_task in scores["tasks"].values():
        of_task["data"] = pathlib.PurePath(of_task["data"]).name
    return scores


def _write_sums(folder: pathlib.Path) -> None:
    """SHA256SUMS, as `sha256sum --check` reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{digests.digest_of_file(path)}  {path.relative_to(folder).as_posix()}"
        for path in files
    ]
    atomic.write_text(folder / SUMS, "\n".join([*lines, ""]))


def main() -> None:
    """Reads the arguments, and makes the model."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("recordings", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    args = parser.parse_args()
    make(args.recordings, args.output)


if __name__ == "__main__":
    main()
