"""A full disk, a locked folder, a jumping clock, two at once, a lost store."""

import os
import shutil
import signal
import time

import pytest

from tests.soak.conftest import COMMANDS, contents
from tests.support import forks

pytestmark = pytest.mark.slow
WAIT_S = 300


def partials(folder):
    return [*folder.rglob(".*partial*")]


def after(is_there, act):
    """Stops a process once something is there, acts, and lets it continue."""

    def disturb(pid):
        end_s = time.monotonic() + WAIT_S
        while not is_there() and time.monotonic() < end_s:
            time.sleep(0.002)
        os.kill(pid, signal.SIGSTOP)
        try:
            act()
        finally:
            os.kill(pid, signal.SIGCONT)

    return disturb


@pytest.mark.parametrize("share", [0.02, 0.6])
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_one_sentence(
    name, share, surroundings, commands, undisturbed, tmp_path
):
    """No file can be larger than a share of the largest one."""
    expected, _ = undisturbed(name)
    sizes = [len(c) for c in expected.values() if isinstance(c, bytes)]
    words = surroundings.words(name, tmp_path)
    limit = round(share * max(sizes))
    sentence = commands.run(words, file_bytes=limit).sentence
    assert "too large" in sentence or "written" in sentence, sentence
    assert not partials(tmp_path)
    assert commands.run(words).status == 0
    assert contents(tmp_path) == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_turns_read_only_is_one_sentence(
    name, surroundings, commands, undisturbed, tmp_path
):
    expected, seconds = undisturbed(name)
    output = tmp_path / "output"
    output.mkdir()
    words = surroundings.words(name, output)
    # At the start the folder is still empty.
    output.chmod(0o555)
    sentence = commands.run(words, obeys_modes=True).sentence
    assert "Permission denied" in sentence, sentence
    assert not [*output.iterdir()]

    def lock(pid):
        time.sleep(seconds / 3)
        for folder in (output, *output.rglob("*")):
            if folder.is_dir():
                folder.chmod(0o555)

    output.chmod(0o755)
    ended = commands.run(words, lock, obeys_modes=True)
    assert ended.status == 0 or "Permission denied" in ended.sentence
    for folder in (output, *output.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o755)
    written = contents(output)
    missing = {each for each in expected if each not in written}
    if not ended.status:  # a store needs no examination to be used
        assert {path.split("/")[-1] for path in missing} <= {"shortcuts.json"}
    if missing:
        assert commands.run(words, obeys_modes=True).status == 0
    assert contents(output) == expected


@pytest.mark.parametrize("name", COMMANDS)
def test_a_clock_that_jumps_changes_no_byte(
    name, surroundings, commands, undisturbed, tmp_path
):
    expected, _ = undisturbed(name)
    words = surroundings.words(name, tmp_path)
    ended = commands.run(words, clock_seed=1)
    assert ended.status == 0, ended.printed
    assert contents(tmp_path) == expected


@pytest.mark.parametrize(
    "name, pattern",
    [("train", "run.json"), ("predict", "*/run.json"), ("embed", "*/run.json")],
)
def test_the_second_command_on_a_run_is_refused_in_one_sentence(
    name, pattern, surroundings, commands, undisturbed, tmp_path
):
    expected, _ = undisturbed(name)
    (tmp_path / "logs").mkdir()
    output = tmp_path / "output"
    words = surroundings.words(name, output)
    second = []
    with forks.opened(tmp_path / "logs") as others:
        ended = commands.run(
            words,
            after(
                lambda: [*output.glob(pattern)],
                lambda: second.append(others.run(words)),
            ),
        )
    assert "another" in second[0].sentence
    assert ended.status == 0, ended.printed
    assert contents(output) == expected


def test_a_store_that_is_removed_under_a_run_costs_no_byte(
    surroundings, commands, undisturbed, tmp_path
):
    expected, _ = undisturbed("train")
    words = surroundings.words("train", tmp_path)
    stores = surroundings.folder / "stores"
    ended = commands.run(
        words,
        after(
            lambda: [*tmp_path.glob("checkpoints/*")],
            lambda: shutil.rmtree(stores),
        ),
    )
    assert ended.status == 0 or ended.sentence
    evaluate = commands.run(["evaluate", "--workdir", tmp_path])
    assert evaluate.status == 0 or evaluate.sentence
    assert commands.run(words).status == 0  # prepares the store again
    shutil.rmtree(tmp_path / "evaluation_test", ignore_errors=True)
    assert contents(tmp_path) == expected
