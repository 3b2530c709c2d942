"""A page to try queries in, with nothing from other hosts."""

from __future__ import annotations

import secrets
from html import escape
from importlib.resources import files
from string import Template

from starlette.responses import HTMLResponse

POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Only the page's own script and style, which ask only the server that they came from."""


def page(path: str, district: str) -> HTMLResponse:
    """The page for the endpoint at `path`."""
    source = files("linli.schema.http").joinpath("graphiql.html").read_text("utf-8")
    nonce = secrets.token_urlsafe(16)
    text = Template(source).substitute(endpoint=escape(path), district=escape(district), nonce=nonce)
    return HTMLResponse(text, headers={"content-security-policy": POLICY.format(nonce=nonce)})
