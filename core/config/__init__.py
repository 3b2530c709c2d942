"""Configuration: one file, `linli.toml`, for a server and its districts; wrong ones are refused with every fix.

配置：一个 linli.toml 文件描述服务器与各区县。
"""

from __future__ import annotations

from .core_settings import CoreSettings
from .database import DistrictDatabase
from .findings import ConfigurationError, Finding, Severity
from .installed import InstalledPlugin
from .limits import Limits
from .loading import check, find_config, load
from .models import Configuration, DatabaseConfiguration, DistrictConfiguration, ServerConfiguration
from .schema import config_schema
from .settings import DistrictSettings, ScopedSettings, fingerprint
from .template import template

__all__ = [
    "Configuration",
    "ConfigurationError",
    "CoreSettings",
    "DatabaseConfiguration",
    "DistrictConfiguration",
    "DistrictDatabase",
    "DistrictSettings",
    "Finding",
    "InstalledPlugin",
    "Limits",
    "ScopedSettings",
    "ServerConfiguration",
    "Severity",
    "check",
    "config_schema",
    "find_config",
    "fingerprint",
    "load",
    "template",
]
