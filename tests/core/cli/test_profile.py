"""`linli check --profile mlps3`: a table that follows the configuration, and claims nothing that was not looked at."""

from __future__ import annotations

import re

import pytest

from linli.core.cli.mlps3 import CONTROLS, audit
from linli.core.people.models import Post
from tests.core.cli.projects import Linli, Project

CLAUSE = re.compile(r"8\.1\.[45](\.\d+)?(-\d)?( [a-g](-[a-g])?)?|-")
SETTINGS = "[districts.yueyanglou.settings.core"


def judged(linli: Linli, project: Project) -> tuple[int, dict[str, str]]:
    """The exit code, and the state of each control by clause and title."""
    result = linli("check", "--profile", "mlps3", "--config", project.config)
    rows = [line.split("\t") for line in result.stdout.splitlines() if line.startswith(("8.1.", "-\t"))]
    return result.exit_code, {f"{row[0]} {row[2]}": row[3] for row in rows}


def test_every_control_is_told_once_with_its_clause_and_something_to_do_where_it_is_not_met(
    linli: Linli, migrated: Project
) -> None:
    result = linli("check", "--profile", "mlps3", "--config", migrated.config)
    assert result.exit_code == 1
    rows = [line.split("\t") for line in result.stdout.splitlines()][1:]
    assert [row[0] for row in rows] == [control.clause for control in CONTROLS]
    assert {f"8.1.4.{number}" for number in range(1, 12)} <= {row[0].split()[0] for row in rows}
    for clause, district, title, state, found, remedy in rows:
        assert CLAUSE.fullmatch(clause), clause
        assert district == migrated.key
        assert title
        assert found
        assert remedy or state == "met", clause
    assert f"error: controls that are not met: {sum(row[3] == 'not met' for row in rows)}" in result.stderr


@pytest.mark.parametrize(
    ("more", "control", "before", "after"),
    [
        ("[server]\nintrospection = false\ngraphiql = false\n", "8.1.4.4 a-b", "not met", "met"),
        ('[server]\nhost = "0.0.0.0"\n', "8.1.4.4 c", "by environment", "not met"),
        ("[server]\nhttps = true\n", "8.1.4.1 c", "not met", "by environment"),
        ('[keys]\nmaster = "env:LINLI_MASTER_KEYS"\n', "- Keys", "not met", "met"),
        ("[server]\nmax_body_bytes = 20000000\n", "8.1.4.4 d", "met", "not met"),
        ("[server]\nmax_seconds = 600\n", "8.1.4.4 d", "met", "not met"),
        (f'{SETTINGS}.roles.resident]\nadd = ["core.person.read"]\n', "8.1.4.2 a", "met", "not met"),
        (f'{SETTINGS}.roles.street-official]\nadd = ["core.grant.write"]\n', "8.1.4.2 e", "met", "not met"),
        (
            f'{SETTINGS}.roles.district-admin]\nremove = ["core.grant.write"]\n'
            f'{SETTINGS}.roles.security-admin]\nremove = ["core.grant.write"]\n',
            "8.1.4.2 e",
            "met",
            "not met",
        ),
        (f"{SETTINGS}]\nthree_admins = true\n", "8.1.4.2 d", "not met", "met"),
        (f"{SETTINGS}]\nthree_admins = true\n", "8.1.5.1-3", "not met", "met"),
        (
            f'{SETTINGS}]\nsecond_factor_roles = ["system-admin", "security-admin", "auditor", "district-admin"]\n',
            "8.1.4.1 d",
            "not met",
            "met",
        ),
    ],
)
def test_states_follow_the_configuration(  # noqa: PLR0917  a table's columns
    linli: Linli,
    migrated: Project,
    monkeypatch: pytest.MonkeyPatch,
    more: str,
    control: str,
    before: str,
    after: str,
) -> None:
    def state() -> str:
        _, found = judged(linli, migrated)
        (only,) = (state for name, state in found.items() if name.startswith(control))
        return only

    assert state() == before
    if "LINLI_MASTER_KEYS" in more:
        monkeypatch.setenv("LINLI_MASTER_KEYS", (migrated.folder / "linli.keys").read_text("utf-8").splitlines()[-1])
    migrated.write(more)
    assert state() == after


def test_a_model_or_column_that_says_nothing_of_who_sees_it_is_named(
    linli: Linli, migrated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    granularity = "8.1.4.2 f Granularity of records and fields."
    assert judged(linli, migrated)[1][granularity] == "met"
    monkeypatch.setattr(Post._meta.fields_map["kind"], "field_class", None)
    result = linli("check", "--profile", "mlps3", "--config", migrated.config)
    assert "Nothing says who sees: Post.kind." in result.stdout
    monkeypatch.delattr(Post, "visible")
    result = linli("check", "--profile", "mlps3", "--config", migrated.config)
    assert "Nothing says who sees: Post, Post.kind." in result.stdout


def test_an_action_that_is_recorded_no_more_is_named(
    linli: Linli, migrated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    covered = "8.1.4.3 a-b Who did what, and when."
    assert judged(linli, migrated)[1][covered] == "met"
    monkeypatch.setattr(audit, "WATCHED", audit.WATCHED | {"core.file_read"})
    result = linli("check", "--profile", "mlps3", "--config", migrated.config)
    assert "Not recorded: core.file_read." in result.stdout
    assert judged(linli, migrated)[1][covered] == "not met"


def test_nothing_is_called_met_that_no_configuration_and_no_fact_could_make_otherwise(
    linli: Linli, migrated: Project
) -> None:
    """What is met here is turned to not met by a test above, or looks at what the district stores or its plugins do."""
    _, found = judged(linli, migrated)
    looked_at = ("8.1.4.8 b Confidentiality", "8.1.4.11")
    turned = ("8.1.4.2 a", "8.1.4.2 e", "8.1.4.2 f", "8.1.4.3 a-b", "8.1.4.4 d", "8.1.4.1 b")
    met = [name for name, state in found.items() if state == "met"]
    assert [name for name in met if not name.startswith((*looked_at, *turned))] == []


def test_the_suite_is_judged_by_what_is_stored_and_not_by_what_is_configured(linli: Linli, migrated: Project) -> None:
    national = "- National cryptography."
    migrated.write('[districts.yueyanglou.settings.core]\ncrypto_suite = "gm"\n')
    assert judged(linli, migrated)[1][national] == "not met"
    assert linli("keys", "rotate", "--config", migrated.config).exit_code == 0
    assert judged(linli, migrated)[1][national] == "met"


def test_the_table_is_told_in_chinese(linli: Linli, migrated: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    result = linli("check", "--profile", "mlps3", "--config", migrated.config)
    lines = result.stdout.splitlines()
    assert lines[0].split("\t") == ["条款", "区县", "控制点", "状态", "现状", "建议"]
    for line in lines[1:]:
        _, _, title, state, found, remedy = line.split("\t")
        assert state in ("符合", "不符合", "取决于环境")
        for told in (title, found, remedy):
            assert not re.match(r"[A-Z][a-z]+ [a-z]", told), told


def test_the_english_table_has_no_chinese(linli: Linli, migrated: Project) -> None:
    result = linli("check", "--profile", "mlps3", "--config", migrated.config)
    assert not re.findall(r".*[\u4e00-\u9fff].*", result.stdout)


def test_an_unknown_profile_and_a_wrong_configuration_are_refused(linli: Linli, sqlite: Project) -> None:
    unknown = linli("check", "--profile", "mlps", "--config", sqlite.config)
    assert (unknown.exit_code, 'did you mean "mlps3"?' in unknown.stderr) == (2, True)
    behind = linli("check", "--profile", "mlps3", "--config", sqlite.config)
    assert (behind.exit_code, "run `linli migrate --district yueyanglou` first" in behind.stderr) == (1, True)
