"""`linli ledger`: the ledgers of a district, written by an operator or as an account sees them, and recorded."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from linli.core.access import granting
from linli.core.access import services as access
from linli.core.config import load
from linli.core.districts import District, open_platform
from linli.core.graph import services as graph
from linli.core.graph.models import OrgNode
from linli.core.people import services as people
from linli.core.plugins.discovery import installed
from linli.core.records.unit_of_work import transact
from tests.core.cli.projects import Linli, Project, aside
from tests.schema.ledgers.office import Workbook, opened

PHONE = "13800138000"
PLACES = (("430602003000", "SUBDISTRICT"), ("430602003006", "COMMUNITY"))


async def _filled(project: Project) -> None:
    """A street with a community where two people live, and its official."""

    async def work(_unit: object) -> None:
        await _grow(platform.districts[project.key])

    found = installed()
    async with open_platform(load(project.config, found), found, [project.key]) as platform:
        with platform.districts[project.key].scope():
            await transact(work)


async def _grow(district: District) -> None:
    above = await OrgNode.get(parent_id=None)
    for code, kind in PLACES:
        above = await graph.create_org(
            district.kinds, kind=kind, name=f"示例{kind}", parent_id=above.id, code=code, valid_from=None
        )
    for name in ("示例甲", "示例乙"):
        await people.create_person(name=name, habitual_residence_id=above.id, phone=PHONE)
    account = await access.create_account("official", None, None)
    given = {"account_id": account.id, "org_id": above.id, "valid_from": None, "valid_to": None}
    await granting.grant_role(district.granting, role="community-staff", **given)  # type: ignore[arg-type]


@pytest.fixture
def filled(linli: Linli, project: Project) -> Project:
    assert linli("migrate", "--config", project.config).exit_code == 0
    aside(_filled(project))
    return project


Export = Callable[..., tuple[Path, str]]


@pytest.fixture
def export(linli: Linli, filled: Project) -> Export:
    """Exports residents of the community and answers the file and what was said."""

    def run(*more: str, name: str = "out.xlsx", code: str = "core.residents") -> tuple[Path, str]:
        out = filled.folder / name
        at = ("--district", filled.key, "--at", "430602003006", "--config", filled.config)
        result = linli("ledger", "export", code, "--out", out, *at, *more)
        return out, result.output if result.exit_code else result.stdout

    return run


def _read(file: Path) -> Workbook:
    return opened(file.read_bytes())


def test_an_operator_gets_a_masked_file_of_ones_own_and_that_is_recorded(export: Export, filled: Project) -> None:
    out, said = export()
    assert "2 rows are in" in said
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    book = _read(out)
    assert (book.column("姓名"), book.column("电话")) == (["示例甲", "示例乙"], ["138****8000"] * 2)
    assert "已脱敏" in book.only[1][0]
    ((kind, actor),) = filled.query("SELECT subject_type, actor_id FROM core_event WHERE type = 'core.ledger_exported'")
    assert (kind, actor) == ("OrgNode", None)
    assert list((filled.folder / "data" / "files" / filled.key / "ledgers").iterdir()) == []


def test_what_a_killed_export_left_in_the_clear_goes_with_the_next_command(linli: Linli, filled: Project) -> None:
    above = filled.folder / "data" / "files" / filled.key / "ledgers"
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from linli.core.files.passing import passing\n"
        "with passing(Path(sys.argv[1])) as folder:\n"
        "    (folder / 'rows').write_text('示例甲 13800138000')\n"
        "    print('there', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", script, str(above)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as working:
        assert working.stdout is not None
        working.stdout.readline()
        assert linli("import", "list", "--district", filled.key, "--config", filled.config).exit_code == 0
        assert sum(file.name == "rows" for file in above.rglob("*")) == 1, "what is in use stays"
        working.kill()
    assert sum(file.name == "rows" for file in above.rglob("*")) == 1
    assert linli("import", "list", "--district", filled.key, "--config", filled.config).exit_code == 0
    assert list(above.iterdir()) == []


def test_with_a_purpose_values_are_whole(export: Export, filled: Project) -> None:
    out, said = export("--purpose", "年度核对", "--columns", "name,phone")
    assert "values of 2 people are shown in full: phone" in said
    assert _read(out).only[2] == ["序号", "姓名", "电话"]
    assert _read(out).column("电话") == [PHONE, PHONE]
    rows = filled.query("SELECT id FROM core_event WHERE type = 'core.ledger_exported'")
    assert len(rows) == 1


def test_as_an_account_one_gets_what_it_sees(export: Export, filled: Project) -> None:
    out, _ = export("--as", "official")
    assert _read(out).column("姓名") == ["示例甲", "示例乙"]
    refused, said = export("--as", "official", "--purpose", "年度核对", name="other.xlsx")
    assert (refused.exists(), "may not see this in full here" in said) == (False, True)
    _, said = export("--as", "nobody", name="third.xlsx")
    assert "nobody" in said
    ((actor,),) = filled.query("SELECT actor_id FROM core_event WHERE type = 'core.ledger_exported'")
    assert actor is not None


def test_nothing_is_overwritten_and_nothing_unknown_is_written(export: Export, filled: Project) -> None:
    out, _ = export()
    kept = out.read_bytes()
    _, said = export()
    assert ("is there already" in said, out.read_bytes()) == (True, kept)
    for more, near in (
        (("--columns", "nam"), "name"),
        (("--filter", "genders=MALE"), "gender"),
        (("--filter", "gender"), "KEY=VALUES"),
        (("--group-by", "grids"), "grid"),
        (("--language", "fr"), "zh-CN"),
        (("--template", "roster"), "roster"),
    ):
        other, said = export(*more, name="other.xlsx")
        assert (other.exists(), near in said) == (False, True), said
    _, said = export(name="other.xlsx", code="core.resident")
    assert "core.residents" in said


def test_an_operator_may_narrow_by_masked_values_and_the_event_tells(export: Export, filled: Project) -> None:
    out, said = export("--filter", "gender=MALE")
    assert ("0 rows are in" in said, _read(out).column("姓名")) == (True, [])


def test_ledgers_are_listed_and_a_template_is_written_without_a_database(linli: Linli, sqlite: Project) -> None:
    listed = linli("ledger", "list", "--config", sqlite.config)
    assert (listed.exit_code, "core.residents\t网格居民花名册" in listed.stdout) == (0, True)
    out = sqlite.folder / "t.xlsx"
    made = linli("ledger", "template", "core.owners", out, "--config", sqlite.config)
    assert made.exit_code == 0, made.output
    assert opened(out.read_bytes()).only[3][:3] == ["{{no}}", "{{building}}", "{{unit}}"]
    unknown = linli("ledger", "template", "core.owner", sqlite.folder / "u.xlsx", "--config", sqlite.config)
    assert (unknown.exit_code, "core.owners" in unknown.stderr) == (2, True)
    again = linli("ledger", "template", "core.owners", out, "--config", sqlite.config)
    assert (again.exit_code, "is there already" in again.stderr) == (1, True)


def test_a_template_is_filled_and_check_tells_what_is_wrong_with_it(linli: Linli, migrated: Project) -> None:
    migrated.write(
        '[districts.yueyanglou.settings.core.ledger_templates]\nr = { ledger = "core.residents", file = "t.xlsx" }\n'
    )
    missing = linli("check", "--config", migrated.config)
    assert "t.xlsx cannot be read" in missing.output
    made = linli("ledger", "template", "core.residents", migrated.folder / "t.xlsx", "--config", migrated.config)
    assert made.exit_code == 0
    assert "t.xlsx" not in linli("check", "--config", migrated.config).output
    out = migrated.folder / "out.xlsx"
    done = linli("ledger", "export", "core.residents", "--out", out, "--template", "r", "--config", migrated.config)
    assert done.exit_code == 0, done.output
    assert "合计：0" in str(opened(out.read_bytes()).only[-1])
