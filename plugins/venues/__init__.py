"""Shared venues under the 1+3 opening rule. 资源共享场所。"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from linli.core.plugins.manifest import Plugin, Title
from linli.core.plugins.markers import hookimpl

if TYPE_CHECKING:
    from pydantic import BaseModel
    from starlette.routing import BaseRoute
    from tortoise.models import Model

    from linli.core.access.permissions import Permission
    from linli.core.access.roles import RoleContribution
    from linli.core.access.visibility import PublicRows
    from linli.core.deliveries.handlers import EventHandler
    from linli.core.districts import District
    from linli.core.files.purposes import FilePurpose
    from linli.core.inbox.kinds import NoticeKind
    from linli.core.jobs.timers import TimerKind
    from linli.core.merging.references import Merging
    from linli.core.plugins.figures import Figure
    from linli.core.plugins.health import HealthProblem
    from linli.core.plugins.storage import Storage
    from linli.core.privacy.holdings import Erasure, Records
    from linli.core.privacy.purposes import Purpose
    from linli.core.privacy.retention import Retention
    from linli.core.records.event_types import EventType
    from linli.core.records.models import Event
    from linli.core.registry.thing_kinds import ThingKind
    from linli.core.succession.open_things import OpenThing, SuccessionChange
    from linli.schema.contributions import GraphQL

# Hooks import what they hand over when they are called: a process that never serves venues never loads them.
# ruff: noqa: PLC0415

plugin = Plugin(
    name="venues",
    title=Title(en="Shared venues", zh="资源共享场所"),
    description="Units open their venues under the 1+3 rule. 驻区单位场所按“1+3”办法开放。",
    version="0.1.0",
    requires=">=0.1,<0.2",
)


@hookimpl
def linli_storage() -> Storage:
    """Venues, opening terms, bookings, waitlists, the log of use."""
    from linli.core.plugins.storage import Storage

    return Storage(models="linli.plugins.venues.models", migrations="linli.plugins.venues.migrations")


@hookimpl
def linli_settings() -> type[BaseModel]:
    """The defaults of the opening rule and of no-shows."""
    from .settings import VenueSettings

    return VenueSettings


@hookimpl
def linli_permissions() -> Sequence[Permission]:
    """What may be done with venues."""
    from .permissions import PERMISSIONS

    return PERMISSIONS


@hookimpl
def linli_roles() -> Sequence[RoleContribution]:
    """Who may do it."""
    from .permissions import ROLES

    return ROLES


@hookimpl
def linli_public_rows() -> Mapping[type[Model], PublicRows]:
    """Units that own a venue are public: kind, code, name, and where they stand."""
    from linli.core.access.visibility import PublicRows
    from linli.core.graph.models import OrgNode

    from .visibility import OWNER_COLUMNS, owners

    return {OrgNode: PublicRows(owners, OWNER_COLUMNS)}


@hookimpl
def linli_purposes() -> Sequence[Purpose]:
    """What bookings use personal data for."""
    from .purposes import PURPOSES

    return PURPOSES


@hookimpl
def linli_retention_rules() -> Sequence[Retention]:
    """How long it is known who booked, waited and did not come, and what was said about it."""
    from .retention import RETENTION

    return RETENTION


@hookimpl
def linli_thing_kinds() -> Sequence[ThingKind]:
    """What lets people into a room."""
    from .things import DOOR_CONTROLLER

    return [DOOR_CONTROLLER]


@hookimpl
def linli_file_purposes() -> Sequence[FilePurpose]:
    """Photos of venues."""
    from .photos import PHOTO

    return [PHOTO]


@hookimpl
def linli_event_types() -> Sequence[EventType[Any]]:
    """What happens around venues."""
    from .events import EVENT_TYPES

    return EVENT_TYPES


@hookimpl
def linli_event_handlers() -> Sequence[EventHandler]:
    """Bookers are told what others made of their bookings."""
    from .services.telling import EVENT_HANDLERS

    return EVENT_HANDLERS


@hookimpl
def linli_notice_kinds() -> Sequence[NoticeKind]:
    """What bookers are told."""
    from .notices import NOTICE_KINDS

    return NOTICE_KINDS


@hookimpl
def linli_timers() -> Sequence[TimerKind]:
    """Bookings that change by themselves, offers that lapse, waiting that ends."""
    from .services.due import TIMERS

    return TIMERS


@hookimpl
def linli_graphql() -> GraphQL:
    """Venues, bookings and waitlists in the API."""
    from .graphql import CONTRIBUTION

    return CONTRIBUTION


@hookimpl
def linli_locale() -> Path:
    """The Chinese texts."""
    return Path(__file__).parent / "locale"


@hookimpl
async def linli_demo(district: District) -> None:
    """Two rooms that the first unit shares."""
    from .demo import create

    await create(district)


@hookimpl
def linli_routes(district: District) -> Sequence[BaseRoute]:
    """The doorman's list of a day, to print."""
    from .doors import routes

    return routes(district)


@hookimpl
async def linli_check(district: District) -> Sequence[HealthProblem]:
    """Whether bookings wait for an official schedule that should be there."""
    from .health import problems

    return await problems(district)


@hookimpl
async def linli_stats() -> Sequence[Figure]:
    """Venues, and bookings that lie ahead."""
    from .figures import figures

    return await figures()


@hookimpl
async def linli_person_export(person_id: UUID) -> Sequence[Records]:
    """Bookings, series, waiting, no-shows and appeals of a person."""
    from linli.core.privacy.holdings import export_rows

    from .services.persons import HOLDINGS

    return await export_rows(HOLDINGS, person_id)


@hookimpl
async def linli_person_erase(district: District, person_id: UUID) -> Erasure:
    """What lies ahead is called off; what was stays, without the person."""
    from .services.persons import erase

    return await erase(district, person_id)


@hookimpl
async def linli_person_merge(kept_id: UUID, merged_id: UUID) -> Merging:
    """Bookings, series, waiting, no-shows and appeals go with the person."""
    from .services.merging import merging

    return await merging(kept_id, merged_id)


@hookimpl
async def linli_event(district: District, event: Event, payload: BaseModel) -> None:
    """Bookings follow the official calendar, the agreements of their venues' communities, and their owners' end."""
    from .services.following import follow

    await follow(district, event, payload)


@hookimpl
async def linli_succession(change: SuccessionChange) -> Sequence[OpenThing]:
    """Venues and what is booked there stay with their history; a split says who takes them."""
    from .services.succession import open_things

    return open_things(change)
