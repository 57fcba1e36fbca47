"""The reference page has a row for every field, made from its declaration."""

import pytest

from audio_diffstride.__main__ import call
from audio_diffstride.config import config_fields, reference, schema


def row_of(field):
    (row,) = (
        line
        for line in reference.markdown().splitlines()
        if line.startswith(f"| `{field}` |")
    )
    return row


@pytest.mark.parametrize("field", config_fields.FIELDS)
def test_a_field_has_a_row_with_its_declaration(field):
    row = row_of(field)
    assert row.count("|") == 7  # no cell breaks the table
    info = config_fields.FIELDS[field]
    for cell in (repr(info.default), info.description):
        assert cell and cell in row
    assert f"| {config_fields.allowed(field)} |" in row


@pytest.mark.parametrize(
    "ending, unit",
    [
        ("_hz", "Hz"),
        ("_ms", "ms"),
        ("_s", "s"),
        ("_db", "dB"),
        ("percent", "%"),
    ],
)
def test_a_field_has_the_unit_that_its_name_ends_with(ending, unit):
    fields = [name for name in config_fields.FIELDS if name.endswith(ending)]
    assert fields
    for field in fields:
        assert config_fields.unit(field) == unit


def test_no_line_is_indented_which_markdown_would_show_as_code():
    for line in reference.markdown().splitlines():
        assert line == line.lstrip()


def test_a_number_says_its_bounds():
    row = row_of("front_end.window_ms")
    assert "| float | `25.0` | a number above 0 and up to 1,000 | ms |" in row
    assert "| int | `64` | a whole number from 1 to 1,024 |" in row_of(
        "front_end.num_bands"
    )


def test_the_defaults_are_the_model_without_arguments():
    config = schema.Config()
    assert config.model.width == config_fields.FIELDS["model.width"].default


def test_train_lists_the_fields_and_exits(capsys):
    with pytest.raises(SystemExit) as ended:
        call("train", ["--list_fields"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == reference.markdown()
