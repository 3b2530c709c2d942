"""Writes the reviewed schema files: schema/schema.graphql, and what each bundled plugin adds beside its code."""

from __future__ import annotations

import asyncio
from pathlib import Path

from linli.core.plugins.discovery import installed
from linli.core.plugins.inventory import Installed
from linli.schema.compose import DistrictSchema
from linli.schema.offline import composed
from linli.schema.printing import added

ROOT = Path(__file__).parents[1]


async def write(found: Installed) -> None:
    """Write every file, whether it changed or not."""
    bare = await composed(found, ())
    (ROOT / "schema" / "schema.graphql").write_text(bare.as_str() + "\n", "utf-8")
    for plugin in found.choosable:
        folder = ROOT / "plugins" / plugin.label
        if folder.is_dir():
            (folder / "schema.graphql").write_text(await _added(found, plugin.name), "utf-8")


async def _added(found: Installed, name: str) -> str:
    needed = [other for other in found[name].depends_on if not found[other].manifest.platform]
    base: DistrictSchema = await composed(found, needed)
    return added(base._schema, (await composed(found, [*needed, name]))._schema)


if __name__ == "__main__":
    asyncio.run(write(installed()))
