from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema

from linli.core.cli.messages import UsageError
from linli.core.plugins.discovery import installed
from linli.schema.commands.sdl import of_plugins
from tests.core.cli.projects import Linli, Maker, Project

OLD = "type Query { a: Int b(x: Int): E } enum E { ONE }"


def test_the_schema_of_a_district_is_printed_without_its_database(linli: Linli, sqlite: Project) -> None:
    result = linli("schema", "print", "--district", "yueyanglou", "--config", sqlite.config)
    assert (result.exit_code, result.stderr) == (0, "")
    schema = build_schema(result.stdout)
    assert schema.query_type is not None
    names = list(schema.query_type.fields)
    assert names == sorted(names)
    assert "org" in names
    assert not sqlite.exists()


def test_the_only_district_needs_no_name(linli: Linli, sqlite: Project) -> None:
    named = linli("schema", "print", "--district", "yueyanglou", "--config", sqlite.config)
    assert linli("schema", "print", "--config", sqlite.config).stdout == named.stdout


def test_a_choice_of_plugins_needs_no_configuration(linli: Linli, tmp_path: Path) -> None:
    plain = linli("schema", "print", "--plugins", "", "--config", tmp_path / "none.toml")
    every = linli("schema", "print", "--plugins", "all")
    named = linli("schema", "print", "--plugins", "venues")
    assert (plain.exit_code, every.exit_code, named.exit_code) == (0, 0, 0)
    assert len(named.stdout) >= len(plain.stdout)
    assert len(every.stdout) >= len(named.stdout)
    assert build_schema(every.stdout).query_type is not None


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--plugins", "venue"], 'unknown plugin "venue"; did you mean "venues"?'),
        (["--plugins", "graphql"], 'unknown plugin "graphql"; expected one of: '),
        (["--plugins", "venues", "--district", "yueyanglou"], "--district and --plugins at once; name one of them"),
        (["--district", "yueyang"], 'unknown district "yueyang"; did you mean "yueyanglou"?'),
    ],
)
def test_a_wrong_choice_is_refused(linli: Linli, sqlite: Project, arguments: list[str], told: str) -> None:
    result = linli("schema", "print", *arguments, "--config", sqlite.config)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {told}")


async def test_a_plugin_comes_with_those_it_depends_on(made: Maker) -> None:
    plugins = installed([made("doors"), made("keys", depends_on={"doors": ""})])
    assert await of_plugins(plugins, "doors, keys")
    with pytest.raises(UsageError, match="keys depends on doors; add it to --plugins"):
        await of_plugins(plugins, "keys")


@pytest.fixture
def compare(linli: Linli, tmp_path: Path) -> Linli:
    """Compares two texts as OLD and NEW."""

    def run(*texts: str) -> object:
        files = [tmp_path / f"{number}.graphql" for number, _ in enumerate(texts)]
        for file, text in zip(files, texts, strict=True):
            file.write_text(text, "utf-8")
        return linli("schema", "diff", *files)

    return run  # type: ignore[return-value]  # the same result


@pytest.mark.parametrize(
    ("new", "code", "rows"),
    [
        (OLD.replace("a: Int", "a: String"), 1, ["breaking\tFIELD_CHANGED_KIND\tField Query.a changed type"]),
        (OLD.replace("a: Int", ""), 1, ["breaking\tFIELD_REMOVED\tField Query.a was removed."]),
        (OLD.replace("{ ONE }", "{ ONE TWO }"), 0, ["dangerous\tVALUE_ADDED_TO_ENUM\tEnum value E.TWO was added."]),
        (OLD.replace("a: Int", "a: Int c: Int"), 0, ["safe\tFIELD_ADDED\tField Query.c was added."]),
        (
            OLD.replace("a: Int", "c: Int").replace("{ ONE }", "{ ONE TWO }"),
            1,
            ["breaking\tFIELD_REMOVED", "dangerous\tVALUE_ADDED_TO_ENUM", "safe\tFIELD_ADDED"],
        ),
    ],
)
def test_changes_are_weighed_and_the_gravest_stands_first(compare: Linli, new: str, code: int, rows: list[str]) -> None:
    result = compare(OLD, new)
    header, *found = result.stdout.splitlines()
    assert (result.exit_code, header) == (code, "weight\tchange\twhat")
    assert [line.startswith(row) for line, row in zip(found, rows, strict=True)] == [True] * len(rows)
    broken = "error: changes that break clients: 1; deprecate first, and remove later\n"
    assert result.stderr == (broken if code else "")


def test_equal_schemas_have_no_changes(compare: Linli) -> None:
    result = compare(OLD, OLD)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "nothing changed\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("type Query {\n a: Int", "1.graphql:2: no schema: Syntax Error: Expected Name, found <EOF>."),
        ("type Query { a: Missing }", "1.graphql: no schema: Unknown type 'Missing'."),
        ("", "1.graphql:1: no schema: Syntax Error: Unexpected <EOF>."),
    ],
)
def test_a_file_without_a_schema_is_refused(compare: Linli, text: str, told: str) -> None:
    result = compare(OLD, text)
    assert result.exit_code == 1
    assert told in result.stderr
    assert "expected SDL as `linli schema print` writes it" in result.stderr


def test_a_file_that_is_not_there_is_refused(linli: Linli) -> None:
    result = linli("schema", "diff", "nowhere.graphql", "nowhere.graphql")
    assert result.exit_code == 2
    assert result.stderr.startswith("error: OLD: file 'nowhere.graphql' does not exist.")


def test_explain_tells_who_answers_each_root_field_and_by_what(linli: Linli, project: Project) -> None:
    assert linli("migrate", "--config", project.config).exit_code == 0
    asked = project.config.parent / "asked.graphql"
    orgs = "orgs(filter: {name: {eq: $n}}) { nodes { name boundary } }"
    asked.write_text(f"query ($n: String) {{ {orgs} district {{ key }} }}")
    given = ("--query", str(asked), "--variables", '{"n": "甲"}', "--district", project.key, "--config", project.config)
    told = linli("schema", "explain", *given)
    assert told.exit_code == 0, told.output
    assert "orgs: compiled" in told.stdout
    assert "computed by Python: OrgNode.boundary" in told.stdout
    assert "core_org_node" in told.stdout
    assert "甲" not in told.stdout
    assert "district: resolved\n  a resolver answers what is no declared record" in told.stdout


def test_explain_refuses_what_is_not_valid(linli: Linli, project: Project) -> None:
    assert linli("migrate", "--config", project.config).exit_code == 0
    asked = project.config.parent / "asked.graphql"
    asked.write_text("{ nothing }")
    told = linli("schema", "explain", "--query", str(asked), "--district", project.key, "--config", project.config)
    assert told.exit_code == 1
    assert "nothing" in told.stderr
