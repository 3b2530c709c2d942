"""What an insider who may write to the database does to a chain with an erased person, and what the auditor reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner, Result

from linli.core.cli.main import application
from linli.core.cli.running import entered
from linli.core.config.loading import load
from linli.core.people.models import Person
from linli.core.people.services import create_person, update_person
from linli.core.plugins.discovery import installed
from linli.core.privacy.erasing import erase_everywhere
from linli.core.privacy.event_types import PERSON_ERASED, PersonErased
from linli.core.records import events
from linli.core.records.sealing import seal_now
from linli.core.records.unit_of_work import unit_of_work
from tests.core.cli.projects import Project, aside, postgres_answers

GONE, STAYS = uuid4(), uuid4()
TABLES = ("core_event", "core_event_payload", "core_person_key")


def told_of(person: UUID, place: int = 0) -> str:
    """The id of an event with values about a person, as SQL."""
    return (
        f"(SELECT id FROM (SELECT e.id FROM core_event e WHERE e.subject_id = '{person}' "
        f"AND e.type = 'core.person_updated' ORDER BY e.sequence LIMIT 1 OFFSET {place}) AS found)"
    )


def row(person: UUID, change: str, place: int = 0) -> str:
    return f"UPDATE core_event_payload SET {change} WHERE id = {told_of(person, place)}"


FORGED = """payload = '{"fields":["name"]}'"""
HASH = "substr(secret, 1, 65)"
LATELY = "'2026-03-09 00:00:00+00:00'"
NEWEST = "SELECT id FROM core_event WHERE sequence = (SELECT max(sequence) FROM core_event)"

TAMPERINGS: dict[str, tuple[list[str], list[str]]] = {
    "the plain values of an erased person's event were rewritten": ([row(GONE, FORGED)], ["PAYLOAD_CHANGED"]),
    "a living person's event was passed off as the erased one's, with other plain values": (
        [row(STAYS, f"person_id = '{GONE}', secret = {HASH}, {FORGED}")],
        ["PAYLOAD_CHANGED"],
    ),
    "a living person's event was passed off as the erased one's, and nothing else": (
        [row(STAYS, f"person_id = '{GONE}', secret = {HASH}")],
        ["PAYLOAD_CHANGED"],
    ),
    "an erased person's event was passed off as a living one's": (
        [row(GONE, f"person_id = '{STAYS}'")],
        ["PAYLOAD_CHANGED"],
    ),
    "the encrypted part of a living person was dropped": ([row(STAYS, f"secret = {HASH}")], ["PAYLOAD_UNREADABLE"]),
    "the encrypted part and its hash were dropped": ([row(STAYS, "secret = NULL")], ["PAYLOAD_CHANGED"]),
    "the encrypted part, its hash and the person were dropped": (
        [row(GONE, "secret = NULL, person_id = NULL, suite = 'PLAIN'")],
        ["PAYLOAD_CHANGED"],
    ),
    "the hash of an erased person's values was changed": (
        [row(GONE, "secret = '0000' || substr(secret, 5)")],
        ["PAYLOAD_CHANGED"],
    ),
    "the salt of an erased person's event was changed": ([row(GONE, "salt = '00'")], ["PAYLOAD_CHANGED"]),
    "one event of an erased person was emptied and marked as erased while the others stayed": (
        [row(GONE, f"payload = NULL, salt = NULL, secret = NULL, erased_at = {LATELY}")],
        ["PAYLOAD_CHANGED"],
    ),
    "one event of an erased person was marked as erased while the others stayed": (
        [row(GONE, f"erased_at = {LATELY}")],
        ["PAYLOAD_CHANGED"],
    ),
    "the payload of an erased person's event was removed wholly": (
        [f"DELETE FROM core_event_payload WHERE id = {told_of(GONE)}"],
        ["PAYLOAD_MISSING"],
    ),
    "two payloads of the erased person were exchanged": (
        [
            f"CREATE TABLE moved AS SELECT {told_of(GONE)} AS one, {told_of(GONE, 1)} AS two",
            f"UPDATE core_event_payload SET id = '{uuid4()}' WHERE id = (SELECT one FROM moved)",
            "UPDATE core_event_payload SET id = (SELECT one FROM moved) WHERE id = (SELECT two FROM moved)",
            "UPDATE core_event_payload SET id = (SELECT two FROM moved) WHERE secret IS NOT NULL "
            "AND id NOT IN (SELECT id FROM core_event)",
            "DROP TABLE moved",
        ],
        ["PAYLOAD_CHANGED", "PAYLOAD_CHANGED"],
    ),
    "a living person's key was destroyed": (
        [f"UPDATE core_person_key SET secret = NULL, destroyed_at = {LATELY} WHERE id = '{STAYS}'"],
        ["ERASURE_UNTOLD"],
    ),
    "a living person's key was marked as destroyed, so that an erasure would find nothing to do": (
        [f"UPDATE core_person_key SET destroyed_at = {LATELY} WHERE id = '{STAYS}'"],
        ["ERASURE_UNTOLD"],
    ),
    "the erased person's key was removed with all that says it was destroyed": (
        [f"DELETE FROM core_person_key WHERE id = '{GONE}'"],
        ["PAYLOAD_UNREADABLE", "PAYLOAD_UNREADABLE"],
    ),
    "the event that tells of the erasure was removed": (
        ["DELETE FROM core_event WHERE type = 'core.person_erased'"],
        ["REMOVED", "ERASURE_UNTOLD", "PAYLOAD_WITHOUT_EVENT"],
    ),
    "the erased person's key was brought back from a backup": (
        [
            f"UPDATE core_person_key SET destroyed_at = NULL, secret = "
            f"(SELECT secret FROM backup_of_keys WHERE id = '{GONE}') WHERE id = '{GONE}'"
        ],
        ["ERASURE_UNDONE"],
    ),
    "the newest event was removed and its payload left": (
        ["DELETE FROM core_event WHERE id IN (" + NEWEST + ")"],
        ["PAYLOAD_WITHOUT_EVENT"],
    ),
}


def linli(*arguments: object) -> Result:
    return CliRunner().invoke(application(installed()), [str(it) for it in arguments], prog_name="linli")


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def chain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A migrated district with a person who lives there and one who was erased, and a copy of its events beside."""
    folder = tmp_path_factory.mktemp("chain")
    if request.param == "sqlite":
        made = Project(folder, "sqlite://data/{district}.sqlite3", ("first",)).write()
    else:
        made = Project(folder, postgres_answers(), (f"cli_{uuid4().hex[:10]}",)).write()
    try:
        assert linli("migrate", "--config", made.config).exit_code == 0
        aside(live(made))
        assert verified(made).exit_code == 0  # it seals, too
        made.change("".join(f"CREATE TABLE kept_{table} AS SELECT * FROM {table};" for table in TABLES))
        yield made
    finally:
        if request.param == "postgres":
            made.drop()


async def live(project: Project) -> None:
    configuration = load(project.config, installed())
    async with entered(configuration, installed(), project.key) as district:
        for person_id in (GONE, STAYS):
            async with unit_of_work():
                await create_person(person_id, name="示例老人")
            for phone in ("13800000011", "13800000012"):
                async with unit_of_work():
                    await update_person(await Person.get(id=person_id), None, phone=phone)
        await seal_now(district.store)
        project.change("CREATE TABLE backup_of_keys AS SELECT * FROM core_person_key")
        async with unit_of_work():
            done = await erase_everywhere(district, GONE)
            told = PersonErased(plugins=tuple(plugin for plugin, _ in done), erased_rows=1, kept_rows=0)
            await events.append(PERSON_ERASED, "Person", GONE, told)
        async with unit_of_work():
            await update_person(await Person.get(id=STAYS), None, phone="13800000013")


@pytest.fixture
def restored(chain: Project) -> Iterator[Project]:
    yield chain
    chain.change("".join(f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table};" for table in TABLES))


def verified(project: Project, *more: object) -> Result:
    return linli("audit", "verify", "--config", project.config, "--district", project.key, *more)


def named(result: Result) -> list[str]:
    """The kinds of the findings that the command printed."""
    kinds = [line.split("\t")[0].split(" ")[0] for line in result.stdout.splitlines()]
    return [kind for kind in kinds if kind.isupper()]


def test_an_erasure_leaves_the_chain_whole_and_only_the_persons_values_erased(restored: Project) -> None:
    result = verified(restored)
    assert (result.exit_code, "the chain holds" in result.stdout) == (0, True)
    assert "2 of them are erased" in result.stdout


@pytest.mark.parametrize("sentence", TAMPERINGS)
def test_the_audit_names_it_when(restored: Project, sentence: str) -> None:
    statements, expected = TAMPERINGS[sentence]
    restored.change("".join(f"{statement};" for statement in statements))
    result = verified(restored)
    assert (named(result), result.exit_code) == (expected, 1)
    assert "chain is broken" in result.stderr


def test_what_was_cut_off_behind_a_checkpoint_is_found_with_it_alone(restored: Project, tmp_path: Path) -> None:
    """Said so in docs/operators.md: nothing that is left tells of events that went with their payloads."""
    file = tmp_path / "checkpoint.json"
    noted = linli("audit", "checkpoint", file, "--config", restored.config, "--district", restored.key)
    assert noted.exit_code == 0
    payload = f"DELETE FROM core_event_payload WHERE id IN ({NEWEST})"
    restored.change(f"{payload}; DELETE FROM core_event WHERE id IN ({NEWEST});")
    assert verified(restored).exit_code == 0
    assert named(verified(restored, "--checkpoint", file)) == ["ANCHOR_MISSED"]


async def erase(project: Project, person: UUID) -> None:
    configuration = load(project.config, installed())
    async with entered(configuration, installed(), project.key) as district, unit_of_work():
        await erase_everywhere(district, person)
        await events.append(PERSON_ERASED, "Person", person, PersonErased(plugins=(), erased_rows=1, kept_rows=0))


def test_a_key_that_was_only_marked_as_destroyed_is_destroyed_by_an_erasure(restored: Project) -> None:
    """Else whoever may write to the database keeps somebody readable who was told to be erased."""
    restored.change(f"UPDATE core_person_key SET destroyed_at = {LATELY} WHERE id = '{STAYS}'")
    restored.change("CREATE TABLE people AS SELECT * FROM core_person")
    try:
        aside(erase(restored, STAYS))
        assert restored.query(f"SELECT secret FROM core_person_key WHERE id = '{STAYS}'") == [(None,)]
        result = verified(restored)
        assert (result.exit_code, "5 of them are erased" in result.stdout) == (0, True), result.output
    finally:
        restored.change("DELETE FROM core_person; INSERT INTO core_person SELECT * FROM people; DROP TABLE people;")
