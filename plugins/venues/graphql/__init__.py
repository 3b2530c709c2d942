"""The part of venues in a district's schema: thin, the services do the work."""

from __future__ import annotations

from linli.schema.contributions import GraphQL

from .errors import CODES
from .ledgers import LEDGERS
from .mutations import VenueMutation
from .queries import OrgVenues, VenueQuery
from .search import VENUES
from .subscriptions import VenueSubscription

CONTRIBUTION = GraphQL(
    query=VenueQuery,
    mutation=VenueMutation,
    subscription=VenueSubscription,
    extend={"OrgNode": OrgVenues},
    error_codes=CODES,
    search=(VENUES,),
    ledgers=LEDGERS,
)
