"""What `make` installs is what was tested, and each file has its hash."""

import pathlib
import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).parents[1]


def locked():
    """{package: its version and hashes} of requirements.txt."""
    text = (ROOT / "requirements.txt").read_text("utf-8").replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        wanted, *hashes = line.split("--hash=sha256:")
        requirement = Requirement(wanted.strip())
        name = canonicalize_name(requirement.name)
        found[name] = str(requirement.specifier), hashes
    return found


def test_every_file_has_a_hash():
    assert len(locked()) > 100
    for name, (version, hashes) in locked().items():
        assert version.startswith("=="), name
        assert hashes, name
        for each in hashes:
            assert re.fullmatch("[0-9a-f]{64}", each.strip()), name


def test_the_versions_are_those_of_the_constraints():
    """After a change of constraints.txt, run `make lock`."""
    found = locked()
    pinned = 0
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            requirement = Requirement(line)
            name = canonicalize_name(requirement.name)
            if name in found:
                pinned += 1
                assert found[name][0] == str(requirement.specifier), name
    assert pinned > 100
