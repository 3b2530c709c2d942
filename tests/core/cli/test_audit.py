from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linli.core.access.tokens import digest
from linli.core.records.checkpoints import Checkpoint
from linli.core.records.verify_findings import Anchor
from tests.core.cli.projects import Linli, Project

KEY = ("019a0000-0000-7000-8000-000000000001", "AES-256-GCM:k1.1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")


def prepared(linli: Linli, project: Project) -> list[object]:
    """A district with a few events; the options that name it."""
    named: list[object] = ["--config", project.config, "--district", project.key]
    assert linli("account", "create", "boss", "--role", "district-admin", *named).exit_code == 0
    return named


def test_a_chain_that_nobody_touched_holds(linli: Linli, migrated: Project) -> None:
    named = prepared(linli, migrated)
    result = linli("audit", "verify", *named)
    assert (result.exit_code, "the chain holds" in result.stdout) == (0, True)


def test_what_the_command_line_does_is_told_without_secrets_and_the_chain_holds(linli: Linli, project: Project) -> None:
    linli("migrate", "--config", project.config)
    named = prepared(linli, project)
    token = linli("token", "create", "--account", "boss", "--ttl", "30d", *named).stdout.strip()
    result = linli("audit", "verify", *named)
    assert (result.exit_code, "the chain holds" in result.stdout) == (0, True)
    told = project.query(
        "SELECT e.type, e.subject_type, e.actor_id, p.payload FROM core_event e"
        " JOIN core_event_payload p ON p.id = e.id ORDER BY e.sequence"
    )
    assert [row[:3] for row in told[-3:]] == [
        ("core.account_created", "Account", None),
        ("core.grant_given", "Grant", None),
        ("core.token_issued", "Account", None),
    ]
    assert token
    assert "expires_at" in told[-1][3]
    assert not any(secret in row[3] for row in told for secret in (token, digest(token)))


def test_a_changed_event_is_named_and_ends_the_command_with_1(linli: Linli, migrated: Project) -> None:
    named = prepared(linli, migrated)
    with sqlite3.connect(migrated.file()) as database:
        database.execute("UPDATE core_event SET type = 'core.org_ended' WHERE sequence = 1")
    database.close()
    result = linli("audit", "verify", *named)
    assert result.exit_code == 1
    assert "chain is broken" in result.stderr


def test_encrypted_values_that_were_exchanged_are_named_and_end_the_command_with_1(
    linli: Linli, migrated: Project
) -> None:
    named = prepared(linli, migrated)
    with sqlite3.connect(migrated.file()) as database:
        database.execute("INSERT INTO core_person_key (id, secret, created_at) VALUES (?, ?, CURRENT_TIMESTAMP)", KEY)
    database.close()
    result = linli("audit", "verify", *named)
    assert (result.exit_code, "the chain holds" in result.stdout) == (1, True)
    assert f"VALUE_ALTERED\tcore_person_key.secret of row {KEY[0]} does not open" in result.stdout
    assert "1 encrypted values were altered" in result.stderr
    assert "from a backup" in result.stderr
    stopped = linli("keys", "rotate", *named)
    assert stopped.exit_code == 1
    assert f"error: core_person_key.secret|{KEY[0]}: an encrypted value does not open" in stopped.stderr
    assert "`linli audit verify` names all values" in stopped.stderr
    migrated.change("UPDATE core_event SET type = 'core.org_ended' WHERE sequence = 1")
    both = linli("audit", "verify", *named)
    assert both.exit_code == 1
    assert "the chain is broken in 1 places" in both.stderr
    assert "1 encrypted values were altered" in both.stderr


def test_a_checkpoint_is_found_again_until_the_chain_is_written_anew(linli: Linli, migrated: Project) -> None:
    named = prepared(linli, migrated)
    file = migrated.folder / "checkpoint.json"
    assert linli("audit", "checkpoint", file, *named).exit_code == 0
    noted = json.loads(file.read_text("utf-8"))
    assert (noted["district"], noted["suite"]) == (migrated.key, "SHA-256")
    linli("account", "create", "second", *named)
    result = linli("audit", "verify", "--checkpoint", file, *named)
    assert (result.exit_code, "contains the checkpoint" in result.stdout) == (0, True)
    (sequence,) = migrated.query("SELECT max(sequence) FROM core_event")[0]
    assert sequence > noted["sequence"]
    migrated.change(
        f"DELETE FROM core_event_payload WHERE id IN (SELECT id FROM core_event WHERE sequence >= {noted['sequence']});"
        f"DELETE FROM core_event WHERE sequence >= {noted['sequence']};"
    )
    assert linli("audit", "verify", *named).exit_code == 0  # what was cut off with its payload leaves no gap
    broken = linli("audit", "verify", "--checkpoint", file, *named)
    assert (broken.exit_code, "ANCHOR_MISSED" in broken.stdout) == (1, True)


@pytest.mark.parametrize("change", ["sequence", "chain", "district", "nonsense", "empty"])
def test_a_checkpoint_that_is_none_is_refused(linli: Linli, migrated: Project, change: str) -> None:
    named = prepared(linli, migrated)
    file = migrated.folder / "checkpoint.json"
    linli("audit", "checkpoint", file, *named)
    told = json.loads(file.read_text("utf-8"))
    texts = {"nonsense": "not JSON", "empty": "{}"}
    forged = json.dumps({**told, change: 1 if change == "sequence" else "other"})
    file.write_text(texts.get(change, forged), "utf-8")
    result = linli("audit", "verify", "--checkpoint", file, *named)
    assert (result.exit_code, "cannot be used as a checkpoint" in result.stderr) == (1, True)


def test_a_checkpoint_of_another_district_is_refused(linli: Linli, migrated: Project) -> None:
    named = prepared(linli, migrated)
    file = migrated.folder / "checkpoint.json"
    anchor = Anchor(1, "00")
    file.write_text(Checkpoint("tongjiang", anchor, "SM3", datetime.now(UTC)).written(), "utf-8")
    result = linli("audit", "verify", "--checkpoint", file, *named)
    assert (result.exit_code, "is a checkpoint of tongjiang" in result.stderr) == (1, True)


def test_files_are_not_written_over_and_a_broken_chain_gets_no_checkpoint(linli: Linli, migrated: Project) -> None:
    named = prepared(linli, migrated)
    file = migrated.folder / "there"
    file.write_text("precious", "utf-8")
    for command in ("checkpoint", "export"):
        assert linli("audit", command, file, *named).exit_code == 1
    assert file.read_text("utf-8") == "precious"
    migrated.change("UPDATE core_event SET type = 'core.org_ended' WHERE sequence = 1")
    other = migrated.folder / "other"
    assert linli("audit", "checkpoint", other, *named).exit_code == 1
    assert not other.exists()


def test_the_exported_chain_is_checked_without_linli_as_documented(linli: Linli, migrated: Project) -> None:
    named = prepared(linli, migrated)
    events, noted = migrated.folder / "events.jsonl", migrated.folder / "checkpoint.json"
    assert linli("audit", "checkpoint", noted, *named).exit_code == 0
    assert linli("audit", "export", events, *named).exit_code == 0
    documented = (Path(__file__).parents[3] / "docs" / "operators.md").read_text("utf-8")
    script = documented.partition("```python\n")[2].partition("```")[0]
    checking = [sys.executable, "-c", script, migrated.key, str(events), str(noted)]
    assert subprocess.run(checking, capture_output=True, text=True, check=True).stdout == "the chain holds\n"
    events.write_text(events.read_text("utf-8").replace("core.account_created", "core.account_altered"), "utf-8")
    assert subprocess.run(checking, capture_output=True, text=True, check=False).returncode == 1


def test_the_documented_check_finds_an_event_that_was_written_anew_as_an_older_one(
    linli: Linli, migrated: Project
) -> None:
    named = prepared(linli, migrated)
    events, noted = migrated.folder / "events.jsonl", migrated.folder / "checkpoint.json"
    linli("audit", "checkpoint", noted, *named)
    linli("audit", "export", events, *named)
    *_, before, last = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    envelope = json.loads(last["envelope"])
    assert envelope["digest"].startswith("2:")
    older = json.dumps({**envelope, "digest": "0" * 64}, ensure_ascii=False, separators=(",", ":"))
    chain = hashlib.sha256(f"{before['chain']}|{older}".encode()).hexdigest()
    lines = [*events.read_text("utf-8").splitlines()[:-1], json.dumps({**last, "envelope": older, "chain": chain})]
    events.write_text("\n".join(lines), "utf-8")
    documented = (Path(__file__).parents[3] / "docs" / "operators.md").read_text("utf-8")
    script = documented.partition("```python\n")[2].partition("```")[0]
    checking = [sys.executable, "-c", script, migrated.key, str(events), str(noted)]
    done = subprocess.run(checking, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.partition(":")[0]) == (1, "of an older form than the one before")
