from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, SecretStr, field_validator

from linli.core.config import Finding, InstalledPlugin, check


class Limits(BaseModel):
    per_week: int = 3


class VenueSettings(BaseModel):
    """Venues under the opening rule. 场馆开放。"""

    weekend_is_holiday: bool = Field(default=True, description="Weekends count as holidays. 周末视同节假日。")
    opens: time = time(7)
    tags: frozenset[str] = frozenset({"sport", "reading"})
    limits: Limits = Limits()
    ahead: int | None = Field(default=None, description="Days ahead.")


class DoorSettings(BaseModel):
    token: SecretStr
    label: str = ""

    @field_validator("label")
    @classmethod
    def _no_hyphen(cls, value: str) -> str:
        if "-" in value:
            raise ValueError(f"{value} holds a hyphen")
        return value

    @field_validator("token")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if len(value.get_secret_value()) < 8:
            raise ValueError(f"{value.get_secret_value()} is too short")
        return value


@dataclass(frozen=True)
class Plugin:
    name: str
    version: str = "1.2.0"
    settings_model: type[BaseModel] | None = None
    requires: str = ">=0.1"
    depends_on: Mapping[str, str] = field(default_factory=dict)
    works_with: Mapping[str, str] = field(default_factory=dict)
    regulated: Mapping[str, str] = field(default_factory=dict)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("LINLI_"):
            monkeypatch.delenv(name)


@pytest.fixture
def plugin() -> Callable[..., InstalledPlugin]:
    return Plugin


@pytest.fixture
def installed() -> list[InstalledPlugin]:
    return [
        Plugin("volunteer-points", depends_on={"venues": ">=1,<2"}, regulated={"rankings": "Volunteers are ranked."}),
        Plugin("venues", settings_model=VenueSettings),
        Plugin("elderly-care", works_with={"venues": ">=1"}, regulated={"sign-in-photos": "Photos prove visits."}),
        Plugin("doors", settings_model=DoorSettings),
    ]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str | bytes], Path]:
    """Writes linli.toml into the working folder and returns its relative path."""
    monkeypatch.chdir(tmp_path)

    def write(content: str | bytes) -> Path:
        file = Path("linli.toml")
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return file

    return write


@pytest.fixture
def found(
    write: Callable[[str | bytes], Path], installed: list[InstalledPlugin]
) -> Callable[[str | bytes], list[Finding]]:
    """Checks a text as linli.toml."""
    return lambda content: check(write(content), installed)
