from __future__ import annotations

import hashlib
import json
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from linli.core.records import digest
from linli.core.records.models import Event

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def _by_the_letter(value: Any) -> str:
    """RFC 8785 in another hand: the standard library's escapes, keys compared as lists of UTF-16 code units."""
    if isinstance(value, dict):
        ordered = sorted(value, key=lambda key: memoryview(key.encode("utf-16-le")).cast("H").tolist())
        return "{" + ",".join(f"{_by_the_letter(key)}:{_by_the_letter(value[key])}" for key in ordered) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_by_the_letter, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


@given(JSON_VALUES)
@example({"\ufb33": 1, "\U0001f600": 2})
@example({"a": '\x00\x1f\x7f\u2028\u2029\\/"'})
def test_canonical_is_what_the_standard_says(value: Any) -> None:
    assert digest.canonical(value) == _by_the_letter(value)


@given(st.dictionaries(st.text(), st.integers(0, 9), min_size=2), st.randoms())
def test_the_order_in_which_keys_were_set_does_not_matter(value: dict[str, int], random: Any) -> None:
    keys = list(value)
    random.shuffle(keys)
    assert digest.canonical({key: value[key] for key in keys}) == digest.canonical(value)


@given(JSON_VALUES)
def test_a_canonical_text_reads_back_as_the_value_and_stays_canonical(value: Any) -> None:
    again = orjson.loads(digest.canonical(value))
    assert again == value
    assert digest.canonical(again) == digest.canonical(value)


def test_the_example_of_rfc_8785_section_3_2_3_sorts_by_utf_16_code_units() -> None:
    keys = ["\u20ac", "\r", "\ufb33", "1", "\U0001f600", "\x80", "\u00f6"]
    ordered = list(orjson.loads(digest.canonical(dict.fromkeys(keys, 0))))
    assert ordered == ["\r", "1", "\x80", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


def test_the_example_of_rfc_8785_section_3_2_2_escapes_as_little_as_possible() -> None:
    value = {"string": '\u20ac$\u000f\u000aA\'B"\\\\"/', "literals": [None, True, False]}
    assert digest.canonical(value) == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'


@pytest.mark.parametrize(
    "value",
    [1.0, float("nan"), 2**53 + 1, -(2**53) - 1, {"a": {"b": [0.5]}}, {1: "a"}, "\ud800", {"\ud800": 1}, b"a", {"a"}],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(digest.NotCanonicalError):
        digest.canonical(value)


def test_a_refusal_names_the_path() -> None:
    with pytest.raises(digest.NotCanonicalError, match=r"\$\.guests\[1\]\.height: float"):
        digest.canonical({"guests": [{}, {"height": 1.5}]})


def test_a_payload_digest_covers_suite_salt_and_payload() -> None:
    expected = hashlib.sha256(b'SHA-256|00ff|{"a":1}').hexdigest()
    assert digest.payload_digest("SHA-256", "00ff", '{"a":1}') == expected


def test_the_genesis_differs_by_district() -> None:
    assert digest.genesis(digest.SUITE, "yueyanglou") != digest.genesis(digest.SUITE, "junshan")


def test_the_envelope_holds_every_column_but_the_chain_in_canonical_order() -> None:
    assert {*digest.ENVELOPE, "chain"} == {*Event._meta.fields_map, "org_id"} - Event._meta.fk_fields
    row = dict.fromkeys(digest.ENVELOPE)
    assert digest.envelope(row) == digest.canonical(row)


@pytest.mark.parametrize(
    "at",
    ["2026-01-01 08:00:00+08:00", "2026-01-01 00:00:00+00:00", "2026-01-01T00:00:00.000000Z"],
)
def test_one_instant_has_one_envelope_however_an_engine_writes_it(at: str) -> None:
    row: dict[str, Any] = dict.fromkeys(digest.ENVELOPE)
    assert '"at":"2026-01-01T00:00:00.000000Z"' in digest.envelope(row | {"at": at})


def test_an_unknown_suite_is_refused() -> None:
    with pytest.raises(digest.UnknownSuiteError, match="ROT13"):
        digest.hash_text("ROT13", "a")


@pytest.mark.parametrize("at", ["yesterday", "2026-01-01 00:00:00", "5"])
def test_what_is_no_instant_goes_into_the_envelope_as_it_is(at: str) -> None:
    row: dict[str, Any] = dict.fromkeys(digest.ENVELOPE)
    assert f'"at":"{at}"' in digest.envelope(row | {"at": at})
