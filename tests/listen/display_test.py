"""What the terminal shows."""

import io
import os
import sys
import threading

import numpy as np
import pytest

from audio_diffstride.listen.display import Display
from audio_diffstride.predict.detections import Detection

CLASSES = {"bird": ["wren", "ro\x1b[2Jbin", "owl", "鶯" * 100]}


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Makes both streams a terminal, when called: pytest sets them too."""
    monkeypatch.setenv("COLUMNS", "72")

    def replace():
        monkeypatch.setattr(sys, "stdout", Terminal())
        monkeypatch.setattr(sys, "stderr", sys.stdout)
        return sys.stdout

    return replace


def display(classes=CLASSES, prints_detections=True):
    return Display(classes, prints_detections, threading.Event())


def row(label="wren", task="bird"):
    return Detection(61.5, 62.25, False, 1, task, label, 0.934)


def test_a_line_shows_the_highest_scores(terminal):
    screen = terminal()
    display().show_scores(3.5, {"bird": np.array([0.1, 0.2, 0.65, 0.05])})
    assert screen.getvalue() == (
        "\r\x1b[K0:03.50  |██████▌   | "
        "0.65 owl   0.20 ro\\x1b[2Jbin   0.10 wren"
    )


def test_a_line_is_no_wider_than_the_terminal(terminal):
    screen = terminal()
    display().show_scores(3.5, {"bird": np.array([0.1, 0.0, 0.2, 0.7])})
    line = screen.getvalue().removeprefix("\r\x1b[K")
    assert 35 < len(line) < 55 and line.endswith("鶯")  # two columns each


def test_of_several_tasks_the_best_class_is_shown(terminal):
    screen = terminal()
    scores = {"bird": np.array([0.1, 0.9, 0.0]), "b": np.array([1.0, 0.0])}
    shown = display({"bird": ["wren", "owl", "tit"], "b": ["x", "y"]})
    shown.show_scores(0.5, scores)
    assert "| 0.90 owl  |██████████| 1.00 x" in screen.getvalue()


def test_a_detection_and_a_warning_replace_the_scores(terminal):
    screen = terminal()
    shown = display()
    for show in (
        lambda: shown.show_detection(row("a\nb")),
        lambda: shown.warn("late"),
    ):
        shown.show_scores(0.5, {"bird": np.array([1.0, 0, 0, 0])})
        before = screen.getvalue()
        show()
        added = screen.getvalue().removeprefix(before)
        assert added.startswith("\r\x1b[K") and added.endswith("\n")
    assert "1:01.50 - 1:02.25  0.93  a\\nb\n" in screen.getvalue()


def test_without_a_terminal_there_are_detections_alone(monkeypatch, capsys):
    shown = display(prints_detections=False)
    shown.show_scores(0.5, {"bird": np.array([1.0, 0, 0, 0])})
    shown.show_detection(row())
    printed = capsys.readouterr()
    assert printed.out == "1:01.50 - 1:02.25  0.93  wren\n"
    assert not printed.err


def test_a_terminal_shows_no_detection_of_every_window(terminal):
    screen = terminal()
    display(prints_detections=False).show_detection(row())
    assert screen.getvalue() == ""


def test_when_nobody_reads_the_lines_it_stops(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr(sys, "stdout", os.fdopen(writing, "w"))
    stop = threading.Event()
    shown = Display(CLASSES, True, stop)
    shown.show_detection(row())
    assert stop.is_set()
    shown.show_detection(row())
    sys.stdout.close()
