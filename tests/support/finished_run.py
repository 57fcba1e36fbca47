"""A work directory as training and evaluation leave it, made by hand."""

import csv
import json
import pathlib

import keras
import numpy as np

from audio_diffstride import cutoffs, training
from audio_diffstride.runs import run_stores
from tests.support.synthetic import tiny_config, write_csv


def write(workdir, stores, **model) -> pathlib.Path:
    """A run of a tiny, untrained model with its history."""
    workdir = pathlib.Path(workdir)
    workdir.mkdir(parents=True)
    config = tiny_config(**model)
    text = config.to_json_best_effort()
    (workdir / "config.json").write_text(text, encoding="utf-8")
    run_stores.write(workdir, stores)
    keras.utils.set_random_seed(0)
    tasks = {t: names for store in stores for t, names in store.tasks.items()}
    network = training.build_model(config, tasks)
    network.save(workdir / "best.keras")
    folding = cutoffs.foldings(network)
    strides = cutoffs.strides(network) | {
        f"{place}_folding": share for place, share in folding.items()
    }
    write_csv(
        workdir / "strides.csv",
        [{"step": step, **strides} for step in (0, 2, 4)],
    )
    row = {"loss": 0.5, "val_accuracy": 0.25}
    row |= {f"{task}_accuracy": 0.5 for task in tasks}
    row |= {f"val_{task}_accuracy": 0.75 for task in tasks}
    write_csv(
        workdir / "history.csv", [{"epoch": epoch, **row} for epoch in (0, 1)]
    )
    return workdir


def evaluate(workdir, store):
    """Evaluation files to the schema; every third recording is wrong."""
    clips = store.examples("test")
    folder = pathlib.Path(workdir) / "evaluation_test"
    tasks = {}
    for task, classes in store.tasks.items():
        true = clips.labels[task]
        predicted = true.copy()
        predicted[::3] = (predicted[::3] + 1) % len(classes)
        matrix = np.zeros((len(classes), len(classes)), int)
        np.add.at(matrix, (true, predicted), 1)
        _write_recordings(folder / task, clips, classes, true, predicted)
        accuracy = float((true == predicted).mean())
        tasks[task] = {
            "data": store.name,
            "split_name": store.split_name,
            "recordings": len(true),
            "groups": 1,
            "classes": classes,
            "accuracy": accuracy,
            "chance": 0.5,
            "balanced_accuracy": accuracy,
            "top_k": {"2": 0.9},
            "intervals": {
                "accuracy": [0.25, 0.8125],
                "balanced_accuracy": [0.25, 0.75],
            },
            "resampled": "recordings",
            "per_class": [
                _class(name, matrix, i) for i, name in enumerate(classes)
            ],
            "absent": [
                name for name, row in zip(classes, matrix) if not row.sum()
            ],
            "confusion_matrix": matrix.tolist(),
        }
    content = {
        "split": "test",
        "model": "best",
        "window_s": 0.4,
        "last_window": "padded",
        "tasks": tasks,
    }
    (folder / "scores.json").write_text(json.dumps(content), encoding="utf-8")


def _class(name, matrix, index):
    support = int(matrix[index].sum())
    recall = float(matrix[index, index] / support) if support else None
    return {
        "class": name,
        "support": support,
        "precision": recall,
        "recall": recall,
        "f1": recall,
        "average_precision": recall,
        "auroc": None,
    }


def _write_recordings(folder, clips, classes, true, predicted):
    folder.mkdir(parents=True)
    rows = []
    for i in range(len(clips)):
        # The later, the more certain: so the first error is the worst.
        certain = 0.9 - 0.01 * i if true[i] != predicted[i] else 0.95
        shares = np.full(len(classes), (1 - certain) / (len(classes) - 1))
        shares[predicted[i]] = certain
        rows.append(
            {
                "file": clips.files[i],
                "start_s": clips.starts_s[i],
                "group": "",
                "label": classes[true[i]],
                "predicted": classes[predicted[i]],
                "score": shares[true[i]],
                **{f"p:{name}": p for name, p in zip(classes, shares)},
            }
        )
    write_csv(folder / "recordings.csv", rows)
    with open(folder / "curves.csv", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["class", "threshold", "precision", "recall", "f1"])
        writer.writerow(["", 0.1, 0.5, 1.0, 0.67])
        writer.writerow(["", 0.9, 1.0, 0.5, 0.67])
        writer.writerow([classes[0], 0.9, 1.0, 0.5, 0.67])
