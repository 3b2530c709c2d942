"""Finding, checking and loading a configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from pydantic import BaseModel

from .district_checks import check_databases, check_districts
from .document import Document, at, findings_of_reading, read_document
from .findings import ConfigurationError, Finding, Severity
from .installed import AnyInstalled, Installed, by_name
from .models import Configuration
from .plugin_checks import check_plugins
from .reading import UnreadableError
from .regulated import check_regulated
from .retention_checks import RetentionLimits, check_retention
from .role_checks import Authorities, check_roles
from .settings import DistrictSettings
from .settings_checks import read_settings
from .validation import validate

Settings = dict[str, dict[str, BaseModel]]


def find_config(explicit: Path | None = None) -> Path:
    """The file to read: the one named, else LINLI_CONFIG, else ./linli.toml. It need not exist."""
    return explicit or Path(os.environ.get("LINLI_CONFIG") or "linli.toml")


def check(path: Path, installed: AnyInstalled) -> list[Finding]:
    """Everything there is to say about a configuration, in the order of the file."""
    return _examine(path, installed)[1]


def load(path: Path, installed: AnyInstalled) -> Configuration:
    """The configuration; with an ERROR among its findings raises ConfigurationError, which carries them all."""
    configuration, findings = _examine(path, installed)
    if configuration is None or any(finding.severity is Severity.ERROR for finding in findings):
        raise ConfigurationError(findings)
    return configuration


def _examine(path: Path, found: AnyInstalled) -> tuple[Configuration | None, list[Finding]]:
    installed = by_name(found)
    authorities: Authorities | None = getattr(found, "authority", None)
    try:
        document = read_document(path, installed)
    except UnreadableError as error:
        return None, [error.finding]
    configuration, findings = validate(Configuration, document, ())
    settings, refused = _read_all_settings(document, installed)
    findings += [*refused, *_checks(document, installed, authorities)]
    findings += _retention(document, getattr(found, "retention_limits", None))
    if configuration is not None:
        _complete(configuration, path, settings)
    return configuration, sorted(dict.fromkeys(findings), key=_order)


def _read_all_settings(document: Document, installed: Installed) -> tuple[Settings, list[Finding]]:
    settings: Settings = {}
    findings: list[Finding] = []
    for district in document.districts:
        settings[district], refused = read_settings(document, district, installed)
        findings += refused
    return settings, findings


def _checks(document: Document, installed: Installed, authorities: Authorities | None) -> Iterator[Finding]:
    yield from findings_of_reading(document)
    yield from check_districts(document)
    yield from check_databases(document)
    for district in document.districts:
        yield from check_plugins(document, district, installed)
        yield from check_regulated(document, district, installed)
        yield from check_roles(document, district, installed, authorities)


def _retention(document: Document, limits: Callable[[], RetentionLimits] | None) -> Iterator[Finding]:
    """The plugins' rules are asked for only where a district adjusts one: they come with the models."""
    table = ("settings", "core", "retention")
    adjusting = [district for district in document.districts if at(document.districts[district], table)]
    known = limits() if limits is not None and adjusting else None
    for district in adjusting:
        yield from check_retention(document, district, known)


def _complete(configuration: Configuration, path: Path, settings: Settings) -> None:
    """Add what pydantic does not read: where the file is, and the settings by their owners' models."""
    configuration._file = path.absolute()
    for key, district in configuration.districts.items():
        district._settings = DistrictSettings(settings[key])


def _order(finding: Finding) -> tuple[str, int, str]:
    return finding.file, finding.line or 0, finding.where
