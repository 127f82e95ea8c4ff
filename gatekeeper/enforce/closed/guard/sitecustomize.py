"""Refuses every network socket of a Python process; loaded by `site` at its start.

An audit hook (PEP 578) cannot be taken away again. It sees Python code alone: a library that calls
the system by itself is not held, which is why the kernel's own way is used wherever it is there.
"""

import socket
import sys

_EVENTS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"})
_LOOKUPS = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"})


def _refuse(event: str, args: tuple[object, ...]) -> None:
    if event in _LOOKUPS:
        raise PermissionError("the network is closed for training")
    if event not in _EVENTS:
        return
    if getattr(args[0], "family", None) != getattr(socket, "AF_UNIX", -1):
        raise PermissionError("the network is closed for training")


sys.addaudithook(_refuse)
