from __future__ import annotations

import subprocess
import sys

from linli.core.access.passwords import hashed

HASH = "from linli.core.access.passwords import hashed; print(hashed('correct horse battery'))"


def test_what_a_server_keeps_costs_what_is_recommended_and_only_tests_pay_less() -> None:
    """RFC 9106, section 4, the second recommended option: argon2id with 64 MiB and three passes over it."""
    kept = subprocess.run([sys.executable, "-c", HASH], capture_output=True, text=True, check=True).stdout
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert hashed("correct horse battery").startswith("$argon2id$v=19$m=64,t=1,p=1$")
