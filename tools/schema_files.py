"""Writes the reviewed files: schema/schema.graphql, what each bundled plugin adds beside its code, docs/events.md."""

from __future__ import annotations

import asyncio
from pathlib import Path

from linli.core.districts.event_catalogue import catalogue_of
from linli.core.plugins.discovery import installed
from linli.core.plugins.inventory import Installed
from linli.core.records.event_catalogue import entries, markdown
from linli.schema.compose import DistrictSchema
from linli.schema.offline import composed
from linli.schema.printing import added

ROOT = Path(__file__).parents[1]


async def write(found: Installed) -> None:
    """Write every file, whether it changed or not."""
    bare = await composed(found, ())
    (ROOT / "schema" / "schema.graphql").write_text(bare.as_str() + "\n", "utf-8")
    (ROOT / "docs" / "events.md").write_text(events(found), "utf-8")
    for plugin in found.choosable:
        folder = ROOT / "plugins" / plugin.label
        if folder.is_dir():
            (folder / "schema.graphql").write_text(await _added(found, plugin.name), "utf-8")


def events(found: Installed) -> str:
    """The catalogue of events of core and of the bundled plugins."""
    bundled = [plugin.name for plugin in found.choosable if (ROOT / "plugins" / plugin.label).is_dir()]
    return markdown(entries(catalogue_of(found, bundled)))


async def _added(found: Installed, name: str) -> str:
    needed = [other for other in found[name].depends_on if not found[other].manifest.platform]
    base: DistrictSchema = await composed(found, needed)
    return added(base._schema, (await composed(found, [*needed, name]))._schema)


if __name__ == "__main__":
    asyncio.run(write(installed()))
