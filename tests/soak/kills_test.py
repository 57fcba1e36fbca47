"""A hundred kills at random moments, and always the undisturbed bytes."""

import random

import pytest

from tests.soak.conftest import COMMANDS, contents
from tests.support import forks

pytestmark = pytest.mark.slow
NUM_KILLS = 100
IN_A_ROW = 4  # kills before a command may end


@pytest.mark.parametrize("name", COMMANDS)
def test_it_ends_in_the_bytes_of_an_undisturbed_command(
    name, surroundings, commands, undisturbed, tmp_path
):
    expected, seconds = undisturbed(name)
    rng = random.Random(name)
    kills = late = rounds = 0
    while kills < NUM_KILLS / len(COMMANDS):
        rounds += 1
        words = surroundings.words(name, tmp_path / str(rounds))
        for _ in range(IN_A_ROW):
            ended = commands.run(
                words, forks.kill_after(rng.uniform(0, seconds))
            )
            if is_refused(ended):  # the last kill came after the output
                break
            assert ended.status in (0, -9), ended.printed
            kills += ended.status == -9
            if ended.status == 0:  # the machine is quicker than it was
                late += 1
                seconds = min(seconds, ended.seconds)
                break
        ended = commands.run(words)
        assert is_refused(ended) or ended.status == 0, ended.printed
        assert contents(tmp_path / str(rounds)) == expected, rounds
    print(f"{name}: {kills} kills, {late} too late, {rounds} rounds")


def is_refused(ended):
    """Whether the command found its output there."""
    return ended.status == 2 and "is there already" in ended.printed
