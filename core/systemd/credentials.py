"""Reading a credential, see systemd.exec(5), LoadCredential=."""

from __future__ import annotations

import os
from pathlib import Path

from linli.core.crypto.masters import MasterKeyError, Secrets, parsed

FOLDER = "CREDENTIALS_DIRECTORY"


def from_credential(name: str, _folder: Path) -> Secrets:
    """The master keys in the credential `name`, lines of `id=base64`."""
    if FOLDER not in os.environ:
        raise MasterKeyError(f"there is no credential {name!r}: start the service with LoadCredential={name}:FILE")
    file = Path(os.environ[FOLDER]) / name
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        raise MasterKeyError(f"the credential {name!r} cannot be read: {error.strerror}") from error
    return parsed(text, f"the credential {name!r}")
