"""Seal what MinIO's API for administrators takes encrypted alone, as its own client does.

32 bytes of salt, one that names the cipher, 8 of nonce, then fragments of AES-256-GCM. What is
sealed here is small, so there is one fragment, which is also the last.
"""

import secrets
from hashlib import pbkdf2_hmac

FRAGMENT_BYTES = 16 * 1024
SALT_BYTES = 32
NONCE_BYTES = 8

# The one of MinIO's ciphers that needs nothing beyond PBKDF2 and AES.
PBKDF2_AES_GCM = b"\x02"
_ROUNDS = 8192
_KEY_BYTES = 32
_LAST = b"\x80"


def seal(content: bytes, password: str) -> bytes:
    """Return the content, of one fragment at most, encrypted for who knows the password.

    Raises ValueError when it is longer.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if len(content) > FRAGMENT_BYTES:
        message = f"{len(content)} bytes are more than one fragment"
        raise ValueError(message)
    salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(NONCE_BYTES)
    cipher = AESGCM(pbkdf2_hmac("sha256", password.encode(), salt, _ROUNDS, _KEY_BYTES))
    # What is authenticated with each fragment: whether it is the last, and the tag of nothing.
    nothing = cipher.encrypt(nonce + _number(0), b"", None)
    return (
        salt + PBKDF2_AES_GCM + nonce + cipher.encrypt(nonce + _number(1), content, _LAST + nothing)
    )


def _number(fragment: int) -> bytes:
    return fragment.to_bytes(4, "little")
