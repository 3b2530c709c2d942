"""The command `linli` with the plugin that counts: `python -m tests.chaos.counting serve ..`."""

from __future__ import annotations

import sys

from linli.core.cli.main import application
from linli.core.plugins.discovery import installed
from tests.chaos import counting

application(installed([counting]))(sys.argv[1:])
