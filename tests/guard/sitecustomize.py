"""The socket guard of the test suite: any connection that leaves this machine is an error.

Imported by every Python process that the tests start (it is on PYTHONPATH) and by conftest itself.
With GATEKEEPER_TEST_NO_SOCKETS=1 no socket may connect at all, loopback included.
"""

import ipaddress
import os
import sys

ATTEMPTS: list[str] = []
"""Events that were refused in this process."""

_NAMES = {"localhost", "localhost.localdomain", "", None}


def _is_loopback(host: object) -> bool:
    if host in _NAMES:
        return True
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _guard(event: str, args: tuple[object, ...]) -> None:
    if event == "socket.connect":
        address = args[1]
        if isinstance(address, (str, bytes)):  # a Unix socket stays on this machine
            return
        host = address[0] if isinstance(address, tuple) else None
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if os.environ.get("GATEKEEPER_TEST_NO_SOCKETS") == "1" or not _is_loopback(host):
        ATTEMPTS.append(event)
        raise PermissionError(f"the test suite's socket guard refused {event}")


sys.addaudithook(_guard)
