from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from linli.core.config import Configuration, InstalledPlugin, load
from linli.core.config.database import check_url

Write = Callable[[str | bytes], Path]
Read = Callable[[str], Configuration]

TWO = "[districts.yue]\nname = 'a'\n[districts.wu]\nname = 'b'\n"


@pytest.fixture
def read(write: Write, installed: list[InstalledPlugin]) -> Read:
    return lambda text: load(write(text), installed)


def test_what_is_not_stated_has_a_default(read: Read) -> None:
    configuration = read("[districts.yue]\nname = '岳阳楼区'\n")
    district = configuration.districts["yue"]

    assert (configuration.server.host, configuration.server.port) == ("127.0.0.1", 8000)
    assert (configuration.server.introspection, configuration.server.graphiql) == (True, True)
    assert (district.code, district.language, district.listed, district.plugins) == (None, "zh-CN", False, ())
    assert district.zone == ZoneInfo("Asia/Shanghai")


def test_what_is_read_cannot_be_changed(read: Read) -> None:
    configuration = read(TWO)

    with pytest.raises(ValidationError, match="frozen"):
        configuration.server.port = 1


def test_everything_is_relative_to_the_file(read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = read(TWO)
    monkeypatch.chdir("/")

    assert configuration.file == tmp_path / "linli.toml"
    assert configuration.folder == tmp_path
    assert configuration.data == tmp_path / "data"
    assert configuration.database_of("wu").file == tmp_path / "data" / "wu.sqlite3"


@pytest.mark.parametrize(
    ("stated", "url", "file"),
    [
        ("sqlite:///var/lib/{district}.db", "sqlite:///var/lib/yue.db", Path("/var/lib/yue.db")),
        ("postgres://linli@db:5432/linli", "postgres://linli@db:5432/linli", None),
        ("postgres://linli@db/{district}", "postgres://linli@db/yue", None),
    ],
)
def test_a_database_is_where_its_url_says(read: Read, stated: str, url: str, file: Path | None) -> None:
    database = read(f"database.url = '{stated}'\n{TWO}").database_of("yue")

    assert (database.url, database.file) == (url, file)
    assert database.engine == stated.split(":", maxsplit=1)[0]
    assert database.url not in repr(database)


def test_a_district_may_have_a_database_of_its_own(read: Read, tmp_path: Path) -> None:
    configuration = read(TWO + "database = 'sqlite://own.db'\n")

    assert configuration.database_of("wu").file == tmp_path / "own.db"
    assert configuration.database_of("yue").file == tmp_path / "data" / "yue.sqlite3"


def test_one_district_needs_no_place_in_the_url(read: Read, tmp_path: Path) -> None:
    configuration = read("database.url = 'sqlite://all.db'\n[districts.yue]\nname = 'a'\n")

    assert configuration.database_of("yue").file == tmp_path / "all.db"


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("data/x.sqlite3", "neither sqlite:// nor postgres://"),
        ("mysql://h/x", "neither sqlite:// nor postgres://"),
        ("sqlite:x.db", "neither sqlite:// nor postgres://"),
        ("sqlite://", "no file name"),
        ("sqlite://data/", "no file name"),
        ("sqlite://:memory:", "a database in memory"),
        ("sqlite://x.db?mode=ro", "parameters"),
        ("sqlite://{distrct}.db", 'the unknown place "{distrct}"'),
        ("sqlite://{district.db", "an unpaired brace"),
        ("postgres:///linli", "no host"),
        ("postgres://linli@db", "no single database name"),
        ("postgres://linli@db/a/b", "no single database name"),
        ("postgres://linli@db:port/a", "an address that cannot be read"),
        ("postgres://linli@[::1/a", "an address that cannot be read"),
    ],
)
def test_a_url_that_cannot_work_is_refused(url: str, problem: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        check_url(url)

    assert caught.value.context is not None
    assert caught.value.context["found"] == f"a database URL with {problem}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[districts.yue]\nname = 'a'\n", "yue"),
        (TWO, None),
        ("server.default_district = 'wu'\n" + TWO, "wu"),
    ],
)
def test_the_default_district_is_the_stated_or_the_only_one(read: Read, text: str, expected: str | None) -> None:
    assert read(text).default_district == expected


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ("# nothing\n", True),
        ("listed = false\n", True),
        ("database = 'sqlite://elsewhere.db'\n", True),
        ("listed = true\n", False),
        ("plugins = ['venues']\n", False),
        ("settings.core.three_admins = true\n", False),
        ("plugins = ['elderly-care']\nregulated.sign-in-photos = 'Resolution 7'\n", False),
    ],
)
def test_a_districts_version_changes_with_what_it_is_and_does(read: Read, change: str, same: bool) -> None:
    plain = read("[districts.yue]\nname = 'a'\n").districts["yue"].version

    assert (read(f"[districts.yue]\nname = 'a'\n{change}").districts["yue"].version == plain) is same
