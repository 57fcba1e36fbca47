"""Titles of the rows of a study."""

import pytest

from audio_diffstride.errors import UserError
from studies.titles import by_title


def test_values_stand_under_their_title_in_the_given_order():
    found = by_title([["b", "x", "y"], ["a", "z"]], "--row")
    assert [*found.items()] == [("b", ["x", "y"]), ("a", ["z"])]


def test_a_title_that_is_there_twice_is_refused():
    with pytest.raises(UserError, match="--row 'a' is there twice; rename"):
        by_title([["a", "x"], ["a", "x"]], "--row")


def test_a_title_without_a_folder_is_refused():
    with pytest.raises(UserError, match="--row 'b' has no folder; give one"):
        by_title([["a", "x"], ["b"]], "--row")
