"""A sweep's folder as its command leaves it, its runs made by hand."""

import functools
import json

from audio_diffstride.config import config_fields
from audio_diffstride.files import atomic
from audio_diffstride.sweep import matched_cost, plan, plan_file
from configs import quickstart
from tests.support.synthetic import write_csv

CONFIG = config_fields.check(
    config_fields.flatten(quickstart.get_config().to_dict()), "quickstart"
)


_CLASS = dict.fromkeys(("precision", "recall", "f1", "average_precision"))
SCORES = {
    "recordings": 12678,
    "groups": 0,
    "classes": ["x", "y"],
    "chance": 0.5,
    "balanced_accuracy": 0.5,
    "top_k": {},
    "intervals": {},
    "resampled": "recordings",
    "per_class": [
        {"class": name, "support": 1, "auroc": None, **_CLASS} for name in "xy"
    ],
    "absent": [],
    "confusion_matrix": [[1, 0], [0, 1]],
}

# Of all tests in a process: building a network to count it takes a while.
_COUNTED = {}


def count_once(monkeypatch):
    """Counts the multiply-adds of equal networks once."""
    count = matched_cost.multiply_adds

    @functools.wraps(count)
    def counted(fields):
        key = matched_cost.network_key(fields)
        if key not in _COUNTED:
            _COUNTED[key] = count(fields)
        return _COUNTED[key]

    monkeypatch.setattr(matched_cost, "multiply_adds", counted)


def begin(folder, **swept):
    """Writes the plan of a sweep; returns its runs."""
    arguments = {
        "arms": ("strided_conv", "diffstride"),
        "strides": [],
        "vary": {},
        "seeds": 1,
    }
    runs = plan.plan(CONFIG, **(arguments | swept))
    plan_file.begin(folder, CONFIG, runs)
    return runs


def finish(
    folder, run, accuracy, finished="2026-01-01T00:01:30+00:00", split="test"
):
    """The files of one run; `accuracy` may be a dict of tasks."""
    workdir = folder / run.name
    workdir.mkdir(exist_ok=True)
    config = config_fields.nest(CONFIG | run.fields)
    (workdir / "config.json").write_text(config.to_json_best_effort())
    start = {"date": "2026-01-01T00:00:00+00:00", "step": 0}
    atomic.write_json(
        workdir / "run.json",
        {"starts": [start], "finished": finished, "config": {}, "data": []},
    )
    tasks = accuracy if isinstance(accuracy, dict) else {"pitch": accuracy}
    origin = {"data": "tones", "split_name": "official"}
    scores = {t: SCORES | origin | {"accuracy": a} for t, a in tasks.items()}
    atomic.write_json(
        workdir / f"evaluation_{split}" / "scores.json",
        {"split": split, "model": "best", "tasks": scores},
    )
    strides = {"block1_time": 2.0, "block1_frequency": 1.5 + run.seed}
    atomic.write_json(
        workdir / "cost.json",
        {"complexity": 0.5, "multiply_adds": 3_000_000, "strides": strides},
    )
    write_csv(
        workdir / "strides.csv",
        [{"step": step, **strides} for step in (0, 20, 40)],
    )
    return workdir


def edit_json(path, change):
    """Changes the content of a JSON file in place."""
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
