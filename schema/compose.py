"""One schema per district: core's types with exactly what the district's plugins add."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any

import strawberry
from graphql import GraphQLObjectType, lexicographic_sort_schema, print_schema
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryContainer, StrawberryList, StrawberryObjectDefinition, StrawberryOptional
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType
from tortoise.models import Model

from linli.core.districts import District

from .contributions import LOOSE, GraphQL, fields_of
from .core.access_changes import AccessMutation
from .core.acted_for import ActedForMutation, ViewerActs
from .core.boundary_changes import BoundaryMutation
from .core.changes import ChangeQuery
from .core.claims import ClaimMutation
from .core.consents import ConsentMutation, PersonConsents
from .core.deliveries import DeliveryMutation, DeliveryQuery
from .core.documents import DocumentMutation, DocumentQuery, PersonDocuments
from .core.household_changes import HouseholdMutation
from .core.identities import IdentityMutation
from .core.in_service import InServiceQuery, PersonInService
from .core.inbox import InboxMutation, ViewerInbox
from .core.jobs import JobMutation, JobQuery, JobSubscription
from .core.ledgers import LedgerMutation, LedgerQuery
from .core.merge_candidates import CandidateQuery
from .core.merge_changes import MergeMutation
from .core.merges import MergeQuery
from .core.org_changes import OrgMutation
from .core.people_changes import PeopleMutation
from .core.people_counts import OrgPeople
from .core.people_search import PEOPLE
from .core.person_requests import RequestMutation, RequestQuery
from .core.premises_changes import PremisesMutation
from .core.registry import OrgRegistry, PersonRegistry, RegistryQuery
from .core.relation_changes import RelationMutation
from .core.relations import PersonRelations, RelationQuery
from .core.search import ORGANISATIONS
from .core.second_factors import SecondFactorMutation
from .core.session_changes import SessionMutation
from .core.sessions import SignInMutation
from .core.sheet_import_changes import SheetMutation
from .core.sheet_imports import SheetQuery
from .core.succession import SuccessionMutation
from .core.thing_changes import ThingMutation
from .core.verification import VerificationMutation
from .core.webhooks import WebhookMutation, WebhookQuery
from .declare.classes import annotated
from .declare.fields import DeclaredField
from .declare.node import Node, complete
from .ledgers.declarations import Ledger
from .ledgers.known import ledgers_of
from .ledgers.paths import check_ledger
from .root import Mutation, Query, Subscription
from .scalars import scalars
from .searching import Searchable, SearchKind
from .words import WORDS

Contributions = Sequence[tuple[str, GraphQL]]


class DistrictSchema(strawberry.Schema):
    """The schema of one district under one configuration; shares no field with any other."""

    def __init__(self, district: District, contributions: Contributions) -> None:
        self.district = district
        self.contributions = contributions
        self.large_tables: set[type[Model]] = set()
        complete_declarations()
        self._fields: dict[int, list[StrawberryField]] = {}
        self._words = {cls: _enum(cls, words_of(district, contributions)) for cls, words_of in WORDS.items()}
        self._words[SearchKind] = _enum(SearchKind, ((one.code, one.description) for one in self.searchables))
        super().__init__(
            query=Query,
            mutation=Mutation,
            subscription=Subscription,
            types=[*(Node.registry[name].cls for name in CORE_NODES), *self._contributed_types()],
            config=StrawberryConfig(scalar_map=scalars(district.zone)),
        )
        for ledger in self.ledgers.values():
            check_ledger(ledger)

    def as_str(self) -> str:
        """The SDL, sorted: a copy, since sorted types are others than those that unions were built with."""
        return annotated(print_schema(lexicographic_sort_schema(self._schema)), self._schema)

    def declared(self, name: str) -> Node | None:
        """The declared type of this name, None where this district has none."""
        return Node.registry.get(name) if self.get_type_by_name(name) is not None else None

    def type_name(self, model: type[Model]) -> str:
        """What a model's rows are called in the API."""
        return next(node.name for node in Node.registry.values() if node.model is model)

    @cached_property
    def recorded_fields(self) -> frozenset[str]:
        """The names of fields that are written down when somebody reads them."""
        types = (one for one in self._schema.type_map.values() if isinstance(one, GraphQLObjectType))
        made = ((name, one.extensions.get("strawberry-definition")) for it in types for name, one in it.fields.items())
        return frozenset(name for name, one in made if isinstance(one, DeclaredField) and one.declared.recorded)

    @cached_property
    def searchables(self) -> Sequence[Searchable]:
        """What can be searched for, core's kinds first."""
        return (*CORE_SEARCH, *(one for _, part in self.contributions for one in part.search))

    @cached_property
    def ledgers(self) -> Mapping[str, Ledger]:
        """What can be exported as a ledger, by code, core's first."""
        return ledgers_of(self.contributions)

    def _contributed_types(self) -> Iterable[type]:
        return (type_ for _, part in self.contributions for type_ in part.types)

    @cached_property
    def _additions(self) -> Mapping[str, list[StrawberryField]]:
        added: dict[str, list[StrawberryField]] = {}
        for core in CORE_MUTATIONS:
            added.setdefault("Mutation", []).extend(fields_of(core))
        for name, extension in CORE_EXTENSIONS:
            added.setdefault(name, []).extend(fields_of(extension))
        for _, part in self.contributions:
            for name, cls in {**part.extend, **part.roots}.items():
                added.setdefault(name, []).extend(fields_of(cls))
        return added

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Copies of a type's fields and of what plugins add to it, made once: building changes the fields it uses."""
        key = id(type_definition)
        if key not in self._fields:
            added = () if type_definition.is_input else self._additions.get(type_definition.name, ())
            self._fields[key] = [self._own(field) for field in (*type_definition.fields, *added)]
        return self._fields[key]

    def _own(self, field: StrawberryField) -> StrawberryField:
        twin = copy.copy(field)
        twin.type_annotation = StrawberryAnnotation(self._translated(field.type))
        twin.arguments = [copy.copy(argument) for argument in field.arguments]
        for argument in twin.arguments:
            argument.type_annotation = StrawberryAnnotation(self._translated(argument.type))
        return twin

    def _translated(self, type_: Any) -> Any:
        """A type with this district's enums in the place of the open ones."""
        if isinstance(type_, StrawberryEnumDefinition):
            return self._words.get(type_.wrapped_cls, type_)
        if isinstance(type_, LazyType):
            return self._translated(type_.resolve_type())
        if isinstance(type_, StrawberryList | StrawberryOptional):
            return self._wrapped(type_)
        found = getattr(type_, "__strawberry_definition__", None)
        return self._words.get(type_, type_) if isinstance(found, StrawberryEnumDefinition) else type_

    def _wrapped(self, type_: StrawberryContainer) -> Any:
        return type(type_)(self._translated(type_.of_type))


def complete_declarations() -> None:
    """Types refer to each other by name, so they are completed when all plugins have been read."""
    for node in list(Node.registry.values()):
        node.complete()
    for cls in LOOSE:
        for field in fields_of(cls):
            if isinstance(field, DeclaredField):
                complete(field, f"{cls.__name__}.{field.python_name}")


CORE_NODES = (
    "OrgNode",
    "OrgRelation",
    "Person",
    "PersonClaim",
    "Post",
    "Account",
    "AccountSession",
    "Grant",
    "Identity",
    "CalendarSchedule",
    "Event",
    "Consent",
    "PersonRequest",
    "PersonRelation",
    "PersonMerge",
    "IdentityDocument",
    "ActedFor",
    "Premises",
    "Tenure",
    "Household",
    "HouseholdMember",
    "Thing",
    "File",
    "Delivery",
    "Notification",
    "Webhook",
    "Job",
)
CORE_MUTATIONS = (
    OrgMutation,
    SuccessionMutation,
    BoundaryMutation,
    PeopleMutation,
    AccessMutation,
    SignInMutation,
    SessionMutation,
    IdentityMutation,
    SecondFactorMutation,
    ClaimMutation,
    ConsentMutation,
    RequestMutation,
    RelationMutation,
    MergeMutation,
    SheetMutation,
    DocumentMutation,
    ActedForMutation,
    PremisesMutation,
    HouseholdMutation,
    ThingMutation,
    VerificationMutation,
    DeliveryMutation,
    InboxMutation,
    WebhookMutation,
    LedgerMutation,
    JobMutation,
)
CORE_EXTENSIONS = (
    ("OrgNode", OrgPeople),
    ("Person", PersonConsents),
    ("Query", RequestQuery),
    ("Query", ChangeQuery),
    ("Person", PersonRelations),
    ("Query", RelationQuery),
    ("Query", MergeQuery),
    ("Query", SheetQuery),
    ("Query", CandidateQuery),
    ("Person", PersonDocuments),
    ("Query", DocumentQuery),
    ("Person", PersonInService),
    ("Query", InServiceQuery),
    ("Viewer", ViewerActs),
    ("Viewer", ViewerInbox),
    ("OrgNode", OrgRegistry),
    ("Person", PersonRegistry),
    ("Query", RegistryQuery),
    ("Query", DeliveryQuery),
    ("Query", WebhookQuery),
    ("Query", LedgerQuery),
    ("Query", JobQuery),
    ("Subscription", JobSubscription),
)
CORE_SEARCH = (ORGANISATIONS, PEOPLE)
"""Fields of core's types that lead to what is declared after them."""


def _enum(placeholder: type, words: Iterable[tuple[str, str]]) -> StrawberryEnumDefinition:
    described = dict(words)
    known: StrawberryEnumDefinition = placeholder.__strawberry_definition__  # type: ignore[attr-defined]
    members = StrEnum(known.name, {word: word for word in described})  # type: ignore[misc]
    return StrawberryEnumDefinition(
        wrapped_cls=members,
        name=known.name,
        values=[EnumValue(word, members(word), description=text) for word, text in described.items()],
        description=known.description,
    )


def compose(district: District) -> DistrictSchema:
    """The schema of a district, made of what its enabled plugins contribute."""
    return DistrictSchema(district, district.hooks.collect_now("linli_graphql"))
