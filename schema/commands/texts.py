"""The texts of these commands, with their translations in this package's catalogue."""

from __future__ import annotations

from importlib.resources import files

from linli.core import errors
from linli.core.errors import Text
from linli.core.languages import add_catalogue

DOMAIN = "graphql-commands"

add_catalogue(DOMAIN, files("linli.schema.commands").joinpath("locale"))


def words(template: str, /, **params: object) -> Text:
    """A text of these commands."""
    return errors.text(template, domain=DOMAIN, **params)
