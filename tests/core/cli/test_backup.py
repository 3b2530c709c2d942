"""`linli backup` and `linli restore`: a district in one file, and the same district elsewhere."""

from __future__ import annotations

import json
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise import fields

from linli.core.cli.operator import operator
from linli.core.config import load
from linli.core.districts.backups import writing
from linli.core.districts.backups.columns import writer
from linli.core.plugins.discovery import installed
from linli.core.records.archive import neutral
from linli.core.records.fields import Instant, Json, LongText
from tests.core.cli.backups import ASKED, PLUGIN, Side, held, remade
from tests.core.cli.projects import Maker, Project, aside, postgres_answers

FILES = "sqlite://data/{district}.sqlite3"
EVENTS = ("core_event", "core_event_payload")


@pytest.fixture
def side(project: Project, made: Maker) -> Iterator[Side]:
    """A district with something in it, on either engine; its key is nobody else's, on the other engine too."""
    found = installed([made("reacting", PLUGIN)])
    key = f"kept_{uuid4().hex[:10]}"
    one = Side(Project(project.folder, project.url, (key,)).write(plugins='["venues", "reacting"]'), found)
    one.done("migrate")
    yield one
    Project(project.folder, postgres_answers(), (key,)).drop()


@pytest.fixture
def small(tmp_path: Path, made: Maker) -> Side:
    """The same on SQLite alone."""
    found = installed([made("reacting", PLUGIN)])
    one = Side(Project(tmp_path, FILES, ("first",)).write(plugins='["venues", "reacting"]'), found)
    one.done("migrate")
    one.fill()
    one.done("backup", tmp_path / "one.zip")
    return one


def elsewhere(side: Side, name: str) -> Side:
    """The other engine."""
    return side.twin(
        side.project.folder / name, FILES if side.project.url.startswith("postgres") else postgres_answers()
    )


def test_a_district_moves_to_the_other_engine_and_back_and_nothing_is_lost(side: Side) -> None:
    token, folder = side.fill(), side.project.folder
    before = side.asked(token, ASKED)
    assert before["people"]["totalCount"] >= 20
    side.done("backup", folder / "one.zip")
    there = elsewhere(side, "there")
    assert "rows of" in there.done("restore", folder / "one.zip")
    there.done("audit", "verify")
    assert "1 files are what came" in there.done("files", "verify")
    assert there.asked(token, ASKED) == before
    there.done("backup", folder / "two.zip")
    if side.project.url.startswith("postgres"):
        side.project.drop()
        back = side.twin(folder / "back", side.project.url)
    else:
        back = side.twin(folder / "back", FILES)
    back.done("restore", folder / "two.zip")
    back.done("audit", "verify")
    assert back.asked(token, ASKED) == before
    back.done("backup", folder / "three.zip")
    _same_rows(*(held(folder / name)[1] for name in ("one.zip", "two.zip", "three.zip")))
    if not side.project.url.startswith("postgres"):
        _same_in_the_file(side.project.file(), back.project.file())


def _same_rows(first: dict[str, Any], *others: dict[str, Any]) -> None:
    """Equal but for the events that tell of the backups, which stand behind those that were."""
    for rows in others:
        assert rows.keys() == first.keys()
        for table, kept in first.items():
            if table in EVENTS:
                ids = {row["id"] for row in kept}
                assert [row for row in rows[table] if row["id"] in ids] == kept
            else:
                assert rows[table] == kept, table


def _same_in_the_file(first: Path, last: Path) -> None:
    """Byte for byte, as SQLite keeps them and without any code of ours."""
    with sqlite3.connect(first) as one, sqlite3.connect(last) as other:
        tables = [name for (name,) in one.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert len(tables) > 40
        for table in {*tables} - {*EVENTS, "core_migration"}:
            every = f'SELECT * FROM "{table}" ORDER BY id'
            assert one.execute(every).fetchall() == other.execute(every).fetchall(), table


def test_pending_deliveries_and_timers_go_on_where_it_is_restored(side: Side) -> None:
    side.fill(people=3)
    side.done("backup", side.project.folder / "one.zip")
    there = elsewhere(side, "there")
    there.done("restore", side.project.folder / "one.zip")
    [(waiting,)] = there.project.query("SELECT count(*) FROM core_delivery WHERE state = 'PENDING'")
    assert waiting >= 3
    assert there.serve() >= 1
    [(greeted,)] = there.project.query("SELECT count(*) FROM core_person WHERE name LIKE 'greeted%'")
    [(fired,)] = there.project.query("SELECT count(*) FROM core_person WHERE name LIKE 'fired%'")
    assert (greeted, fired) == (waiting, 1)
    assert there.project.query("SELECT count(*) FROM core_delivery WHERE state <> 'DONE'") == [(0,)]
    there.done("audit", "verify")


async def _nothing(_store: object) -> int:
    return 0


def test_what_was_not_sealed_in_the_moment_of_the_backup_is_sealed_where_it_is_restored(
    side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.fill(people=3)
    unsealed = int(side.project.url.startswith("postgres"))
    if unsealed:
        # as a commit between the last seal and the snapshot would leave it
        newest = "SELECT max(sequence) FROM core_event"
        side.project.change(
            f"UPDATE core_delivery SET sequence = NULL WHERE sequence = ({newest});"
            f"UPDATE core_event SET sequence = NULL, chain = NULL WHERE sequence = ({newest})"
        )
        monkeypatch.setattr(writing, "seal_now", _nothing)
    side.done("backup", side.project.folder / "one.zip")
    rows = held(side.project.folder / "one.zip")[1]["core_event"]
    assert [row["sequence"] for row in rows].count(None) == unsealed
    there = elsewhere(side, "there")
    there.done("restore", side.project.folder / "one.zip")
    there.done("audit", "verify")
    with_the_restoring = len(rows) + 1
    counted = [(with_the_restoring, with_the_restoring)]
    assert there.project.query("SELECT count(*), max(sequence) FROM core_event") == counted
    assert there.project.query("SELECT count(*) FROM core_event WHERE sequence IS NULL") == [(0,)]


def test_the_chain_goes_on_with_an_event_that_tells_of_which_backup_the_district_was_made(side: Side) -> None:
    side.fill(people=3)
    side.done("backup", side.project.folder / "one.zip")
    manifest, rows = held(side.project.folder / "one.zip")
    there = elsewhere(side, "there")
    there.done("restore", side.project.folder / "one.zip")
    there.done("audit", "verify")
    last = "SELECT type, sequence FROM core_event ORDER BY sequence DESC LIMIT 1"
    assert there.project.query(last) == [("core.backup_restored", len(rows["core_event"]) + 1)]
    [(payload,)] = there.project.query(
        "SELECT p.payload FROM core_event e JOIN core_event_payload p ON p.id = e.id "
        "WHERE e.type = 'core.backup_restored'"
    )
    told = json.loads(payload)
    assert (told["district"], told["last_sequence"]) == (manifest["district"], manifest["last_sequence"])
    assert (told["last_chain"], told["operator"]) == (manifest["last_chain"], operator())


def test_all_of_it_is_of_one_moment_while_others_write(side: Side) -> None:
    side.fill(people=2)
    versions = "SELECT sum(version) FROM core_org_node"
    [(before,)] = side.project.query(versions)
    changed: list[str] = []

    def meanwhile(what: str, _done: int, _total: int) -> None:
        if not changed:
            side.project.change("UPDATE core_org_node SET version = version + 1")
        changed.append(what)

    async def make() -> None:
        async with side.opened() as district:
            file = side.project.folder / "one.zip"
            await writing.Backup(load(side.project.config, side.found), side.found, district, file).make(meanwhile)

    aside(make())
    assert changed[0] < "core_org_node"
    _, rows = held(side.project.folder / "one.zip")
    assert sum(row["version"] for row in rows["core_org_node"]) == before
    assert side.project.query(versions)[0][0] > before


def test_the_file_is_its_owners_holds_no_master_key_and_is_told_in_the_chain(small: Side) -> None:
    file = small.project.folder / "one.zip"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    manifest, rows = held(file)
    assert manifest["format"] == "linli backup 1"
    assert manifest["heads"]["venues"] == rows_of_heads(small)
    assert manifest["last_sequence"] == max(row["sequence"] for row in rows["core_event"])
    secret = (small.project.folder / "linli.keys").read_text("utf-8").split()[-1].encode()
    assert secret not in file.read_bytes()
    assert not any(secret.decode() in json.dumps(found) for found in rows.values())
    assert not any("138001380" in json.dumps(row, ensure_ascii=False) for row in rows["core_person"])
    [(told,)] = small.project.query(
        "SELECT p.payload FROM core_event e JOIN core_event_payload p ON p.id = e.id WHERE e.type = 'core.backup_made'"
    )
    assert json.loads(told)["sha256"] == sha256(file.read_bytes()).hexdigest()
    assert json.loads(told)["rows"] == sum(len(found) for found in rows.values())


def rows_of_heads(side: Side) -> str:
    """The last migration of venues, as the district's record has it."""
    [(name,)] = side.project.query("SELECT max(name) FROM core_migration WHERE app = 'venues'")
    return str(name)


def test_a_file_that_is_there_is_not_overwritten(small: Side) -> None:
    file = small.project.folder / "one.zip"
    before = file.read_bytes()
    result = small("backup", file)
    assert result.exit_code == 1
    assert "is there already and is not overwritten" in result.stderr
    assert file.read_bytes() == before


def test_plugins_that_are_off_are_in_it_and_one_that_is_not_installed_is_refused(small: Side, tmp_path: Path) -> None:
    small.project.write()
    small.done("backup", tmp_path / "off.zip")
    there = small.twin(tmp_path / "there", FILES)
    there.done("restore", tmp_path / "off.zip")
    assert there.project.query("SELECT count(*) FROM venues_venue") == [(1,)]
    small.project.change(
        "INSERT INTO core_migration VALUES ('ghosts', '0001_initial', '1', '2026-01-01 00:00:00+00:00', 99)"
    )
    result = small("backup", tmp_path / "ghosts.zip")
    assert result.exit_code == 1
    assert "Tables stand here of ghosts, which is not installed" in result.stderr
    assert not (tmp_path / "ghosts.zip").exists()


def _cut(file: Path, made: Path) -> None:
    made.write_bytes(file.read_bytes()[:-100])


def _flipped(file: Path, made: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 1
    made.write_bytes(bytes(content))


def _foreign(file: Path, made: Path) -> None:
    remade(file, made, {"manifest.json": b'{"format": "linli plugin export 1"}'})


def _another_row(file: Path, made: Path) -> None:
    _, rows = held(file)
    rows["core_person"][0]["name"] = "somebody else"
    lines = "".join(json.dumps(row) + "\n" for row in rows["core_person"])
    remade(file, made, {"core_person.jsonl": lines.encode()})


def _bomb(file: Path, made: Path) -> None:
    remade(file, made, {"core_person.jsonl": b" " * (64 << 20)})


def _vast_manifest(file: Path, made: Path) -> None:
    remade(file, made, {"manifest.json": b" " * (32 << 20)})


def _told(
    file: Path, made: Path, change: Callable[[dict[str, Any]], None], more: dict[str, bytes] | None = None
) -> None:
    manifest, _ = held(file)
    change(manifest)
    remade(file, made, {**(more or {}), "manifest.json": json.dumps(manifest).encode()})


def _long_row(file: Path, made: Path) -> None:
    line = b'{"id": "' + b"x" * (65 << 20) + b'"}\n'
    table = {"rows": 1, "bytes": len(line), "sha256": sha256(line).hexdigest()}
    _told(file, made, lambda it: it["tables"].update(core_person=table), {"core_person.jsonl": line})


def _wrong_type(file: Path, made: Path) -> None:
    _, rows = held(file)
    rows["core_person"][0]["id"] = 5
    lines = "".join(json.dumps(row) + "\n" for row in rows["core_person"]).encode()
    table = {"rows": len(rows["core_person"]), "bytes": len(lines), "sha256": sha256(lines).hexdigest()}
    _told(file, made, lambda it: it["tables"].update(core_person=table), {"core_person.jsonl": lines})


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (_cut, "BACKUP_UNREADABLE"),
        (lambda _file, made: made.write_bytes(b"something else"), "BACKUP_UNREADABLE"),
        (_foreign, "BACKUP_FOREIGN"),
        (lambda file, made: remade(file, made, {"manifest.json": None}), "BACKUP_FOREIGN"),
        (_flipped, "BACKUP_ALTERED"),
        (_another_row, "BACKUP_ALTERED: core_person.jsonl of the backup was altered"),
        (lambda file, made: remade(file, made, {"core_person.jsonl": None}), "BACKUP_ALTERED: core_person.jsonl"),
        (lambda file, made: remade(file, made, {"more.jsonl": b"{}"}), "BACKUP_ALTERED: more.jsonl"),
        (lambda file, made: remade(file, made, {"contents": b"x"}), "BACKUP_ALTERED: contents"),
        (_bomb, "BACKUP_ALTERED: core_person.jsonl"),
        (_vast_manifest, "BACKUP_TOO_LARGE"),
        (_long_row, "BACKUP_TOO_LARGE: core_person.jsonl"),
        (_wrong_type, "BACKUP_ALTERED: core_person.jsonl"),
        (
            lambda file, made: _told(file, made, lambda it: it.update(last_sequence=1)),
            "BACKUP_ALTERED: core_event.jsonl",
        ),
        (lambda file, made: _told(file, made, lambda it: it.update(keys=[])), "BACKUP_ALTERED: core_key_epoch.jsonl"),
        (lambda file, made: _told(file, made, lambda it: it.update(district="other")), "OTHER_DISTRICT"),
        (lambda file, made: _told(file, made, lambda it: it["tables"].popitem()), "TABLES_DIFFER"),
        (
            lambda file, made: _told(
                file, made, lambda it: it["migrations"].append({"app": "core", "name": "9999_later", "version": None})
            ),
            "BACKUP_NEWER",
        ),
        (
            lambda file, made: _told(
                file, made, lambda it: it["migrations"].append({"app": "ghosts", "name": "0001", "version": None})
            ),
            "PLUGIN_MISSING: The backup has tables of ghosts",
        ),
    ],
)
def test_what_is_no_whole_backup_is_refused_and_writes_no_row(
    restorable: tuple[Side, Path], tmp_path: Path, damage: Callable[[Path, Path], object], code: str
) -> None:
    small, file = restorable
    damage(file, tmp_path / "bad.zip")
    there = small.twin(tmp_path / "there", FILES)
    result = there("restore", tmp_path / "bad.zip")
    assert result.exit_code == 1
    told = result.stderr.splitlines()[-1]  # on a slow machine it had said before how far it was
    assert told.startswith(f"error: {code}"), result.stderr
    if there.project.exists():
        assert there.project.query("SELECT count(*) FROM core_person") == [(0,)]
        assert there.project.query("SELECT count(*) FROM core_event") == [(0,)]
    there.done("restore", file)
    there.done("audit", "verify")


@pytest.fixture
def restorable(small: Side) -> tuple[Side, Path]:
    """A district, and its backup."""
    return small, small.project.folder / "one.zip"


def test_other_master_keys_are_refused_in_words(restorable: tuple[Side, Path], tmp_path: Path) -> None:
    small, file = restorable
    there = small.twin(tmp_path / "there", FILES)
    (there.project.folder / "linli.keys").unlink()
    without = there("restore", file)
    assert without.stderr.startswith("error: MASTER_KEYS_DIFFER: The master keys here do not open the backup")
    assert not (there.project.folder / "linli.keys").exists()
    other = Side(Project(tmp_path / "other", FILES, ("first",)), small.found)
    other.project.folder.mkdir()
    other.project.write()
    other.done("migrate")
    shutil.copy(other.project.folder / "linli.keys", there.project.folder)
    assert there("restore", file).stderr.startswith("error: MASTER_KEYS_DIFFER")
    assert not there.project.exists()


def test_it_goes_into_a_migrated_root_and_never_over_what_somebody_wrote(side: Side) -> None:
    file = side.project.folder / "one.zip"
    side.fill(people=2)
    side.done("backup", file)
    refused = side("restore", file)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("error: DISTRICT_NOT_EMPTY")
    there = elsewhere(side, "there")
    there.done("migrate")
    there.done("restore", file)
    there.done("audit", "verify")
    assert there("restore", file).stderr.startswith("error: DISTRICT_NOT_EMPTY")


def test_migrations_go_on_after_a_backup_of_before(restorable: tuple[Side, Path], tmp_path: Path) -> None:
    small, _ = restorable
    without = Side(small.project, installed())
    core_only = without.twin(tmp_path / "core", FILES)
    core_only.project.write()
    core_only.done("migrate")
    core_only.done("backup", tmp_path / "core.zip")
    there = small.twin(tmp_path / "there", FILES)
    there.done("migrate")
    assert there("restore", tmp_path / "core.zip").stderr.startswith("error: DISTRICT_AHEAD")
    there.project.file().unlink()
    there.done("restore", tmp_path / "core.zip")
    assert "venues.0001_initial applied" in there.done("migrate")


RUN = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
application(installed([importlib.import_module("made_for_cli_reacting")]))(sys.argv[2:])
"""


def _killed(side: Side, folder: Path, seconds: float, *arguments: object) -> bool:
    """Run a command in a process of its own and kill it after a while; whether it was still at work."""
    options = ["--district", side.project.key, "--config", side.project.config]
    command = [sys.executable, "-c", RUN, str(folder), *map(str, arguments), *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
    return process.returncode == -signal.SIGKILL


def test_a_restore_that_is_killed_at_any_moment_leaves_an_empty_district_or_a_whole_one(side: Side) -> None:
    folder = side.project.folder
    side.fill(people=50)
    side.done("backup", folder / "one.zip")
    people = len(held(folder / "one.zip")[1]["core_person"])
    there = elsewhere(side, "there")
    began = time.monotonic()
    assert not _killed(there, folder, 60, "restore", folder / "one.zip")
    takes = time.monotonic() - began
    chance = random.Random(5)
    killed = 0
    for _ in range(6):
        _away(there)
        killed += _killed(there, folder, takes * chance.uniform(0.3, 1.0), "restore", folder / "one.zip")
        found = _people(there)
        assert found in (0, people), found
        if found == 0:
            there.done("restore", folder / "one.zip")
        there.done("audit", "verify")
        there.done("files", "verify")
    _away(there)
    assert killed > 0


def _away(side: Side) -> None:
    if side.project.url.startswith("postgres"):
        side.project.drop()
    else:
        shutil.rmtree(side.project.folder / "data", ignore_errors=True)


def _people(side: Side) -> int:
    if not side.project.exists() or "core_person" not in _tables(side):
        return 0
    return int(side.project.query("SELECT count(*) FROM core_person")[0][0])


def _tables(side: Side) -> set[str]:
    if side.project.url.startswith("postgres"):
        return {
            name
            for (name,) in side.project.query(
                "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
            )
        }
    return {name for (name,) in side.project.query("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_backup_that_is_killed_leaves_no_file_under_its_name(small: Side, tmp_path: Path) -> None:
    for seconds in (0.9, 1.2, 1.5):
        whole = not _killed(small, tmp_path, seconds, "backup", tmp_path / "killed.zip")
        if (tmp_path / "killed.zip").exists():
            held(tmp_path / "killed.zip")
            (tmp_path / "killed.zip").unlink()
        else:
            assert not whole


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
)
VALUES: list[tuple[fields.Field[Any], st.SearchStrategy[Any]]] = [
    (fields.UUIDField(), st.uuids()),
    (Instant(), st.datetimes(min_value=datetime(1900, 1, 1), timezones=st.timezones())),  # noqa: DTZ001
    (fields.DateField(), st.dates(min_value=date(1, 1, 1))),
    (LongText(), WORDS),
    (fields.BooleanField(), st.booleans()),
    (fields.BigIntField(), st.integers(-(2**63), 2**63 - 1)),
    (fields.BinaryField(), st.binary()),
    (Json(), st.dictionaries(WORDS, JSONS)),
]


@given(st.data())
def test_every_value_comes_back_as_it_was(data: st.DataObject) -> None:
    field, values = data.draw(st.sampled_from(VALUES))
    value = data.draw(values)
    kept = json.loads(json.dumps(neutral(value)))
    for dialect in ("sqlite", "postgres"):
        written = writer(field, dialect)(kept)
        read = field.to_python_value(written)
        assert (UUID(read) if isinstance(value, UUID) and isinstance(read, str) else read) == value
    assert writer(field, "sqlite")(None) is None
