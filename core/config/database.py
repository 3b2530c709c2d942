"""Where a district's database is: the URLs that the configuration may state, and what they mean for one district."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from .findings import did_you_mean

Engine = Literal["sqlite", "postgres"]
Pooler = Literal["session", "transaction"]
PLACE = "{district}"
SHAPES = f'"sqlite://data/{PLACE}.sqlite3" or "postgres://user@host/database"'


@dataclass(frozen=True)
class DistrictDatabase:
    """One district's database: a file on SQLite, else a PostgreSQL database that districts may share.

    `file` is absolute and None on PostgreSQL; the district's schema there is named by its key. The URL may hold a
    password and is therefore not shown.
    """

    engine: Engine
    url: str = field(repr=False)
    file: Path | None


def locate(template: str, district: str, folder: Path) -> DistrictDatabase:
    """What a valid URL means for a district; relative files are relative to `folder`."""
    scheme, _, rest = template.replace(PLACE, district).partition("://")
    if scheme == "postgres":
        return DistrictDatabase("postgres", f"{scheme}://{rest}", None)
    file = (folder / rest).resolve()
    return DistrictDatabase("sqlite", f"sqlite://{file}", file)


def check_url(url: str) -> str:
    """Return a database URL unchanged, or raise what pydantic reports as INVALID_DATABASE_URL."""
    _check_placeholders(url)
    scheme, separator, rest = url.partition("://")
    if scheme == "sqlite" and separator:
        _check_sqlite(rest)
    elif scheme == "postgres" and separator:
        _check_postgres(url)
    else:
        schemes = {"postgresql": "postgres", "sqlite3": "sqlite"}
        meant = schemes.get(scheme, scheme)
        raise _refusal("neither sqlite:// nor postgres://", did_you_mean(meant, ("sqlite://", "postgres://")))
    return url


def _check_placeholders(url: str) -> None:
    for name in re.findall(r"\{([^{}]*)\}", url):
        if name != "district":
            raise _refusal(f'the unknown place "{{{name}}}"', f'did you mean "{PLACE}"?')
    if re.search(r"[{}]", url.replace(PLACE, "")):
        raise _refusal("an unpaired brace", f'the only place is "{PLACE}"')


def _check_sqlite(path: str) -> None:
    if not path or path.endswith("/"):
        raise _refusal("no file name", f'write "sqlite://data/{PLACE}.sqlite3"')
    if path == ":memory:":
        raise _refusal("a database in memory", "a district is a file")
    if "?" in path:
        raise _refusal("parameters", "leave out everything from ? on: Linli sets SQLite up itself")


def _check_postgres(url: str) -> None:
    try:
        parts = urlsplit(url.replace(PLACE, "district"))
        _ = parts.port  # read because reading is what checks it
    except ValueError as error:
        hint = "the port is a number; in a password, write @ : / ? # as %40 %3A %2F %3F %23"
        raise _refusal("an address that cannot be read", hint) from error
    if not parts.hostname:
        raise _refusal("no host", 'write "postgres://user@host/database"')
    if not parts.path.strip("/") or "/" in parts.path.strip("/"):
        raise _refusal("no single database name", 'write "postgres://user@host/database"')


def _refusal(found: str, suggestion: str | None) -> PydanticCustomError:
    context = {"found": f"a database URL with {found}", "suggestion": suggestion or ""}
    return PydanticCustomError("INVALID_DATABASE_URL", SHAPES, context)
