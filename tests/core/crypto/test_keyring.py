"""Encrypting values: what opens, what does not, and what the stored text gives away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.core.crypto.keyring import Epoch, Keyring, looks_encrypted
from linli.core.crypto.masters import MasterKeyError, Masters
from linli.core.crypto.suites import GM, INTERNATIONAL, SUITES, Suite, TamperedError, UnknownSuiteError

COLUMN = "core_person.phone"
SECRETS = {"k1": bytes(32), "k2": bytes(range(32))}


def ring(suite: Suite = INTERNATIONAL, *, identity: str = "here", numbers: tuple[int, ...] = (1,)) -> Keyring:
    return Keyring(identity, Masters(lambda: SECRETS), tuple(Epoch(number, "k1", suite) for number in numbers))


@pytest.fixture(params=list(SUITES.values()), ids=list(SUITES))
def suite(request: pytest.FixtureRequest) -> Suite:
    chosen: Suite = request.param
    return chosen


@given(plain=st.text(), suite=st.sampled_from(list(SUITES.values())))
def test_whatever_was_encrypted_is_decrypted_again(plain: str, suite: Suite) -> None:
    keys = ring(suite)
    assert keys.decrypt(keys.encrypt(plain, COLUMN), COLUMN) == plain


def test_a_value_names_its_cipher_and_key_and_nothing_of_the_plain_text(suite: Suite) -> None:
    stored = ring(suite).encrypt("13800000011", COLUMN)
    assert stored.startswith(f"{suite.cipher}:k1.1:")
    assert "1380" not in stored
    assert looks_encrypted(stored)


def test_the_same_value_is_encrypted_differently_each_time(suite: Suite) -> None:
    keys = ring(suite)
    assert keys.encrypt("13800000011", COLUMN) != keys.encrypt("13800000011", COLUMN)


def test_a_value_does_not_open_in_another_column(suite: Suite) -> None:
    keys = ring(suite)
    with pytest.raises(TamperedError):
        keys.decrypt(keys.encrypt("13800000011", COLUMN), "core_person.id_number")


def test_another_districts_keys_open_nothing(suite: Suite) -> None:
    stored = ring(suite).encrypt("13800000011", COLUMN)
    with pytest.raises(TamperedError):
        ring(suite, identity="elsewhere").decrypt(stored, COLUMN)


@pytest.mark.parametrize("place", range(0, 60, 7))
def test_a_changed_character_is_noticed(suite: Suite, place: int) -> None:
    keys = ring(suite)
    head, _, body = keys.encrypt("a name of some length here", COLUMN).rpartition(":")
    changed = body[:place] + ("A" if body[place] != "A" else "B") + body[place + 1 :]
    with pytest.raises(TamperedError):
        keys.decrypt(f"{head}:{changed}", COLUMN)


@pytest.mark.parametrize("stored", ["", "13800000011", "AES-256-GCM:k1.1:", "AES-256-GCM:k1.1:AAAA", "AES-256-GCM:1:A"])
def test_what_is_no_encrypted_value_is_refused(stored: str) -> None:
    with pytest.raises(TamperedError):
        ring().decrypt(stored, COLUMN)


def test_an_unknown_cipher_is_named() -> None:
    stored = ring().encrypt("x", COLUMN).replace("AES-256-GCM", "ROT-13")
    with pytest.raises(UnknownSuiteError, match="ROT-13"):
        ring().decrypt(stored, COLUMN)


def test_values_of_an_earlier_epoch_and_suite_still_open() -> None:
    old = ring(INTERNATIONAL).encrypt("13800000011", COLUMN)
    now = ring().with_epochs((Epoch(1, "k1", INTERNATIONAL), Epoch(2, "k2", GM)))
    assert now.decrypt(old, COLUMN) == "13800000011"
    assert now.encrypt("x", COLUMN).startswith("SM4-GCM:k2.2:")


def test_values_of_an_epoch_that_another_process_began_open_too() -> None:
    there = ring(numbers=(1, 2))
    assert ring(numbers=(1,)).decrypt(there.encrypt("x", COLUMN), COLUMN) == "x"


def test_a_missing_master_key_is_named() -> None:
    stored = ring().encrypt("x", COLUMN).replace("k1.1", "k9.1")
    with pytest.raises(MasterKeyError, match="'k9' is missing"):
        ring().decrypt(stored, COLUMN)


def test_equal_values_have_equal_blind_indexes_in_one_column_only(suite: Suite) -> None:
    keys = ring(suite)
    assert keys.blind("13800000011", COLUMN) == keys.blind("13800000011", COLUMN)
    others = {keys.blind("13800000012", COLUMN), keys.blind("13800000011", "core_person.id_number")}
    elsewhere = ring(suite, identity="elsewhere").blind("13800000011", COLUMN)
    assert keys.blind("13800000011", COLUMN) not in others | {elsewhere}
    assert "1380" not in keys.blind("13800000011", COLUMN)


def test_while_keys_rotate_a_value_is_looked_for_under_both() -> None:
    old, both = ring(numbers=(1,)), ring(numbers=(1, 2))
    assert old.blind("x", COLUMN) in both.blinds("x", COLUMN)
    assert both.blind("x", COLUMN) in both.blinds("x", COLUMN)


def test_a_keyring_needs_an_epoch() -> None:
    with pytest.raises(ValueError, match="epoch"):
        ring(numbers=())


def test_sm3_and_sm4_are_those_of_the_standards() -> None:
    """GB/T 32905-2016 A.1 and GB/T 32907-2016 A.1, by way of the primitives that the suite stands on."""
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

    made = hashes.Hash(GM.digest())
    made.update(b"abc")
    assert made.finalize().hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert isinstance(GM.digest(), hashes.SM3)
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(block), modes.ECB()).encryptor()  # noqa: S305  the standard's own example
    assert encryptor.update(block).hex() == "681edf34d206965e86b3e94f536e4246"


def test_a_tag_of_another_value_does_not_fit(suite: Suite) -> None:
    key = bytes(suite.key_bytes)
    one, other = suite.encrypt(key, b"one", b""), suite.encrypt(key, b"two", b"")
    with pytest.raises(TamperedError):
        suite.decrypt(key, one[:-16] + other[-16:], b"")


def test_suites_differ_in_name_and_cipher() -> None:
    assert len({replace(it).cipher for it in SUITES.values()}) == len(SUITES)
