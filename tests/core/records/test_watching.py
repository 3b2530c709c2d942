"""Which statements count as changes of who may do what."""

from __future__ import annotations

import pytest

from linli.core import clock
from linli.core.graph.models import OrgNode
from linli.core.records.store import Store, scope
from linli.core.records.unit_of_work import unit_of_work
from linli.core.records.watching import is_watched

COUNTED = [
    'UPDATE "core_token" SET "revoked_at"=$1 WHERE "id"=$2',
    'DELETE FROM "core_token" WHERE "session_id"=?',
    'UPDATE "core_account" SET "disabled_at"=?,"version"=? WHERE "id"=?',
    'UPDATE "core_session" SET "ended_at"=$1,"version"=$2 WHERE "id"=$3',
    'INSERT INTO "core_grant" ("id","role") VALUES ($1,$2)',
    'UPDATE "core_grant" SET "valid_to"=$1 WHERE "id"=$2',
    "update core_grant set valid_to = now()",
    'INSERT INTO "core_person_relation" ("id") VALUES ($1)',
    'UPDATE "core_person_relation" SET "state"=$1',
    'INSERT INTO "core_org_relation" ("id") VALUES ($1)',
    'UPDATE "core_org_node" SET "valid_to"=$1,"version"=$2 WHERE "id"=$3',
    "UPDATE core_org_node SET path = $1::text || substr(path, $2) WHERE path LIKE $3",
    'UPDATE "core_person" SET "birth_date"=$1 WHERE "id"=$2',
    'WITH part_1 AS (DELETE FROM "core_token" WHERE "expires_at"<=$1) UPDATE core_account SET disabled_at = $2',
    'UPDATE "core_account" SET "note"=\'DELETE FROM "core_token" WHERE "expires_at"<=\'',
    "WITH part_1 AS (UPDATE core_grant SET valid_to = $1::timestamptz) SELECT 1",
]
HARMLESS = [
    'SELECT "id" FROM "core_account" WHERE "id"=$1 FOR UPDATE',
    'SELECT "id" FROM "core_grant" WHERE "valid_to" IS NULL',
    'INSERT INTO "core_token" ("id","digest") VALUES ($1,$2)',
    'INSERT INTO "core_session" ("id") VALUES ($1)',
    'INSERT INTO "core_org_node" ("id","path","valid_to") VALUES ($1,$2,$3)',
    'UPDATE "core_session" SET "last_used_at"=$1 WHERE "id"=$2',
    'DELETE FROM "core_token" WHERE "session_id"=$1 AND "expires_at"<=$2',
    'UPDATE "core_org_node" SET "name"=$1,"version"=$2 WHERE "id"=$3 AND "version"=$4',
    'UPDATE "core_person" SET "phone"=$1 WHERE "id"=$2',
    "UPDATE core_grants_of_a_plugin SET a = 1",
]


@pytest.mark.parametrize("statement", COUNTED)
def test_what_takes_away_or_gives_counts(statement: str) -> None:
    assert is_watched(statement)


@pytest.mark.parametrize("statement", HARMLESS)
def test_what_changes_nobodys_rights_does_not(statement: str) -> None:
    assert not is_watched(statement)


async def test_the_number_goes_up_with_the_commit_of_what_counts_and_with_nothing_else(store: Store) -> None:
    with scope(store):
        assert await store.stamp() == 0
        async with unit_of_work():
            await OrgNode.create(kind="GRID", name="a", name_key="a", path="a/", depth=0)
        assert await store.stamp() == 0, "a new organisation takes nothing from anybody"
        for number in (1, 2):
            async with unit_of_work():
                await OrgNode.filter(path="a/").update(valid_to=clock.now())
                assert await store.stamp() == number - 1, "not before the commit"
            assert await store.stamp() == number
        with pytest.raises(ZeroDivisionError):
            async with unit_of_work():
                await OrgNode.filter(path="a/").update(valid_to=None)
                raise ZeroDivisionError
        assert await store.stamp() == 2, "what was undone changed nothing"
