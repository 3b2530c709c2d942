from __future__ import annotations

import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tools.messages import templates

ROOT = Path(__file__).parents[1]

CATALOGUES = {
    "core": ("core/locale", ("core", "schema")),
    "venues": ("plugins/venues/locale", ("plugins/venues",)),
}


def catalogue(folder: str) -> dict[str, str]:
    with (ROOT / folder / "zh_CN.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("domain", CATALOGUES)
def test_every_text_for_people_is_translated(domain: str) -> None:
    folder, sources = CATALOGUES[domain]
    known = catalogue(folder)
    used = {template for source in sources for template in templates(ROOT / source, domain)}
    assert sorted(used - known.keys()) == []


@pytest.mark.parametrize("domain", CATALOGUES)
def test_translations_keep_the_places_of_their_template(domain: str) -> None:
    folder, _ = CATALOGUES[domain]
    assert [one for one, chinese in catalogue(folder).items() if places(one) != places(chinese)] == []
