"""Master keys: the secrets from which every district's keys are derived. 主密钥。

A source gives them by id, the newest last: that one is used for new values, the others for what was encrypted before.
Sources are named by an address, `file:linli.keys` or `env:LINLI_MASTER_KEYS`; plugins add schemes of their own.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

SECRET_BYTES = 32
DEFAULT = "file:linli.keys"
ID = re.compile(r"[a-z][a-z0-9]{0,15}")
_LINE = re.compile(rf"({ID.pattern})[=:]([A-Za-z0-9+/_-]{{43}}=?)")
_HEADER = """\
# Linli's master keys, one a line, the newest last. Without them no encrypted value can be read ever again:
# keep a copy where the databases and their backups are not. 主密钥：请另行备份，切勿与数据库及其备份放在一处。
"""

Secrets = Mapping[str, bytes]
Source = Callable[[str, Path], Secrets]  # the address without its scheme, the folder of linli.toml


class MasterKeyError(Exception):
    """The master keys cannot be had; the text says what to do."""


def from_file(address: str, folder: Path) -> Secrets:
    """The keys in a file that only its owner reads."""
    file = folder / address
    try:
        with file.open(encoding="utf-8") as opened:
            mode = os.fstat(opened.fileno()).st_mode & 0o077
            text = opened.read()
    except FileNotFoundError:
        remedy = "run `linli migrate`, or bring the file back"
        raise MasterKeyError(f"there are no master keys in {file}: {remedy}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(f"the master keys in {file} cannot be read: {error}") from error
    if mode:
        raise MasterKeyError(f"others may read the master keys in {file}: run `chmod 600 {file}`")
    return parsed(text, str(file))


def from_environment(address: str, _folder: Path) -> Secrets:
    """The keys in an environment variable, separated by commas."""
    if address not in os.environ:
        raise MasterKeyError(f"there are no master keys: set {address} in the environment, as id:base64 of 32 bytes")
    return parsed(os.environ[address].replace(",", "\n"), f"the variable {address}")


SOURCES: Mapping[str, Source] = {"file": from_file, "env": from_environment}


def parsed(text: str, where: str) -> Secrets:
    """Keys from lines `id=base64`; raises MasterKeyError without ever showing a secret."""
    found: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        key, secret = _read(stripped, f"{where}, line {number}")
        if key in found:
            raise MasterKeyError(f"{where}, line {number}: the master key {key!r} stands there twice")
        found[key] = secret
    if not found:
        raise MasterKeyError(f"{where} holds no master key")
    return found


def _read(line: str, where: str) -> tuple[str, bytes]:
    match = _LINE.fullmatch(line)
    try:
        secret = base64.urlsafe_b64decode(match.group(2).rstrip("=").translate(_URL_SAFE) + "=") if match else b""
    except binascii.Error:
        secret = b""
    if match is None or len(secret) != SECRET_BYTES:
        raise MasterKeyError(f"{where}: expected id=base64 of {SECRET_BYTES} random bytes, such as k1=...")
    return match.group(1), secret


_URL_SAFE = str.maketrans("+/", "-_")


def made(number: int = 1) -> str:
    """A line with a new random key."""
    return f"k{number}={base64.urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}\n"


def ensure_file(address: str, folder: Path) -> bool:
    """Make the key file unless it is there; whether it was made. It is never replaced."""
    file = folder / address
    if file.exists():
        return False
    handle, name = tempfile.mkstemp(prefix=".linli-keys-", dir=file.parent)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(_HEADER + made())
            opened.flush()
            os.fsync(opened.fileno())
        os.link(name, file)  # whole at once, and never in the place of another
    except FileExistsError:
        return False
    finally:
        os.unlink(name)
    return True


class Masters:
    """The master keys of a server, read from their source again when one is named that is not known yet."""

    def __init__(self, read: Callable[[], Secrets]) -> None:
        self._read = read
        self._known: Secrets = {}

    def secret(self, key: str) -> bytes:
        """The secret of a master key; raises MasterKeyError where the source does not have it."""
        if key not in self._known:
            self._known = self._read()
        if key not in self._known:
            raise MasterKeyError(f"the master key {key!r} is missing: what was encrypted under it cannot be read")
        return self._known[key]

    def newest(self) -> str:
        """The id of the key for new values."""
        self._known = self._read()
        return list(self._known)[-1]
