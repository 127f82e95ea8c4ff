"""What passes between the front and a desk: JSON, and beside it at most one descriptor.

A frame is a length (four bytes, big-endian) and as many bytes; the descriptor goes with the length.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from typing import Any

FRAME_MAX_BYTES = 16 << 20


class Line:
    """One end of a socket pair; each method may be used by any thread."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._sends = threading.Lock()

    def send(self, message: dict[str, Any], descriptor: int | None = None) -> None:
        """Raises OSError where nobody is at the other end."""
        data = json.dumps(message).encode("ascii")
        given = [] if descriptor is None else [descriptor]
        with self._sends:
            socket.send_fds(self._socket, [len(data).to_bytes(4, "big")], given)
            self._socket.sendall(data)

    def receive(self) -> tuple[dict[str, Any], int | None]:
        """The next one, for one thread alone. Raises EOFError at the end, and OSError."""
        head, found, _, _ = socket.recv_fds(self._socket, 4, 1)
        descriptor = found[0] if found else None
        try:
            while 0 < len(head) < 4:
                head += self._some(4 - len(head))
            size = int.from_bytes(head, "big")
            if len(head) != 4 or size > FRAME_MAX_BYTES:
                raise EOFError
            data = bytearray()
            while len(data) < size:
                data += self._some(size - len(data))
        except BaseException:
            if descriptor is not None:
                os.close(descriptor)
            raise
        return json.loads(data), descriptor

    def _some(self, most_bytes: int) -> bytes:
        data = self._socket.recv(min(most_bytes, 1 << 16))
        if not data:
            raise EOFError
        return data

    def close(self) -> None:
        """End it; who receives at the other end is told."""
        self._socket.close()
