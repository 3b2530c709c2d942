"""What `linli check` finds about keys: whether the master keys are there, and how the district's values are kept."""

from __future__ import annotations

from collections.abc import Iterator

from linli.core.config import Configuration, Finding, Severity
from linli.core.crypto.masters import MasterKeyError
from linli.core.districts import District
from linli.core.districts.custody import masters_of
from linli.core.plugins.inventory import Installed
from linli.core.records.keys import NoKeysError, WrongMasterKeyError

PLACE = "keys.master"


def of_masters(configuration: Configuration, installed: Installed) -> list[Finding]:
    """Why the master keys cannot be had, whether a district needs them already or not.

    A file that is not there yet is none: `linli migrate` makes it, and a district that needs it tells by itself.
    """
    scheme, _, address = configuration.keys.master.partition(":")
    if scheme == "file" and not (configuration.folder / address).exists():
        return []
    try:
        masters_of(configuration, installed).newest()
    except MasterKeyError as error:
        return [of_failure(error)]
    return []


def of_failure(error: MasterKeyError | NoKeysError, key: str | None = None) -> Finding:
    """A failure of the keys in the words that it brings; one that concerns a district alone names it by its `key`."""
    if isinstance(error, WrongMasterKeyError | NoKeysError) and key is not None:
        code = "MASTER_KEY_WRONG" if isinstance(error, WrongMasterKeyError) else "NO_KEYS"
        return Finding(Severity.ERROR, f"district {key}", None, "", code, str(error))
    return Finding(Severity.ERROR, PLACE, None, "", "MASTER_KEY_UNAVAILABLE", str(error))


def of_district(district: District) -> Iterator[Finding]:
    """Whether the district's values are kept as the configuration says, and all under one key."""
    ring = district.store.keyring
    assert ring is not None, "an open district has its keys"
    configured, present = district.settings.crypto_suite, ring.present.suite.name
    if len(ring.epochs) > 1:
        found = "an exchange of keys is not finished"
        hint = f"unless it is under way now, repeat `linli keys rotate --district {district.key}`"
        yield _warning(district.key, "ROTATION_UNFINISHED", found, hint)
    elif configured != present:
        found = f'crypto_suite is "{configured}", values are encrypted with "{present}"'
        hint = f"run `linli keys rotate --district {district.key}`, or state the suite that is used"
        yield _warning(district.key, "CRYPTO_SUITE_DIFFERS", found, hint)


def _warning(key: str, code: str, found: str, hint: str) -> Finding:
    return Finding(Severity.WARNING, f"district {key}", None, "", code, found, None, hint)
