"""Roles as a district's configuration adjusts them, checked by `linli check` and refused at the start."""

from __future__ import annotations

import pytest

from linli.core.access.limits import withheld
from linli.core.access.permissions import CORE_PERMISSIONS
from linli.core.access.roles import CORE_ROLES
from linli.core.config import ConfigurationError, load
from linli.core.districts.names import settle_names
from linli.core.plugins.discovery import installed
from linli.core.plugins.problems import PluginError
from tests.core.cli.projects import Linli, Maker, Project

SETTINGS = "[districts.yueyanglou.settings.core"
JUDGING = """
    from linli.core.access.permissions import Permission
    from linli.core.access.roles import RoleContribution

    @hookimpl
    def linli_permissions():
        return [Permission("judges.case.decide", "Decide. 裁定。", judges=True)]

    @hookimpl
    def linli_roles():
        return [RoleContribution({role!r}, ({permission!r},))]
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f'{SETTINGS}.roles.comunity-staff]\nadd = ["core.org.read"]', ["UNKNOWN_ROLE", "community-staff"]),
        (f'{SETTINGS}.roles.auditor]\nadd = ["core.org.reed"]', ["UNKNOWN_PERMISSION", 'mean "core.org.read"?']),
        (f'{SETTINGS}.roles.auditor]\nremove = ["core.org.reed"]', ["UNKNOWN_PERMISSION", 'mean "core.org.read"?']),
        (
            f'{SETTINGS}.roles.district-admin]\nadd = ["venues.booking.decide"]',
            ["PERMISSION_WITHHELD", "district-admin manages and does not judge"],
        ),
        (
            f'{SETTINGS}]\nthree_admins = true\n{SETTINGS}.roles.district-admin]\nadd = ["core.grant.write"]',
            ["PERMISSION_WITHHELD", "with three_admins only security-admin grants"],
        ),
    ],
)
def test_a_wrong_role_or_permission_is_found_with_its_line(
    linli: Linli, sqlite: Project, text: str, told: list[str]
) -> None:
    sqlite.write(text, plugins='["venues"]')
    result = linli("check", "--config", sqlite.config)
    assert result.exit_code == 1
    with pytest.raises(ConfigurationError) as refused:
        load(sqlite.config, installed())
    (finding,) = [one for one in refused.value.findings if one.severity == "ERROR"]
    assert finding.code == told[0]
    assert told[1] in finding.render()
    assert finding.line is not None
    assert sqlite.config.read_text("utf-8").splitlines()[finding.line - 1].startswith(("add", "remove", SETTINGS))


def test_right_adjustments_are_no_finding(linli: Linli, migrated: Project) -> None:
    migrated.write(f'{SETTINGS}.roles.community-staff]\nadd = ["core.calendar.write"]\nremove = ["core.post.read"]')
    result = linli("check", "--config", migrated.config)
    assert result.exit_code == 0
    assert "other remarks: 0" in result.stderr


@pytest.mark.parametrize(
    ("role", "permission", "told"),
    [
        ("district-admin", "judges.case.decide", "district-admin manages and does not judge"),
        ("auditor", "judges.case.deside", "judges.case.decide"),
    ],
)
def test_a_plugin_that_gives_a_role_what_it_may_not_hold_does_not_start(
    made: Maker, role: str, permission: str, told: str
) -> None:
    module = made("judges", JUDGING.format(role=role, permission=permission))
    with pytest.raises(PluginError, match=told):
        settle_names(installed([module]))


def test_core_gives_no_role_what_it_may_not_hold() -> None:
    known = {one.name: one for one in CORE_PERMISSIONS}
    given = [(one.role, known[name]) for one in CORE_ROLES for name in one.permissions]
    assert [(role, one.name) for role, one in given if withheld(role, one) is not None] == []
