"""A stand-in for a KMS: `python kms.py wrap|unwrap KEYFILE` seals stdin to stdout, or opens it.

Encrypt-then-MAC on the standard library: SHA-256 in counter mode, HMAC-SHA256 in front.
"""

import hashlib
import hmac
import os
import sys
from pathlib import Path


def mask(key: bytes, nonce: bytes, data: bytes) -> bytes:
    blocks = range(-(-len(data) // 32))
    stream = b"".join(hashlib.sha256(key + nonce + bytes([n])).digest() for n in blocks)
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))


def main(what: str, file: str) -> int:
    key, data = Path(file).read_bytes(), sys.stdin.buffer.read()
    if what == "wrap":
        nonce = os.urandom(16)
        body = nonce + mask(key, nonce, data)
        sys.stdout.buffer.write(hmac.digest(key, body, "sha256") + body)
        return 0
    tag, body = data[:32], data[32:]
    if not hmac.compare_digest(tag, hmac.digest(key, body, "sha256")):
        sys.stderr.write("access denied\n")
        return 5
    sys.stdout.buffer.write(mask(key, body[:16], body[16:]))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
