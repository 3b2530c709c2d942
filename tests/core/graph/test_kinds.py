from __future__ import annotations

import pytest

from linli.core.errors import ValidationError
from linli.core.graph.attributes import NoAttributes
from linli.core.graph.core_kinds import ORG_KINDS, RELATION_KINDS, core_kinds
from linli.core.graph.kinds import Cardinality, Kinds, OrgKind, RelationKind

TERRITORY = {"PROVINCE", "CITY", "DISTRICT", "SUBDISTRICT", "COMMUNITY", "GRID", "MICRO_GRID"}
PARENTS = {
    "PROVINCE": set(),
    "CITY": {"PROVINCE"},
    "DISTRICT": {"CITY"},
    "SUBDISTRICT": {"DISTRICT"},
    "COMMUNITY": {"SUBDISTRICT"},
    "GRID": {"COMMUNITY"},
    "MICRO_GRID": {"GRID", "COMMUNITY"},
    "COMPOUND": {"COMMUNITY"},
    "BUILDING": {"COMPOUND", "COMMUNITY"},
    "PARTY_ORG": TERRITORY | {"PARTY_ORG", "COMPOUND", "RESIDENT_UNIT"},
    "RESIDENT_UNIT": TERRITORY,
    "OWNERS_COMMITTEE": {"COMPOUND", "COMMUNITY"},
    "RESIDENT_COUNCIL": {"COMPOUND", "COMMUNITY"},
    "TEAM": TERRITORY,
    "SITE": TERRITORY,
}
ANY = None
ENDS = {
    "LEADS": ({"PARTY_ORG"}, ANY),
    "COVERS": ({"GRID", "MICRO_GRID"}, {"COMPOUND"}),
    "STATIONED_IN": ({"RESIDENT_UNIT"}, {"COMMUNITY"}),
    "CO_BUILDS": ({"RESIDENT_UNIT"}, {"COMMUNITY"}),
    "ATTACHED_TO": ({"PARTY_ORG", "TEAM", "SITE"}, ANY),
    "SUCCEEDED_BY": (ANY, ANY),
}
CARE_CENTRE = OrgKind(
    code="CARE_CENTRE",
    title_en="Care centre",
    title_zh="照料中心",
    parents=frozenset({"COMMUNITY"}),
    plugin="elderly-care",
)
MEALS = RelationKind(
    code="MEALS",
    title_en="Brings meals",
    title_zh="送餐",
    sources=frozenset({"CARE_CENTRE"}),
    targets=None,
    plugin="elderly-care",
)


def test_core_registers_its_organisation_kinds_with_these_parents() -> None:
    assert {kind.code: set(kind.parents) for kind in ORG_KINDS} == PARENTS


def test_core_registers_its_relation_kinds_between_these_ends() -> None:
    def plain(codes: frozenset[str] | None) -> set[str] | None:
        return None if codes is None else set(codes)

    assert {kind.code: (plain(kind.sources), plain(kind.targets)) for kind in RELATION_KINDS} == ENDS


def test_the_administrative_levels_are_those_from_province_to_community() -> None:
    administrative = {kind.code for kind in ORG_KINDS if kind.administrative}
    assert administrative == {"PROVINCE", "CITY", "DISTRICT", "SUBDISTRICT", "COMMUNITY"}


def test_no_attribute_of_a_core_kind_is_required() -> None:
    assert not [
        (kind.code, name)
        for kind in (*ORG_KINDS, *RELATION_KINDS)
        for name, info in kind.attributes.model_fields.items()
        if info.is_required()
    ]


def test_every_kind_has_a_title_in_both_languages() -> None:
    assert all(kind.title_en.isascii() and not kind.title_zh.isascii() for kind in (*ORG_KINDS, *RELATION_KINDS))


def test_a_district_has_the_kinds_of_its_plugins_only() -> None:
    installed = Kinds([*ORG_KINDS, CARE_CENTRE], [*RELATION_KINDS, MEALS])
    assert "CARE_CENTRE" in installed.enabled(["elderly-care"]).orgs
    without = installed.enabled([])
    assert set(without.orgs) == set(PARENTS)
    assert set(without.relations) == set(ENDS)


def test_a_parent_whose_plugin_is_off_is_no_parent() -> None:
    room = OrgKind(
        code="ROOM", title_en="Room", title_zh="房间", parents=frozenset({"CARE_CENTRE", "SITE"}), plugin="rooms"
    )
    installed = Kinds([*ORG_KINDS, CARE_CENTRE, room])
    assert installed.parents(room) == {"CARE_CENTRE", "SITE"}
    assert installed.enabled(["rooms"]).parents(room) == {"SITE"}


def test_two_plugins_with_one_kind_are_refused_and_both_named() -> None:
    other = OrgKind(code="CARE_CENTRE", title_en="x", title_zh="某", parents=frozenset(), plugin="hospitals")
    with pytest.raises(ValueError, match="'CARE_CENTRE' is defined by 'elderly-care' and by 'hospitals'"):
        Kinds([*ORG_KINDS, CARE_CENTRE, other])


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (OrgKind(code="Room", title_en="", title_zh="", parents=frozenset(), plugin="p"), "'Room' is no name such as"),
        (OrgKind(code="ROOM", title_en="", title_zh="", parents=frozenset({"COMUNITY"}), plugin="p"), "'COMMUNITY'?"),
    ],
)
def test_a_misspelled_kind_is_refused_where_it_is_registered(kind: OrgKind, words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("?", r"\?")):
        Kinds([*ORG_KINDS, kind])


def test_a_relation_to_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="sources of MEALS: there is no organisation kind 'CARE_CENTRE'"):
        Kinds(ORG_KINDS, [MEALS])


def test_an_unknown_root_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="root_kind: there is no organisation kind 'COUNTY'"):
        core_kinds(root_kind="COUNTY")
    with pytest.raises(ValueError, match="root_kind"):
        core_kinds().enabled([], root_kind="COUNTY")


def test_an_unknown_kind_is_a_problem_of_the_input() -> None:
    with pytest.raises(ValidationError) as caught:
        core_kinds().org("COUNTY")
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("kind", "KIND_UNKNOWN")
    assert "DISTRICT" in str(problem.message)


@pytest.mark.parametrize(
    ("cardinality", "one_target", "one_source"),
    [
        (Cardinality.MANY_TO_MANY, False, False),
        (Cardinality.MANY_TO_ONE, True, False),
        (Cardinality.ONE_TO_MANY, False, True),
        (Cardinality.ONE_TO_ONE, True, True),
    ],
)
def test_a_cardinality_says_how_many_each_end_may_have(
    cardinality: Cardinality, one_target: bool, one_source: bool
) -> None:
    assert (cardinality.one_target, cardinality.one_source) == (one_target, one_source)


def test_a_kind_without_attributes_has_the_empty_model() -> None:
    assert CARE_CENTRE.attributes is NoAttributes
