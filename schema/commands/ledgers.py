"""What `linli ledger` does: the ledgers of a configuration, and one of them written as somebody sees it. 台账导出。"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from linli.core.access.active_grants import viewer_for
from linli.core.access.models import Account
from linli.core.access.viewer import ActiveGrant, Grants, Viewer
from linli.core.cli import invocation
from linli.core.cli.accounts import account_of, place_of
from linli.core.cli.operator import operator
from linli.core.cli.progress import progress
from linli.core.cli.running import entered
from linli.core.config import Configuration
from linli.core.districts import District
from linli.core.graph.models import OrgNode
from linli.core.plugins.inventory import Installed
from linli.core.records.record import new_id
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import UnitOfWork, transact

from .. import offline
from ..compose import DistrictSchema, compose
from ..context import Context
from ..ledgers import templates
from ..ledgers.asking import Asked, find, understood
from ..ledgers.declarations import Ledger
from ..ledgers.exporting import Export, Manner, export, recorded, template_of
from ..ledgers.templates import Template
from ..ledgers.workbooks import Layout
from .texts import words

NODE = "OrgNode"


@dataclass(frozen=True)
class Wanted:
    """What a command line asks for."""

    code: str
    at: str | None = None
    account: str | None = None
    purpose: str | None = None
    columns: Sequence[str] | None = None
    filters: Mapping[str, Sequence[str]] = field(default_factory=dict)
    group_by: str | None = None
    sheets: bool = False
    as_of: datetime | None = None
    template: str | None = None
    language: str = "zh-CN"


class Operator(Viewer):
    """Whoever runs commands on the server: without an account, and not the public. 操作员。"""

    @property
    def anonymous(self) -> bool:
        return False


async def ledgers_of(configuration: Configuration, installed: Installed, key: str) -> Mapping[str, Ledger]:
    """The ledgers of a district as it is configured; needs no database."""
    return (await offline.of_district(key, configuration.districts[key], installed)).ledgers


async def written(call: invocation.Invocation, key: str, wanted: Wanted, out: Path) -> Export:
    """Write a ledger to a new file; what is in it leaves the server's folder once that is recorded."""
    async with entered(call.configuration(), call.installed, key) as district:
        return await written_here(compose(district), wanted, out)


async def written_here(schema: DistrictSchema, wanted: Wanted, out: Path) -> Export:
    """The same in a district that is entered and has its schema."""
    district = schema.district
    account = None if wanted.account is None else await account_of(district.key, wanted.account)
    context = Context(district, schema, await _viewer(district, account), wanted.language)
    asked, template = await _asked(context, wanted)
    above = district.files / "ledgers"
    await asyncio.to_thread(above.mkdir, mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="command-", dir=above) as folder:
        part = Path(folder) / "ledger.xlsx"
        made = await _into(part, context, asked, wanted, template)

        async def work(_unit: UnitOfWork) -> None:
            await recorded(made, (NODE, asked.under.id), operator())

        await transact(work, None if account is None else account.id)
        await asyncio.to_thread(shutil.move, part, out)
    await seal_now(district.store)
    return made


async def _viewer(district: District, account: Account | None) -> Viewer:
    if account is not None:
        return await viewer_for(account, district.roles, district.majority)
    root = await OrgNode.get(parent_id=None, valid_to=None)
    everything = ActiveGrant(new_id(), "operator", frozenset(district.permissions), root.path)
    return Operator(username=operator(), grants=Grants([everything]))


async def _asked(context: Context, wanted: Wanted) -> tuple[Asked, tuple[str, Template] | None]:
    ledger = find(context, wanted.code)
    under = await place_of(context.district, wanted.at)
    template, columns = None, wanted.columns
    if wanted.template is not None:
        file, name = template_of(context, ledger.code, wanted.template)
        template = name, templates.read(name, file, ledger)
        columns = [column.key for column in template[1].wanted]
    asked = await understood(
        context,
        ledger,
        under,
        columns=columns,
        filters=wanted.filters,
        group=wanted.group_by,
        as_of=wanted.as_of,
        purpose=wanted.purpose,
    )
    return asked, template


async def _into(
    part: Path, context: Context, asked: Asked, wanted: Wanted, template: tuple[str, Template] | None
) -> Export:
    manner = Manner(context.viewer.username or "-", Layout.SHEETS if wanted.sheets else Layout.HEADINGS, template)
    with progress() as bar, os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        return await export(context, asked, out, manner, lambda done, total: bar(words("rows"), done, total))
