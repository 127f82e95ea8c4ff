"""From a destination's file, and the one that it extends, to the value that `decide` knows."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

from gatekeeper.errors import PolicyError
from gatekeeper.model import RESIDENCY, ZDR, Destination, Endpoint, Fact, digest_of
from gatekeeper.policy.destination_file import UNKNOWN, DestinationFile, EndpointFile
from gatekeeper.policy.problems import Problem, did_you_mean, raise_all
from gatekeeper.policy.strict_yaml import Document, YamlPath, parse, shown
from gatekeeper.policy.validate import validate

Shipped = Mapping[str, Callable[[], tuple[bytes, str]]]
"""Name of a shipped destination → its bytes and the name of its file."""


def compile_destination(source: bytes, name: str, shipped: Shipped | None = None) -> Destination:
    """The destination in `source`, the bytes of the file `name`.

    Its `as_of` is that of its oldest fact, and `host` is what `base_url` connects to: the name in
    lower case, with the port where it is not the scheme's own. What it `extends` is one of the
    `shipped`. Raises PolicyError with every error of the file.
    """
    document = parse(source, name)
    own = validate(document, DestinationFile)
    base, base_name, digest = _base(own, document, shipped or {}, source)
    file = _merged(base, own) if base else own
    host, problems = _address(file, document)
    problems += _problems(file, document)
    raise_all(problems, PolicyError)
    endpoints: dict[str, Endpoint] = {
        key: _endpoint(key, e, file) for key, e in file.endpoints.items()
    }
    stated = tuple(_stated(file, own, name, base, base_name))
    return Destination(
        name=file.destination,
        title=file.title or file.destination,
        party=file.party or "",
        base_url=file.base_url or "",
        host=host,
        as_of=min(fact.as_of for fact in stated),
        max_age_days=file.max_age_days,
        digest=digest,
        opens=file.opens,
        closes=file.closes,
        closes_because=file.closes_because or "",
        covers=_common(file, endpoints),
        max_bytes=file.max_bytes,
        formats=tuple(file.formats),
        expires_after_s=file.expires_after_s,
        models=tuple(file.models),
        facts={key: fact.model_dump(exclude_none=True) for key, fact in file.facts.items()},
        purposes=tuple(file.purposes),
        region=file.region or "",
        zdr_only=frozenset(file.zdr_only),
        endpoints=endpoints,
        leaks=tuple(file.leaks),
        integrations=tuple(file.integrations),
        job_extra=tuple(sorted(file.job_extra.items())),
        stated=stated,
    )


def _base(
    own: DestinationFile, document: Document, shipped: Shipped, source: bytes
) -> tuple[DestinationFile | None, str, str]:
    """What `own` extends and the name of its file, or None; and the digest over all that was read.

    Raises PolicyError where it is not shipped.
    """
    digest = "sha256:" + hashlib.sha256(source).hexdigest()
    if own.extends is None:
        return None, "", digest
    if own.extends not in shipped:
        listing = f"shipped are {', '.join(sorted(shipped))}"
        hint = f"{did_you_mean(own.extends, shipped)} {listing}".strip()
        what = f"unknown destination {shown(own.extends)} to extend"
        raise_all([Problem(document.at(("extends",)), what, hint)], PolicyError)
    above, name = shipped[own.extends]()
    base = validate(parse(above, name), DestinationFile)
    return base, name, digest_of([digest, hashlib.sha256(above).hexdigest()])


def _merged(base: DestinationFile, own: DestinationFile) -> DestinationFile:
    """`base` with what `own` says in its place; facts and endpoints one by one."""
    said: dict[str, Any] = {key: getattr(own, key) for key in own.model_fields_set}
    said["facts"] = {**base.facts, **own.facts}
    said["endpoints"] = {**base.endpoints, **own.endpoints}
    said.setdefault("template", False)
    return base.model_copy(update=said)


def _endpoint(name: str, file: EndpointFile, whole: DestinationFile) -> Endpoint:
    own = [whole.region] if file.keeps_region and whole.region else []
    return Endpoint(
        name=name,
        paths=tuple(file.paths),
        covers=frozenset(whole.covers if file.covers is None else file.covers),
        zdr_eligible=file.zdr_eligible,
        regions=frozenset([*file.regions, *own]),
        opens=file.opens,
        closes=file.closes,
        closes_because=file.closes_because or "",
    )


def _common(file: DestinationFile, endpoints: Mapping[str, Endpoint]) -> frozenset[str]:
    """The kinds of agreement that can reach every endpoint."""
    if not endpoints:
        return frozenset(file.covers)
    barred = frozenset([*file.zdr_only, ZDR])
    reached = [e.covers - (frozenset() if e.zdr_eligible else barred) for e in endpoints.values()]
    return frozenset.intersection(*reached)


def _stated(
    file: DestinationFile,
    own: DestinationFile,
    name: str,
    base: DestinationFile | None,
    base_name: str,
) -> Iterator[Fact]:
    """Every dated thing of both files, those of `file` by name; a file dates what has no date."""
    yield Fact("", name, own.as_of)
    if base is not None and (base.covers or base.endpoints or base.opens or base.closes):
        yield Fact("", base_name, base.as_of)
    for endpoint_name, endpoint in sorted(file.endpoints.items()):
        yield Fact(f"endpoints/{endpoint_name}", endpoint.source, endpoint.as_of, endpoint.until)
    for key, fact in sorted(file.facts.items()):
        yield Fact(key, fact.source, fact.as_of, fact.until, known=fact.value != UNKNOWN)


def _problems(file: DestinationFile, document: Document) -> list[Problem]:
    found = list(_dates(file, document, ()))
    if not file.party and not file.template:
        found.append(Problem(document.at(()), "missing key `party`"))
    for name, endpoint in file.endpoints.items():
        path: YamlPath = ("endpoints", name)
        found += _dates(endpoint, document, path)
        covers = endpoint.covers or []
        if ZDR in covers and not endpoint.zdr_eligible:
            what = "`covers` has ZDR, but the endpoint is not `zdr_eligible`"
            found.append(Problem(document.at((*path, "covers")), what))
        if RESIDENCY in covers and not (endpoint.regions or endpoint.keeps_region):
            what = "`covers` has RESIDENCY, but the endpoint keeps no region"
            hint = "`regions: […]`, or `keeps_region: true`"
            found.append(Problem(document.at((*path, "covers")), what, hint))
    for key, fact in file.facts.items():
        found += _until(fact.as_of, fact.until, document, ("facts", key))
    return found


def _dates(
    door: DestinationFile | EndpointFile, document: Document, path: YamlPath
) -> Iterator[Problem]:
    if door.opens and door.closes and door.closes <= door.opens:
        yield Problem(document.at((*path, "closes")), "`closes` is not after `opens`")
    if door.closes and not door.closes_because:
        at = document.at((*path, "closes"), key=True)
        yield Problem(at, "`closes` needs `closes_because`", "it is shown as the reason")
    if isinstance(door, EndpointFile):
        yield from _until(door.as_of, door.until, document, path)


def _until(as_of: Any, until: Any, document: Document, path: YamlPath) -> Iterator[Problem]:
    if until and until < as_of:
        yield Problem(document.at((*path, "until")), "`until` is before `as_of`")


def _address(file: DestinationFile, document: Document) -> tuple[str, list[Problem]]:
    """The host; a template needs none."""
    if file.base_url is not None:
        return _host(file.base_url, document)
    if file.template:
        return "", []
    hint = "" if file.extends is None else f"`{file.extends}` is a template: it needs an address"
    return "", [Problem(document.at(()), "missing key `base_url`", hint)]


def _host(base_url: str, document: Document) -> tuple[str, list[Problem]]:
    at = document.at(("base_url",))
    url, port = _split(base_url)
    if url is None or not url.hostname or url.scheme not in ("https", "http"):
        return "", [Problem(at, "`base_url` is not a web address", "https://host/v1")]
    if not base_url.isascii() or url.username is not None or url.query or url.fragment:
        what = "`base_url` may hold a host, a port and a path only"
        return "", [Problem(at, what, "keys belong into the environment")]
    if url.scheme == "http" and not _is_loopback(url.hostname):
        what = f"`base_url` must be https: {shown(url.hostname)} is not this machine"
        return "", [Problem(at, what, "plain http is for 127.0.0.1, [::1] and localhost")]
    name = f"[{url.hostname}]" if ":" in url.hostname else url.hostname
    own = {"https": 443, "http": 80}[url.scheme]
    return (name if port in (None, own) else f"{name}:{port}"), []


def _split(base_url: str) -> tuple[SplitResult | None, int | None]:
    try:
        url = urlsplit(base_url)
        return url, url.port
    except ValueError:
        return None, None


def _is_loopback(hostname: str) -> bool:
    if hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(hostname).is_loopback
    except ValueError:
        return False
