"""Environment variables that override the file: `LINLI_<KEY>__<KEY>...`, in capitals, `-` written as `_`.

`LINLI_DATABASE__URL` is `database.url`, `LINLI_DISTRICTS__YUEYANGLOU__SETTINGS__VOLUNTEER_POINTS__CAP` is the key
`cap` in the settings of `volunteer-points`. A value is a text, or TOML where the key takes no text (`8000`, `true`,
`["venues"]`); a whole table may be given as JSON.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from .installed import Installed
from .models import Configuration
from .positions import KeyPath

PREFIX = "LINLI_"
DELIMITER = "__"


class _Variables(Configuration, BaseSettings):
    """The names that variables may have follow from the fields of the configuration."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter=DELIMITER)


class _Source(EnvSettingsSource):
    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        """What is no JSON stays a text: whether that is right is told with all other findings."""
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            return value


def read_environment(installed: Installed) -> dict[str, Any]:
    """What the environment states, nested as the file would nest it."""
    stated = _Source(_Variables)()
    for district in _tables(stated.get("districts")):
        _rename(district.get("settings"), installed)
        _rename(district.get("regulated"), {feature for plugin in installed.values() for feature in plugin.regulated})
    return stated


def variables() -> Iterator[tuple[str, KeyPath]]:
    """The variables that mean a key of the configuration, with the way to it as their names spell it."""
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and DELIMITER in name:
            yield name, tuple(name[len(PREFIX) :].lower().split(DELIMITER))


def variable_of(path: KeyPath) -> str | None:
    """The variable that is set and states the value at `path`: all of it, a table around it, or a key within."""
    names = {name.upper(): name for name in sorted(os.environ)}
    spelled = [str(part).upper().replace("-", "_") for part in path]
    wholes = [PREFIX + DELIMITER.join(spelled[:length]) for length in range(len(spelled), 0, -1)]
    within = [name for name in names if name.startswith(wholes[0] + DELIMITER)]
    return next((names[name] for name in (*wholes, *within) if name in names), None)


def _tables(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield from (item for item in value.values() if isinstance(item, dict))


def _rename(table: Any, names: Iterable[str]) -> None:
    """Give the keys of a table their right spelling: variables cannot hold a hyphen."""
    spelled: Mapping[str, str] = {name.replace("-", "_"): name for name in names}
    if isinstance(table, dict):
        for key in [key for key in table if key in spelled]:
            table[spelled[key]] = table.pop(key)
