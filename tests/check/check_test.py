"""The check of own recordings, and the command that it suggests."""

import shlex
import shutil

import numpy as np
import pytest
import soundfile

from audio_diffstride.__main__ import call, parse
from tests.support.synthetic import tone, write_csv, write_folder


def test_check_lists_every_kind_of_problem(tmp_path, capsys):
    folder = write_folder(tmp_path / "own", classes=("a", "b"), takes=12)
    low = folder / "b"
    (low / "0.wav").write_text("no audio")
    soundfile.write(low / "1.wav", np.zeros(0), 16000)
    soundfile.write(low / "2.wav", np.zeros(8000), 16000)
    soundfile.write(low / "3.wav", tone(440, 0.05), 16000)
    shutil.copy(low / "4.wav", low / "5.wav")
    content = (low / "6.wav").read_bytes()
    (low / "6.wav").write_bytes(content[:-1000])
    bad = np.array([0.0, np.inf])
    soundfile.write(low / "7.wav", bad, 16000, subtype="FLOAT")
    (folder / "c").mkdir()
    shutil.copy(low / "8.wav", folder / "c" / "only.wav")

    assert call("check", [str(folder)]) == 1
    printed = capsys.readouterr().out
    assert "25 recordings" in printed
    for expected in (
        "unreadable: 3",
        "0.wav cannot be read",
        "1.wav",
        "7.wav holds samples that are not finite",
        "silent: 1",
        "2.wav: no sound above",
        "too short: 1",
        "3.wav: 0.050 s",
        "duplicate: 2",
        "5.wav: the same as",
        "truncated: 1",
        "6.wav is cut off: the last 1000 bytes are missing",
        "class without examples: 2",
        "label c: test",
        "3 recordings cannot be used",
    ):
        assert expected in printed, expected
    assert printed.splitlines()[-2:] == [
        "next: repair or remove them, or leave them out:",
        f"audio-diffstride train --data {folder} "
        "--config.data.skip_bad_files=true --workdir runs/NAME",
    ]


def test_check_of_sound_recordings_finds_nothing(tmp_path, capsys):
    folder = write_folder(tmp_path / "own")
    assert call("check", [str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "0 recordings cannot be used, 0 warnings" in printed
    assert printed.splitlines()[-1] == (
        f"next: audio-diffstride train --data {folder} --workdir runs/NAME"
    )


@pytest.mark.parametrize("name", ["own.csv", "two words.csv", "it's $HOME.csv"])
def test_the_next_command_trains_on_what_was_checked(name, tmp_path, capsys):
    write_folder(tmp_path, takes=6)
    rows = [
        {"path": f"{bird}/{take}.wav", "bird": bird, "take": take % 2,
         "group": f"g {take % 3}"}
        for bird in ("high", "low") for take in range(6)
    ]  # fmt: skip
    path = str(write_csv(tmp_path / name, rows))
    flags = ["--tasks", "bird", "take", "--test_group", "g 1"]
    assert call("check", [path, *flags]) == 0
    command = capsys.readouterr().out.splitlines()[-1].removeprefix("next: ")
    program, subcommand, *words = shlex.split(command)
    assert (program, subcommand) == ("audio-diffstride", "train")
    args = vars(parse("train", words))
    assert args["data"] == path
    assert args["workdir"] == "runs/NAME"
    assert args["config.data.tasks"] == "bird,take"
    assert args["config.data.test_group"] == "g 1"
