from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import time
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from linli.core.config import CoreSettings, DistrictSettings, InstalledPlugin, fingerprint, load

Write = Callable[[str | bytes], Path]
Read = Callable[[str], DistrictSettings]


class Quota(BaseModel):
    per_day: int = 3
    tags: frozenset[str] = frozenset()


@pytest.fixture
def read(write: Write, installed: list[InstalledPlugin]) -> Read:
    def read(lines: str) -> DistrictSettings:
        text = f"[districts.yue]\nname = 'x'\nplugins = ['venues', 'elderly-care']\n{lines}"
        return load(write(text), installed).districts["yue"].settings

    return read


def test_settings_at_any_node_are_the_districts(read: Read) -> None:
    venues = read("settings.venues.opens = '08:30'\n").for_plugin("venues")

    assert venues.at(uuid4()) is venues.at()
    assert venues.at().model_dump()["opens"] == time(8, 30)


def test_core_has_settings_without_being_asked(read: Read) -> None:
    core = read("").core.at()

    assert core == CoreSettings()
    assert (core.public_directory, core.root_kind, core.late_upload_hours) == (True, "DISTRICT", 24)
    assert (core.close_of_business, core.three_admins, core.crypto_suite) == (time(17, 30), False, "international")


@pytest.mark.parametrize("written", ["'16:00'", "16:00:00", "'16:00:00'"])
def test_a_time_may_be_a_text_or_a_time(read: Read, written: str) -> None:
    assert read(f"settings.core.close_of_business = {written}\n").core.at().close_of_business == time(16)


def test_a_plugin_without_settings_here_is_refused_with_the_nearest_name(read: Read) -> None:
    settings = read("")

    with pytest.raises(LookupError, match=r'did you mean "venues"\?'):
        settings.for_plugin("venue")
    with pytest.raises(LookupError, match="there are: core, venues"):
        settings.for_plugin("elderly-care")


def test_settings_of_another_model_are_refused() -> None:
    settings = DistrictSettings({"quota": Quota()})

    assert settings.for_plugin("quota", Quota).at().per_day == 3
    with pytest.raises(TypeError, match='The settings of "quota" are Quota, not CoreSettings'):
        settings.for_plugin("quota", CoreSettings)


def test_the_version_says_what_held_not_how_it_was_written(read: Read) -> None:
    plain = read("").for_plugin("venues").version

    assert read("settings.venues.opens = '07:00'\n").for_plugin("venues").version == plain
    assert read("settings.core.three_admins = true\n").for_plugin("venues").version == plain
    assert read("settings.venues.opens = '07:01'\n").for_plugin("venues").version != plain


def test_the_version_is_a_short_hash_that_other_processes_share() -> None:
    canonical = '{"per_day":3,"tags":["a","b","c"]}'

    assert fingerprint(Quota(tags=frozenset("cab"))) == hashlib.sha256(canonical.encode()).hexdigest()[:12]


@given(st.permutations(["北", "a", "B", "1", ""]))
def test_the_order_of_a_set_does_not_count(words: list[str]) -> None:
    assert fingerprint({"x": dict.fromkeys(words).keys(), "y": 1}) == fingerprint({"y": 1, "x": set(words)})


@given(st.permutations([1, 2, 3]))
def test_the_order_of_a_list_counts(numbers: list[int]) -> None:
    assert (fingerprint(numbers) == fingerprint([1, 2, 3])) is (numbers == [1, 2, 3])


def test_a_secret_leaves_no_trace_in_the_version() -> None:
    assert fingerprint([SecretStr("a")]) == fingerprint([SecretStr("b")])
