"""A district: its settings, its hook callers, its database, and what its plugins make of the vocabularies."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from .. import clock
from ..access import acted_for_events
from ..access import event_types as access_events
from ..access.active_grants import KnownGrants
from ..access.areas import proxy_areas
from ..access.authentication import Provider
from ..access.granting import Granting
from ..access.known_viewers import KnownViewers
from ..access.permissions import CORE_PERMISSIONS, Permission
from ..access.roles import CORE_ROLES, RoleContribution, compose
from ..access.tokens import Found, find
from ..access.viewer import Viewer
from ..access.visibility import Belonging, PublicRows, Sight
from ..calendar import OfficialCalendar
from ..calendar import event_types as calendar_events
from ..calendar.ages import LeapBirthday
from ..calendar.schedules import stored_calendar
from ..calendar.zones import local_date
from ..config import CoreSettings, DistrictConfiguration
from ..deliveries import event_types as delivery_events
from ..deliveries.handlers import EventHandler, Handlers, handlers_of, wanted_by
from ..files import event_types as file_events
from ..files.models import File
from ..files.purposes import FilePurpose, FileState
from ..files.staging import Staging
from ..files.storage import FileStorage
from ..graph import event_types as graph_events
from ..graph.core_kinds import ORG_KINDS, RELATION_KINDS
from ..graph.kinds import Kinds
from ..inbox import event_types as inbox_events
from ..inbox.channels import Channels, channels_of
from ..inbox.kinds import NoticeKinds, kinds_of
from ..informing import sending, telling
from ..jobs import job_events
from ..jobs.job_kinds import JobKinds, belonging
from ..jobs.job_kinds import kinds_of as job_kinds_of
from ..jobs.models import Job
from ..people import event_types as people_events
from ..people import merge_events, relation_events
from ..people.relation_rules import Majority
from ..plugins.dispatcher import Hooks
from ..plugins.inventory import Installed, InstalledPlugin
from ..privacy import event_types as privacy_events
from ..privacy.file_purposes import CORE_FILE_PURPOSES
from ..privacy.purposes import CORE_PURPOSES, Purpose
from ..records import outbox
from ..records.event_types import EventTypes
from ..records.models import Event
from ..records.reactions import react_with
from ..records.rotation import KEYS_ROTATED
from ..records.store import Store, scope
from ..registry import event_types as registry_events
from ..registry.thing_kinds import THING_KINDS, ThingKinds
from ..sheet_imports import event_types as sheet_events
from ..webhooks import event_types as webhook_events
from . import backup_event_types as backup_events
from . import plugin_event_types as plugin_events
from .stewards import steward_labels

M = TypeVar("M", bound=BaseModel)

CORE_EVENT_TYPES = (
    *calendar_events.EVENT_TYPES,
    *graph_events.EVENT_TYPES,
    *people_events.EVENT_TYPES,
    *merge_events.EVENT_TYPES,
    *relation_events.EVENT_TYPES,
    *registry_events.EVENT_TYPES,
    *sheet_events.EVENT_TYPES,
    *access_events.EVENT_TYPES,
    *acted_for_events.EVENT_TYPES,
    *delivery_events.EVENT_TYPES,
    *file_events.EVENT_TYPES,
    *inbox_events.EVENT_TYPES,
    *job_events.EVENT_TYPES,
    *privacy_events.EVENT_TYPES,
    *plugin_events.EVENT_TYPES,
    *webhook_events.EVENT_TYPES,
    *backup_events.EVENT_TYPES,
    KEYS_ROTATED,
)


class District:
    """One district of this process. 区县。

    `plugins` are those that its configuration turns on; `hooks` calls just them. `data` is the server's folder for what
    it writes; a district that was opened without one keeps no files.
    """

    def __init__(
        self,
        key: str,
        configuration: DistrictConfiguration,
        installed: Installed,
        store: Store,
        data: Path | None = None,
    ) -> None:
        self.key = key
        self.configuration = configuration
        self.installed = installed
        self.store = store
        self.data = data
        self.hooks = Hooks(installed, configuration.plugins)
        if self.hooks.implementers("linli_event"):
            react_with(store, self._tell_plugins)
        outbox.deliver_to(store, wanted_by(self.event_handlers))

    async def _tell_plugins(self, event: Event, payload: BaseModel) -> None:
        await self.hooks.veto("linli_event", district=self, event=event, payload=payload)

    @property
    def zone(self) -> ZoneInfo:
        """The zone by whose days the district lives."""
        return self.configuration.zone

    @property
    def settings(self) -> CoreSettings:
        """Core's settings."""
        return self.configuration.settings.core.at()

    def settings_of(self, plugin: str, model: type[M]) -> M:
        """A plugin's settings."""
        return self.configuration.settings.for_plugin(plugin, model).at()

    @cached_property
    def plugins(self) -> tuple[InstalledPlugin, ...]:
        """The plugins that are on, dependencies first."""
        return tuple(self.installed[name] for name in self.installed if name in self.configuration.plugins)

    def scope(self) -> AbstractContextManager[None]:
        """Enter the district: every model query inside is answered by its database."""
        return scope(self.store)

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of organisations and relations that this district knows."""
        orgs = [kind for _, kinds in self.hooks.collect_now("linli_org_kinds") for kind in kinds]
        relations = [kind for _, kinds in self.hooks.collect_now("linli_relation_kinds") for kind in kinds]
        return Kinds([*ORG_KINDS, *orgs], [*RELATION_KINDS, *relations], root_kind=self.settings.root_kind)

    @cached_property
    def thing_kinds(self) -> ThingKinds:
        """The kinds of facilities and devices that this district knows."""
        more = [kind for _, kinds in self.hooks.collect_now("linli_thing_kinds") for kind in kinds]
        return ThingKinds([*THING_KINDS, *more])

    @cached_property
    def permissions(self) -> Mapping[str, Permission]:
        """The permissions of core and of the plugins that are on, by name."""
        more = [one for _, added in self.hooks.collect_now("linli_permissions") for one in added]
        return {permission.name: permission for permission in (*CORE_PERMISSIONS, *more)}

    @cached_property
    def roles(self) -> Mapping[str, frozenset[str]]:
        """What each role may do here."""
        more: list[RoleContribution] = [one for _, added in self.hooks.collect_now("linli_roles") for one in added]
        return compose((*CORE_ROLES, *more), self.settings.roles, three_admins=self.settings.three_admins)

    @cached_property
    def known_grants(self) -> KnownGrants:
        """How grants count here."""
        return KnownGrants(self.roles, self.settings.second_factor_roles)

    @cached_property
    def _known_viewers(self) -> KnownViewers:
        return KnownViewers()

    async def viewer_of(self, token: str) -> Viewer:
        """Who is behind a token; the district is entered. Raises TokenRefusedError."""
        return await self._known_viewers.of(token, self.store.stamp, self._find)

    async def _find(self, token: str) -> Found:
        return await find(token, self.known_grants, self.majority)

    @property
    def majority(self) -> Majority:
        """By which days people come of age here."""
        return Majority(local_date(clock.now(), self.zone), self.zone, LeapBirthday(self.settings.leap_birthday))

    @cached_property
    def proxy_areas(self) -> frozenset[str]:
        """The areas of permissions in which a proxy can act here, as the models of core and its plugins declare."""
        return proxy_areas(["core", *(plugin.label for plugin in self.plugins)])

    @property
    def granting(self) -> Granting:
        """By which rules roles are given here."""
        return Granting(self.roles, three_admins=self.settings.three_admins)

    @cached_property
    def purposes(self) -> Mapping[str, Purpose]:
        """What personal data are used for here, by name."""
        more: list[Purpose] = [one for _, added in self.hooks.collect_now("linli_purposes") for one in added]
        return {purpose.name: purpose for purpose in (*CORE_PURPOSES, *more)}

    @cached_property
    def file_purposes(self) -> Mapping[str, FilePurpose]:
        """What files are uploaded for here, by name."""
        more: list[FilePurpose] = [one for _, added in self.hooks.collect_now("linli_file_purposes") for one in added]
        return {purpose.name: purpose for purpose in (*CORE_FILE_PURPOSES, *more)}

    @property
    def files(self) -> Path:
        """The folder of the district's files. Raises LookupError where it was opened without one."""
        if self.data is None:
            raise LookupError(f"district {self.key} was opened without a folder for files")
        return self.data / "files" / self.key

    @property
    def passing(self) -> Path:
        """Where rows of ledgers lie in the clear while they are written; see `files.passing`."""
        return self.files / "ledgers"

    @cached_property
    def staging(self) -> Staging:
        """Where files lie while they arrive."""
        return Staging(self.files / "staging")

    @cached_property
    def storages(self) -> Mapping[str, FileStorage]:
        """Where contents of files may be here, by name."""
        found: dict[str, FileStorage] = {}
        for plugin, added in self.hooks.collect_now("linli_file_storage", district=self):
            twice = sorted(found.keys() & added.keys())
            if twice:
                raise ValueError(f"plugin {plugin}: another plugin gives the file storage {twice[0]!r} too")
            found |= added
        return found

    @property
    def storage(self) -> FileStorage:
        """Where new contents are kept. Raises LookupError where nothing gives the storage that is configured."""
        name = self.settings.file_storage
        if name not in self.storages:
            raise LookupError(f"file_storage is {name!r}; known are {', '.join(sorted(self.storages))}")
        return self.storages[name]

    @cached_property
    def providers(self) -> Mapping[str, Provider]:
        """Who vouches here for who somebody is, by name."""
        found: dict[str, Provider] = {}
        for plugin, added in self.hooks.collect_now("linli_authentication", district=self):
            twice = sorted(found.keys() & added.keys())
            if twice:
                raise ValueError(f"plugin {plugin}: another plugin gives the authentication provider {twice[0]!r} too")
            found |= added
        return found

    @cached_property
    def event_types(self) -> EventTypes:
        """What can happen here: the event types of core and of the plugins that are on."""
        catalogue = EventTypes()
        catalogue.register("core", *CORE_EVENT_TYPES)
        for plugin, types in self.hooks.collect_now("linli_event_types"):
            catalogue.register(self.installed[plugin].label, *types)
        return catalogue

    @cached_property
    def event_handlers(self) -> Handlers:
        """What is done here about events after their commit, by the name of the handler."""
        own: list[EventHandler] = [*telling.HANDLERS, *sending.handlers(self)]
        return handlers_of(self, own)

    @cached_property
    def job_kinds(self) -> JobKinds:
        """What long work is done here behind: the kinds of core and of the plugins that are on, by name."""
        from ..jobs.core_job_kinds import CORE_JOBS  # noqa: PLC0415  it reads spreadsheets

        return job_kinds_of(self, CORE_JOBS)

    @cached_property
    def channels(self) -> Channels:
        """Where notifications are sent beside the inbox, by name."""
        return channels_of(self)

    @cached_property
    def notice_kinds(self) -> NoticeKinds:
        """Of what people are told here: the kinds of core and of the plugins that are on, by name."""
        return kinds_of(self, telling.NOTICE_KINDS)

    async def stewards(self) -> Hooks:
        """Calls the hooks of all installed plugins whose tables exist here, on or off; the district is entered."""
        labels = await steward_labels(self.installed)
        return Hooks(self.installed, [plugin.name for plugin in self.installed.choosable if plugin.label in labels])

    async def stewards_event_types(self) -> EventTypes:
        """What happened here: the event types of core and of the stewards."""
        catalogue = EventTypes()
        catalogue.register("core", *CORE_EVENT_TYPES)
        for plugin, types in (await self.stewards()).collect_now("linli_event_types"):
            catalogue.register(self.installed[plugin].label, *types)
        return catalogue

    @cached_property
    def sight(self) -> Sight:
        """How this district narrows and widens what the models declare visible."""
        words = {
            "org_kind": tuple(self.kinds.orgs),
            "relation_kind": tuple(self.kinds.relations),
            "thing_kind": tuple(self.thing_kinds.by_code),
            "role": tuple(self.roles),
            "purpose": tuple(self.purposes),
            "file_purpose": tuple(self.file_purposes),
            "event_type": tuple(event_type.name for event_type in self.event_types),
            "notice_kind": tuple(self.notice_kinds),
            "job_kind": tuple(self.job_kinds),
        }
        public: dict[type, list[PublicRows]] = {}
        for _, rows in self.hooks.collect_now("linli_public_rows"):
            for model, condition in rows.items():
                public.setdefault(model, []).append(condition)
        attached = FileState.ATTACHED.value
        attached_files = [
            Belonging({"purpose": one.name, "state": attached}, one.subject, one.shown_by)
            for one in self.file_purposes.values()
            if one.subject is not None
        ]
        return Sight(
            words, public, self.settings.public_directory, {File: attached_files, Job: belonging(self.job_kinds)}
        )

    async def calendar(self) -> OfficialCalendar:
        """The official calendar as far as this district knows it."""
        return await stored_calendar()
