"""A gateway from its settings to its end: begun, served, and drained on SIGTERM."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import signal
import socket
import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any, cast

from gatekeeper.errors import ConfigError, UsageError
from gatekeeper.gateway.answers import Answer
from gatekeeper.gateway.logs import Log, kind_of, silence_libraries
from gatekeeper.gateway.settings import Settings

if TYPE_CHECKING:
    from uvicorn import Config

    from gatekeeper.gate import Setup
    from gatekeeper.gateway.app import Gateway
    from gatekeeper.gateway.desks import Desks

RECONCILE_S = 300.0
"""Between two looks whether something of an earlier run is to be settled."""
KEEP_ALIVE_S = 15


def serve(settings: Settings, setup: Setup, say_where: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT, then let end what is under way.

    `say_where` is told the base URL once it listens.

    Raises:
        ConfigError: the extra `gateway` is not installed, or the tokens cannot be read.
        UsageError: the address cannot be listened on.
    """
    try:
        import uvicorn
    except ImportError:
        uvicorn = None  # type: ignore[assignment]
    if uvicorn is None:
        raise ConfigError(
            "the package `uvicorn` is not installed", hint="pip install 'gatekeeper[gateway]'"
        )
    _check_address(settings)
    sock = _listening(settings)
    silence_libraries()
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    scheme = "https" if settings.certificate else "http"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    say_where(f"{scheme}://{host}:{sock.getsockname()[1]}/v1")
    asyncio.run(_served(settings, setup, sock))


def _check_address(settings: Settings) -> None:
    try:
        loopback = ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        loopback = settings.host == "localhost"
    if not loopback and settings.certificate is None:
        raise UsageError(
            "datasets and tokens would be heard on the way in clear text",
            hint="listen on 127.0.0.1, or give --tls-certificate and --tls-key",
        )


def _listening(settings: Settings) -> socket.socket:
    why = ""
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        sock = socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as e:
        why = os.strerror(e.errno or 0).lower()
    if why:
        raise UsageError(f"cannot listen on port {settings.port}: {why}")
    return sock


def _config(settings: Settings, gateway: Gateway) -> Config:
    """How uvicorn serves `gateway`: HTTP/1.1 alone, and no log or header of its own."""
    import uvicorn

    from gatekeeper.gateway.protocol import protocol_for

    limits = settings.limits
    return uvicorn.Config(
        cast("Any", gateway),
        http=protocol_for(limits),
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=limits.header_bytes,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=int(limits.drain_s),
        ssl_certfile=settings.certificate,
        ssl_keyfile=settings.key,
    )


async def _served(settings: Settings, setup: Setup, sock: socket.socket) -> None:
    import uvicorn

    from gatekeeper.gateway.app import Gateway
    from gatekeeper.gateway.desk import setup_digest
    from gatekeeper.gateway.desks import Desks
    from gatekeeper.gateway.endpoints import Endpoints
    from gatekeeper.gateway.metrics import Metrics
    from gatekeeper.gateway.spools import Spools
    from gatekeeper.gateway.tokens import Clients

    limits = settings.limits
    log, metrics = Log(), Metrics()
    asyncio.get_running_loop().set_exception_handler(_quiet(log))
    spools = Spools(limits.spool_bytes, settings.spool)
    desks = Desks(settings, setup_digest(setup), log.say, metrics.count)
    endpoints = Endpoints(setup.destination, desks, spools, metrics, limits)
    gateway = Gateway(
        settings, Clients(settings.tokens), desks, spools, endpoints, log=log, metrics=metrics
    )

    class Server(uvicorn.Server):
        """Told to end, it says so at once to who asks whether it is ready."""

        @contextlib.contextmanager
        def capture_signals(self) -> Generator[None, None, None]:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self.told_to_end, number)
            yield

        def told_to_end(self, number: signal.Signals) -> None:
            """A second Ctrl-C waits for nobody."""
            self.force_exit = gateway.draining and number == signal.SIGINT
            if not gateway.draining:
                log.say("draining")
            gateway.draining = self.should_exit = True

    log.say("listening", port=sock.getsockname()[1], desks=settings.desks)
    tending = [asyncio.create_task(desks.run()), asyncio.create_task(_settling(desks, log))]
    began = time.monotonic()
    try:
        await Server(_config(settings, gateway)).serve(sockets=[sock])
    finally:
        for task in tending:
            task.cancel()
        desks.close()
        spools.close()
        log.say("ended", after_s=round(time.monotonic() - began))


async def _settling(desks: Desks, log: Log) -> None:
    """Have what an earlier run left settled, now and then."""
    while True:
        while not desks.ready:
            await asyncio.sleep(1)
        try:
            said = await desks.ask({"kind": "reconcile"})
        except Answer as answer:
            log.say("not_reconciled", code=answer.code)
        else:
            if said["body"]["settled"]:
                log.say("reconciled", settled=said["body"]["settled"])
        await asyncio.sleep(RECONCILE_S)


def _quiet(log: Log) -> Callable[[asyncio.AbstractEventLoop, dict[str, Any]], None]:
    """What the loop would print of an error nobody awaited: its kind, and not its message."""

    def handle(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None and not isinstance(error, Answer | ConnectionError):
            log.say("error", what=kind_of(error))

    return handle
