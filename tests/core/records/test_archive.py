"""What an exported row looks like."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from linli.core.records.archive import neutral
from linli.core.records.encrypted import Encrypted


def test_an_encrypted_value_is_exported_as_it_is_stored() -> None:
    stored = "AES-256-GCM:k1.1:AAAA"
    assert neutral({"phone": Encrypted(stored, "guests_guest.phone")}) == {"phone": stored}


def test_values_are_those_of_no_engine() -> None:
    values = [datetime(2026, 3, 9, tzinfo=UTC), date(2026, 3, 9), UUID(int=1), b"\x00", None, True, 1]
    assert neutral(values) == [
        "2026-03-09T00:00:00.000000Z",
        "2026-03-09",
        "00000000-0000-0000-0000-000000000001",
        {"base64": "AA=="},
        None,
        True,
        1,
    ]
