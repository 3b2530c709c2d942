"""Schemas of test districts, composed once for the same plugins: composing takes longer than most tests."""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Hashable

from graphql import GraphQLSchema

from linli.core.districts import District

from ..compose import Contributions, DistrictSchema
from ..words import WORDS

KEPT = 8
"""How many schemas are kept: those of plugins that a test makes are never asked for again."""

_composed: OrderedDict[Hashable, DistrictSchema] = OrderedDict()


def composed_once(district: District) -> DistrictSchema:
    """The schema of a district, sharing its types with those of earlier districts to which just the same was added."""
    contributions = district.hooks.collect_now("linli_graphql")
    key = _added(district, contributions)
    known = _composed.pop(key, None) or DistrictSchema(district, contributions)
    _composed[key] = known
    if len(_composed) > KEPT:
        _composed.popitem(last=False)
    return _own(known, district)


def _added(district: District, contributions: Contributions) -> Hashable:
    """Everything that makes a district's schema differ from another's; classes of a plugin made anew are others."""
    parts = tuple(
        (plugin, part.query, part.mutation, tuple(part.extend.items()), tuple(part.types), tuple(part.error_codes))
        for plugin, part in contributions
    )
    words = tuple(tuple(words_of(district, contributions)) for words_of in WORDS.values())
    return parts, words, district.zone


def _own(known: DistrictSchema, district: District) -> DistrictSchema:
    """The schema as the district's own, so that whoever asks a schema for its district is told this one."""
    own = copy.copy(known)
    own.district = district
    own._schema = GraphQLSchema.__new__(GraphQLSchema)  # its own way of being copied builds it anew
    vars(own._schema).update(vars(known._schema), _strawberry_schema=own)
    return own
