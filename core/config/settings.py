"""Settings as code reads them: always at a node, which today means for the whole district."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, overload

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from .core_settings import CoreSettings
from .findings import did_you_mean, listing
from .installed import CORE

ModelT = TypeVar("ModelT", bound=BaseModel)
ModelT_co = TypeVar("ModelT_co", bound=BaseModel, covariant=True)

_LENGTH = 12  # hexadecimal digits: 48 bits tell the settings of one district apart


@dataclass(frozen=True)
class ScopedSettings(Generic[ModelT_co]):
    """The settings of one plugin in one district.

    `version` is a short hash of them, defaults included: decisions store it beside what they decided.
    """

    _settings: ModelT_co
    version: str

    def at(self, node: object | None = None) -> ModelT_co:
        """The settings that hold at an organisation node (or its id); without a node, for the whole district."""
        return self._settings


class DistrictSettings:
    """The settings of core and of every plugin that is on in one district."""

    def __init__(self, models: Mapping[str, BaseModel]) -> None:
        """`models` by section: `core`, and plugins' names in kebab-case. Core's defaults stand in for a missing one."""
        stated = {CORE: CoreSettings(), **models}
        self._scoped = {name: ScopedSettings(model, fingerprint(model)) for name, model in stated.items()}

    @property
    def core(self) -> ScopedSettings[CoreSettings]:
        """Core's own settings."""
        return self.for_plugin(CORE, CoreSettings)

    @property
    def versions(self) -> Mapping[str, str]:
        """The version of every section."""
        return {name: scoped.version for name, scoped in self._scoped.items()}

    @overload
    def for_plugin(self, name: str) -> ScopedSettings[BaseModel]: ...

    @overload
    def for_plugin(self, name: str, model: type[ModelT]) -> ScopedSettings[ModelT]: ...

    def for_plugin(self, name: str, model: type[BaseModel] = BaseModel) -> ScopedSettings[BaseModel]:
        """The settings of a plugin that is on and has some; `model` is what they must be, and types the answer.

        Raises LookupError for a plugin that is off here or has no settings, TypeError for another model.
        """
        scoped = self._scoped.get(name)
        if scoped is None:
            hint = did_you_mean(name, self._scoped) or listing("there are", self._scoped)
            raise LookupError(f'No settings of "{name}" in this district: {hint}')
        if not isinstance(scoped.at(), model):
            raise TypeError(f'The settings of "{name}" are {type(scoped.at()).__name__}, not {model.__name__}')
        return scoped


def fingerprint(value: object) -> str:
    """A short hash of a value that is the same in every process: 12 hexadecimal digits of SHA-256."""
    text = json.dumps(_canonical(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]


def _canonical(value: object) -> Any:
    """JSON whose order depends on the value alone: sets are sorted, since theirs differs between processes."""
    if isinstance(value, BaseModel):
        return _canonical({name: getattr(value, name) for name in type(value).model_fields})
    if isinstance(value, Mapping):
        return {str(_canonical(key)): _canonical(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted((_canonical(item) for item in value), key=json.dumps)
    if isinstance(value, (list, tuple)):
        return [_canonical(item) for item in value]
    return to_jsonable_python(value)
