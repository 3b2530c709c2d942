"""Where master keys come from, and what is said when they do not."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from linli.core.crypto.masters import MasterKeyError, Masters, ensure_file, from_environment, from_file
from linli.core.systemd.credentials import from_credential

ONE = base64.b64encode(bytes(32)).decode()
TWO = base64.urlsafe_b64encode(b"\xff" * 32).decode()


def write(file: Path, text: str, mode: int = 0o600) -> None:
    file.write_text(text, "utf-8")
    file.chmod(mode)


def test_a_file_is_made_once_for_its_owner_alone_and_never_replaced(tmp_path: Path) -> None:
    assert ensure_file("linli.keys", tmp_path)
    before = (tmp_path / "linli.keys").read_bytes()
    assert stat.S_IMODE((tmp_path / "linli.keys").stat().st_mode) == 0o600
    assert not ensure_file("linli.keys", tmp_path)
    assert (tmp_path / "linli.keys").read_bytes() == before
    assert [it.name for it in tmp_path.iterdir()] == ["linli.keys"]
    assert list(from_file("linli.keys", tmp_path)) == ["k1"]


def test_of_many_that_make_the_file_at_once_one_does_and_it_is_whole(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda _: ensure_file("linli.keys", tmp_path), range(64)))
    assert made.count(True) == 1
    assert list(from_file("linli.keys", tmp_path)) == ["k1"]
    assert [it.name for it in tmp_path.iterdir()] == ["linli.keys"]


def test_the_last_key_of_a_file_is_the_newest(tmp_path: Path) -> None:
    write(tmp_path / "keys", f"# a remark\nk1={ONE}\n\nk2={TWO}\n")
    masters = Masters(lambda: from_file("keys", tmp_path))
    assert masters.newest() == "k2"
    assert masters.secret("k1") == bytes(32)


def test_a_key_that_was_added_since_is_read_when_it_is_named(tmp_path: Path) -> None:
    write(tmp_path / "keys", f"k1={ONE}\n")
    masters = Masters(lambda: from_file("keys", tmp_path))
    assert masters.newest() == "k1"
    write(tmp_path / "keys", f"k1={ONE}\nk2={TWO}\n")
    assert masters.secret("k2") == b"\xff" * 32


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "holds no master key"),
        ("k1", "line 1: expected id=base64 of 32 random bytes"),
        (f"K1={ONE}", "line 1: expected"),
        (f"k1={ONE[:-8]}", "line 1: expected"),
        (f"k1={ONE}\nk1={TWO}", "line 2: the master key 'k1' stands there twice"),
    ],
)
def test_a_malformed_file_is_refused_with_the_line_and_without_the_secret(tmp_path: Path, text: str, said: str) -> None:
    write(tmp_path / "keys", text)
    with pytest.raises(MasterKeyError, match=said) as refused:
        from_file("keys", tmp_path)
    assert ONE[:10] not in str(refused.value)


def test_a_file_that_others_may_read_is_refused_with_the_remedy(tmp_path: Path) -> None:
    write(tmp_path / "keys", f"k1={ONE}", 0o640)
    with pytest.raises(MasterKeyError, match="chmod 600"):
        from_file("keys", tmp_path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MasterKeyError, match="run `linli migrate`, or bring the file back"):
        from_file("keys", tmp_path)


def test_keys_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MasterKeyError, match="set SOME_KEYS"):
        from_environment("SOME_KEYS", tmp_path)
    monkeypatch.setenv("SOME_KEYS", f"k1:{ONE},k2:{TWO}")
    assert list(from_environment("SOME_KEYS", tmp_path)) == ["k1", "k2"]


def test_keys_come_from_a_credential_of_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    with pytest.raises(MasterKeyError, match="LoadCredential=linli-keys:FILE"):
        from_credential("linli-keys", tmp_path)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    with pytest.raises(MasterKeyError, match="cannot be read"):
        from_credential("linli-keys", tmp_path)
    write(tmp_path / "linli-keys", f"k1={ONE}")
    assert from_credential("linli-keys", tmp_path) == {"k1": bytes(32)}
