"""What the tests of prediction share: an untrained run, and recordings."""

import pytest

from tests.support.predicted import write_recordings, write_workdir


@pytest.fixture(scope="module")
def workdir(tmp_path_factory):
    return write_workdir(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def recordings(tmp_path_factory):
    return write_recordings(tmp_path_factory.mktemp("recordings"))
