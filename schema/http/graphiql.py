"""A page to try queries in, with nothing from other hosts."""

from __future__ import annotations

from html import escape
from importlib.resources import files
from string import Template


def page(path: str, district: str) -> str:
    """The page for the endpoint at `path`."""
    source = files("linli.schema.http").joinpath("graphiql.html").read_text("utf-8")
    return Template(source).substitute(endpoint=escape(path), district=escape(district))
