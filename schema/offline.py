"""Schemas without a database: for printing, comparing and reviewing them."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, ValidationError

from linli.core.config import DistrictConfiguration, DistrictSettings
from linli.core.districts import District
from linli.core.districts.platform import CORE_MODELS, storages
from linli.core.plugins.inventory import Installed
from linli.core.records import orm

from .compose import DistrictSchema, compose
from .http.closed import ClosedStore


async def composed(installed: Installed, plugins: Iterable[str]) -> DistrictSchema:
    """The schema of a district in which just these plugins are on, with nobody's settings."""
    chosen = tuple(plugins)
    imagined = DistrictConfiguration(name="-", plugins=chosen)
    imagined._settings = DistrictSettings(_defaults(installed, chosen))
    return await of_district("schema", imagined, installed)


async def of_district(key: str, configured: DistrictConfiguration, installed: Installed) -> DistrictSchema:
    """The schema of a district as it is configured."""
    models = {label: storage.models for label, storage in storages(installed).items()}
    await orm.register("sqlite", {"core": CORE_MODELS, **models})
    return compose(District(key, configured, installed, ClosedStore("sqlite", key)))


def _defaults(installed: Installed, plugins: Iterable[str]) -> dict[str, BaseModel]:
    """The settings nobody changed; a plugin whose settings have no defaults needs none to be described."""
    found: dict[str, BaseModel] = {}
    for name in plugins:
        model = installed[name].settings_model
        try:
            found |= {name: model()} if model is not None else {}
        except ValidationError:
            continue
    return found
