from __future__ import annotations

import json

from linli.core.config import config_schema
from linli.core.plugins.discovery import installed
from tests.core.cli.projects import Linli


def test_the_json_schema_of_the_installed_plugins_is_printed(linli: Linli) -> None:
    result = linli("config", "schema")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == config_schema(installed())
    assert result.stderr == ""
