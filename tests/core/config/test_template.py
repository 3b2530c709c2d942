from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from linli.core.config import (
    CoreSettings,
    DatabaseConfiguration,
    DistrictConfiguration,
    InstalledPlugin,
    Limits,
    ServerConfiguration,
    Severity,
    check,
    load,
    template,
)

Write = Callable[[str | bytes], Path]

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def uncommented(text: str) -> str:
    """The template with all its examples in force, but for those of a pooler, which SQLite has not."""
    return re.sub(r"^#(?=\S)(?!pooler|direct_url)", "", text, flags=re.MULTILINE)


def test_the_template_works_as_it_is(write: Write, installed: list[InstalledPlugin], tmp_path: Path) -> None:
    path = write(template(installed))

    assert check(path, installed) == []
    configuration = load(path, installed)
    assert list(configuration.districts) == ["example"]
    assert configuration.database_of("example").file == tmp_path / "data" / "example.sqlite3"


def test_the_template_needs_no_plugin(write: Write) -> None:
    assert check(write(template([])), []) == []


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an example refers to: a token that stood in the template itself would be everybody's."""
    monkeypatch.setenv("LINLI_PLATFORM_TOKEN", "x" * 32)
    monkeypatch.setenv("GATEWAY_TOKEN", "x" * 32)


def test_every_example_of_the_template_is_right(write: Write, installed: list[InstalledPlugin]) -> None:
    complete = [plugin for plugin in installed if plugin.name != "doors"]
    text = uncommented(template(complete)).replace('= ""', '= "Resolution 7"').replace("= ...", "= 1")
    path = write(text.replace("plugins = []", f"plugins = {[plugin.name for plugin in complete]}"))

    assert {finding.severity for finding in check(path, complete)} == {Severity.NOTE}
    settings = load(path, complete).districts["example"].settings
    told_by_example = dict.fromkeys(("s3", "clamd", "channel_file", "channel_http"))  # there is no default to show
    unset = dict.fromkeys(("requests_per_minute", "requests_per_minute_anonymous"))
    limits = settings.core.at().limits.model_copy(update=unset)
    assert settings.core.at().model_copy(update=told_by_example | {"limits": limits}) == CoreSettings()


def test_a_setting_without_default_cannot_be_forgotten(plugin: Callable[..., InstalledPlugin], write: Write) -> None:
    class Needy(BaseModel):
        token: str

    text = template([plugin("needy", settings_model=Needy)])

    assert "#[districts.example.settings.needy]\n#token = ...\n" in text
    assert check(write(uncommented(text)), [])[0].code == "TOML_SYNTAX"


MODELS = [DatabaseConfiguration, ServerConfiguration, DistrictConfiguration, CoreSettings, Limits]


@pytest.mark.parametrize("model", MODELS)
def test_every_key_is_explained_in_english_and_then_in_chinese(model: type[BaseModel]) -> None:
    lines = template([]).splitlines()
    tables = {name for name, field in model.model_fields.items() if get_args(field.annotation)[:1] == (str,)}

    for name in model.model_fields.keys() - tables - {"limits"}:  # sections of their own
        at = next(index for index, line in enumerate(lines) if re.match(rf"#?{name} = ", line))
        assert not _CHINESE.search(lines[at - 2])
        assert lines[at - 2].startswith("# ")
        assert _CHINESE.search(lines[at - 1])


def test_every_default_is_written_as_toml_has_it(plugin: Callable[..., InstalledPlugin], write: Write) -> None:
    class Shift(BaseModel):
        start: time = time(8)
        end: time = time(17, 30, 15)
        note: str | None = None

    class Rota(BaseModel):
        shifts: tuple[Shift, ...] = (Shift(),)
        heads: dict[str, frozenset[int]] = {"a b": frozenset({3, 1, 2})}
        share: Decimal = Decimal("0.50")

    rota = plugin("rota", settings_model=Rota)
    text = template([rota])

    assert '#shifts = [{start = "08:00", end = "17:30:15"}]\n' in text
    assert '#heads = {"a b" = [1, 2, 3]}\n' in text
    path = write(uncommented(text).replace("plugins = []", 'plugins = ["rota"]'))
    assert load(path, [rota]).districts["example"].settings.for_plugin("rota").at() == Rota()


def test_plugins_are_explained_in_their_own_words(installed: list[InstalledPlugin]) -> None:
    text = template(installed)

    assert '#   plugins = ["doors", "elderly-care", "venues", "volunteer-points"]\n' in text
    assert (
        "# Venues under the opening rule.\n# 场馆开放。\n#[districts.example.settings.venues]\n"
        "# Weekends count as holidays.\n# 周末视同节假日。\n#weekend_is_holiday = true\n"
        '#opens = "07:00"\n#tags = ["reading", "sport"]\n#limits = {per_week = 3}\n'
        "# Days ahead.\n#ahead = ...\n"
    ) in text
    assert '# Volunteers are ranked.\n#rankings = ""\n' in text
