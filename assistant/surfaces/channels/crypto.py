"""The envelope of WeCom and WeChat callbacks: SHA-1 signatures, AES-256-CBC.

Whatever is wrong with an envelope is refused in the same words: who forges one learns nothing from the reply.

Source: 企业微信 加解密方案说明; 微信公众平台 消息加解密.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from assistant.surfaces.refusals import Refused

FRESH_SECONDS = 300
"""How far the time of a callback may be from ours; what is older was heard before and is sent again by somebody."""
_BLOCK = 32  # the padding is to 32 bytes, though the cipher's own block has 16
_HEAD = 16 + 4  # random bytes, then the length of the message


class CallbackRefused(Refused):
    """A callback that its messenger cannot have sent."""

    def __init__(self) -> None:
        super().__init__(
            "这个请求不能证明来自对应的平台", hint="核对平台后台和 TIAOWEN_ 设置里的密钥是否一致"
        )


def sign(*parts: str) -> str:
    """The signature of the parts, in whatever order."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def check_signature(given: str, *parts: str) -> None:
    """Compare in constant time.

    Raises:
        CallbackRefused: it is another.
    """
    if not hmac.compare_digest(sign(*parts).encode(), given.encode("utf-8", "replace")):
        raise CallbackRefused


def check_time(timestamp: str, now: float) -> None:
    """Refuse a callback that is not of now.

    Raises:
        CallbackRefused: its time is none, or too far away.
    """
    is_number = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    if not is_number or abs(int(timestamp) - now) > FRESH_SECONDS:
        raise CallbackRefused


class Envelope:
    """Opens and seals messages of one account.

    Args:
        aes_key: the EncodingAESKey, 43 characters.
        receive_id: id of the company or the account, which stands at the end of each message.
    """

    def __init__(self, aes_key: str, receive_id: str) -> None:
        self._key = base64.b64decode(f"{aes_key}=")
        self._receive_id = receive_id.encode()

    def open(self, sealed: str) -> str:
        """The message in an envelope.

        Raises:
            CallbackRefused: it was not sealed with this key, or for another account.
        """
        try:
            data = base64.b64decode(sealed, validate=True)
            decryptor = self._cipher().decryptor()
            plain = _unpad(decryptor.update(data) + decryptor.finalize())
            end = _HEAD + int.from_bytes(plain[16:_HEAD], "big")
            message, receiver = plain[_HEAD:end], plain[end:]
            if len(plain) < end or not hmac.compare_digest(receiver, self._receive_id):
                raise CallbackRefused
            return message.decode("utf-8")
        except (binascii.Error, ValueError) as exc:
            raise CallbackRefused from exc

    def seal(self, message: str) -> str:
        """An envelope for a message."""
        data = message.encode()
        plain = secrets.token_bytes(16) + len(data).to_bytes(4, "big") + data + self._receive_id
        n_pad = _BLOCK - len(plain) % _BLOCK
        encryptor = self._cipher().encryptor()
        sealed = encryptor.update(plain + bytes([n_pad]) * n_pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))


def _unpad(plain: bytes) -> bytes:
    n_pad = plain[-1] if plain else 0
    if not 1 <= n_pad <= _BLOCK or plain[-n_pad:] != bytes([n_pad]) * n_pad:
        raise CallbackRefused
    return plain[:-n_pad]
