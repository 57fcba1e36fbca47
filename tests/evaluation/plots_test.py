"""Figures of scores."""

import struct

import numpy as np
import pytest

from audio_diffstride.evaluation import metrics, plots


def png_size(path):
    """Width and height in pixels."""
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


@pytest.mark.parametrize("num_classes", [2, 80])
def test_every_class_has_room_to_be_read(num_classes, tmp_path):
    matrix = np.diag(np.arange(num_classes)) * 10
    names = [f"class {number}" for number in range(num_classes)]
    plots.draw_confusion(matrix, names, "task", tmp_path / "a.png")
    # 18 pixels hold a line of text of 6 points at 150 per inch.
    assert min(png_size(tmp_path / "a.png")) > max(400, 18 * num_classes)


def test_absent_classes_and_any_name_are_drawn(tmp_path):
    names = ["$a_1", "鳥", "x" * 200, "100 %"]
    matrix = [[0, 0, 0, 0], [12678, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 3]]
    plots.draw_confusion(matrix, names, "$task", tmp_path / "a.png")
    width, height = png_size(tmp_path / "a.png")
    assert max(width, height) < 1500


@pytest.mark.parametrize("num_classes", [2, 10, 30])
def test_curves_are_drawn(num_classes, tmp_path):
    rng = np.random.default_rng(0)
    labels = rng.integers(0, num_classes, 60)
    logits = rng.normal(size=(60, num_classes))
    names = [f"鳥 ${number}" for number in range(num_classes)]
    points = metrics.curves(labels, logits, names)
    plots.draw_curves(points, "$task", tmp_path / "a.png")
    assert png_size(tmp_path / "a.png") == (1950, 660)


def test_curves_of_one_recording_are_drawn(tmp_path):
    points = metrics.curves(np.array([1]), np.zeros((1, 3)), ["a", "b", "c"])
    plots.draw_curves(points, "task", tmp_path / "a.png")
    assert png_size(tmp_path / "a.png")
