"""The README tells what the code does."""

from __future__ import annotations

import pytest

from linli.plugins.venues.documentation import BLOCKS, README, renewed, states
from linli.plugins.venues.rules import TRANSITIONS


def test_the_readme_is_up_to_date() -> None:
    written = README.read_text("utf-8")
    assert renewed(written) == written, "run `python -m linli.plugins.venues.documentation`"


@pytest.mark.parametrize("block", BLOCKS)
def test_the_readme_has_every_part_that_is_made(block: str) -> None:
    assert f"<!-- made: {block} -->\n{BLOCKS[block]}<!-- end -->" in README.read_text("utf-8")


def test_the_diagram_shows_every_row_of_the_table() -> None:
    drawn = list(states())
    for row in TRANSITIONS:
        line = next(one for one in drawn if one.startswith(f"    {row.source} --> {row.target}: "))
        assert row.action in line.partition(": ")[2].split(", ")
