"""Crypto suites: how values are encrypted, hashed and indexed. 加密套件。

`international` is AES-256-GCM (GB/T 17964, NIST SP 800-38D) with SHA-256; `gm` is SM4-GCM (GB/T 32907) with SM3
(GB/T 32905), as the commercial cryptography rules ask for in government systems. 国密。
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12
TAG_BYTES = 16


class TamperedError(ValueError):
    """An encrypted value was changed, moved to another column or row, or encrypted under another key."""


class UnknownSuiteError(ValueError):
    """A value names a suite that this version does not know."""


Crypt = Callable[[bytes, bytes, bytes, bytes], bytes]  # key, nonce, data, what the value is bound to


@dataclass(frozen=True)
class Suite:
    """One way to encrypt: `name` is what the configuration says, `cipher` what stands in every value."""

    name: str
    cipher: str
    key_bytes: int
    digest: Callable[[], hashes.HashAlgorithm]
    encrypt_with: Crypt
    decrypt_with: Crypt

    def encrypt(self, key: bytes, plain: bytes, bound: bytes) -> bytes:
        """Nonce, ciphertext and tag; `bound` must be given again to open it."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self.encrypt_with(key, nonce, plain, bound)

    def decrypt(self, key: bytes, given: bytes, bound: bytes) -> bytes:
        """The plain value; raises TamperedError."""
        try:
            return self.decrypt_with(key, given[:NONCE_BYTES], given[NONCE_BYTES:], bound)
        except (InvalidTag, ValueError) as error:
            raise TamperedError("an encrypted value does not open: it was changed, or belongs elsewhere") from error

    def derive(self, secret: bytes, purpose: str) -> bytes:
        """A key for one purpose from a master secret (HKDF, RFC 5869, with the suite's hash)."""
        return HKDF(self.digest(), self.key_bytes, salt=None, info=purpose.encode()).derive(secret)

    def keyed_hash(self, key: bytes, value: bytes) -> bytes:
        """A hash that only the holder of the key can make (HMAC with the suite's hash)."""
        made = hmac.HMAC(key, self.digest())
        made.update(value)
        return made.finalize()


def _aes_encrypt(key: bytes, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, plain, bound)


def _aes_decrypt(key: bytes, nonce: bytes, given: bytes, bound: bytes) -> bytes:
    return AESGCM(key).decrypt(nonce, given, bound)


def _sm4_encrypt(key: bytes, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound)
    return encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _sm4_decrypt(key: bytes, nonce: bytes, given: bytes, bound: bytes) -> bytes:
    tag = given[-TAG_BYTES:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(bound)
    return decryptor.update(given[:-TAG_BYTES]) + decryptor.finalize()


INTERNATIONAL = Suite("international", "AES-256-GCM", 32, hashes.SHA256, _aes_encrypt, _aes_decrypt)
GM = Suite("gm", "SM4-GCM", 16, hashes.SM3, _sm4_encrypt, _sm4_decrypt)
SUITES: Mapping[str, Suite] = {suite.name: suite for suite in (INTERNATIONAL, GM)}
_BY_CIPHER = {suite.cipher: suite for suite in SUITES.values()}


def by_cipher(cipher: str) -> Suite:
    """The suite that a stored value names. Raises UnknownSuiteError."""
    try:
        return _BY_CIPHER[cipher]
    except KeyError:
        raise UnknownSuiteError(f"unknown cipher {cipher!r}, known are {sorted(_BY_CIPHER)}") from None
