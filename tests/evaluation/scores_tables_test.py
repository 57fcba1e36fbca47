"""Scores as tables."""

import numpy as np

from audio_diffstride.evaluation import metrics, tables


def scores(num_classes, absent=0, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, num_classes - absent, 400)
    logits = rng.normal(size=(400, num_classes))
    logits[np.arange(400), labels] += 2
    names = [f"class {number}" for number in range(num_classes)]
    return metrics.scores(labels, logits, names)


def test_few_classes_all_have_a_line():
    text = tables.format_classes("kind", scores(20))
    assert text.startswith("kind: 20 classes\n")
    assert len(text.splitlines()) == 3 + 20


def test_of_many_classes_the_worst_have_a_line():
    result = scores(30)
    text = tables.format_classes("kind", result)
    assert text.startswith("kind: the 10 worst of 30 classes by F1\n")
    f1 = {row["class"]: row["f1"] for row in result["per_class"]}
    shown = [line.split("  ")[0] for line in text.splitlines()[3:]]
    assert shown == sorted(f1, key=f1.get)[:10]


def test_absent_classes_are_named_and_have_no_line():
    text = tables.format_classes("kind", scores(4, absent=2))
    assert text.splitlines()[-1] == (
        "without a recording in this split: class 2, class 3"
    )
    assert len(text.splitlines()) == 3 + 2 + 1
    assert "nan" not in text and "None" not in text


def test_tasks_are_lines_of_one_table():
    lines = tables.format_tasks({"a": scores(2), "b": scores(9)})
    table = lines.splitlines()[:4]
    assert len({len(line) for line in table}) == 1
    assert table[2].split()[-4:] == ["-", *table[2].split()[-3:]]
    assert lines.endswith("of the 400 recordings (a, b)")
