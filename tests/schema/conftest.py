"""Schemas of any choice of plugins, composed without a database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from linli.core.plugins.discovery import installed
from linli.schema.compose import DistrictSchema
from linli.schema.offline import composed

Composer = Callable[..., Awaitable[DistrictSchema]]


@pytest.fixture
def composer() -> Composer:
    """Composes the schema of a district in which these plugins are on."""
    found = installed()
    return lambda *plugins: composed(found, plugins)
