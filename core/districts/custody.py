"""Who keeps a district's keys: the master keys of the server, found where the configuration says. 密钥保管。"""

from __future__ import annotations

from functools import partial

from ..config import Configuration
from ..crypto.masters import SOURCES, MasterKeyError, Masters, Source, ensure_file
from ..plugins.dispatcher import Hooks
from ..plugins.inventory import Installed
from ..plugins.problems import nearest
from ..records.keys import Custody

FIRST_ENCRYPTING = "core.0003_encrypted_values"
"""The migration that begins a district's first epoch; before it a server needs no master key."""


def sources(installed: Installed) -> dict[str, Source]:
    """The places from which master keys can come, by the scheme of their addresses."""
    added = Hooks(installed, installed).collect_now("linli_keys")
    return {**SOURCES, **{scheme: source for _, more in added for scheme, source in more.items()}}


def masters_of(configuration: Configuration, installed: Installed) -> Masters:
    """The server's master keys, read when the first is needed. Raises MasterKeyError for an unknown scheme."""
    scheme, _, address = configuration.keys.master.partition(":")
    known = sources(installed)
    if scheme not in known:
        near = nearest(scheme, known)
        hint = f"; did you mean {near!r}?" if near else f"; known are {', '.join(sorted(known))}"
        raise MasterKeyError(f"nothing knows the scheme {scheme!r} of [keys] master{hint}")
    return Masters(partial(known[scheme], address, configuration.folder))


def custody_of(configuration: Configuration, installed: Installed, key: str) -> Custody:
    """What it takes to read and begin a district's epochs."""
    suite = configuration.districts[key].settings.core.at().crypto_suite
    return Custody(key, masters_of(configuration, installed), suite)


def ensure_master_key(configuration: Configuration) -> str | None:
    """Make the file of master keys where the configuration names one that is not there; its path when made."""
    scheme, _, address = configuration.keys.master.partition(":")
    if scheme != "file" or not ensure_file(address, configuration.folder):
        return None
    return str(configuration.folder / address)
