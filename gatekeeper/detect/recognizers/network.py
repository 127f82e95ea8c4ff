"""The inside of a network, and public addresses: hosts, IP, shares, buckets."""

from __future__ import annotations

import ipaddress
import re

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.recognizers.spec import (
    END,
    Pattern,
    Recognizer,
    before,
    one,
)

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d{2}|[1-9]?\d)"
_V4 = rf"(?<![\w.-])(?:{_OCTET}\.){{3}}{_OCTET}(?:/(?:3[0-2]|[12]?\d))?(?![\w]|\.\d|-\d)"
_V6 = r"(?<![\w:.])(?=(?:[0-9a-f]{0,4}:){2})[0-9a-f:]{2,39}(?:%\w{1,15})?(?:/\d{1,3})?(?![\w:])"
_VERSION = lazy(
    r"(?:\bv|version|release|build|firmware|driver|upgrade(?:d)? (?:to|from)|update(?:d)? (?:to|from)|"
    r"chrome|safari|firefox|edge|kernel|section|chapter|clause|\brev|sdk|==|>=|<=|~=|oid|\bver\.?|bump)"
    r"[\"'`]{0,2}[\s:=/]{0,3}[\"'`]{0,2}v?$"
)
_WELL_KNOWN = {
    ipaddress.ip_address(a)
    for a in ("8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222", "169.254.169.254",
              "192.168.0.1", "192.168.1.1", "192.168.0.0", "192.168.1.0", "10.0.0.0", "10.0.0.1",
              "172.16.0.0", "192.168.1.254", "192.168.0.254", "10.0.0.2", "192.168.1.100", "1.2.3.4")
}  # fmt: skip
"""Resolvers, defaults of home routers and textbook networks: they say nothing about anybody."""
_DOCUMENTATION = tuple(
    ipaddress.ip_network(n) for n in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)  # fmt: skip
_PRIVATE = tuple(
    ipaddress.ip_network(n)
    for n in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)


def _address(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    found = None
    try:
        found = ipaddress.ip_address(value.partition("/")[0].partition("%")[0])
    except ValueError:
        found = None
    return found


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address.version == n.version and address in n for n in _PRIVATE)


def _documented(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return any(address.version == n.version and address in n for n in _DOCUMENTATION)


_IMAGE_TAG = lazy(r"([a-z][a-z0-9_-]*):$")
"""`nginx:1.27.3.1` is an image and its version."""
_NO_IMAGE = frozenset(
    [
        "ip",
        "ipv4",
        "addr",
        "address",
        "host",
        "hostname",
        "server",
        "client",
        "src",
        "dst",
        "source",
        "gateway",
        "dns",
        "from",
        "to",
        "node",
    ]
)


def _weighed(text: str, start: int, end: int, score: float, address: object) -> float:
    if _VERSION.search(before(text, start, 28)):
        return 0.0
    _, slash, bits = text[start:end].partition("/")
    tag = _IMAGE_TAG.search(before(text, start))
    if (
        tag
        and tag[1] not in _NO_IMAGE
        and all(int(o) < 40 for o in str(address).split(".")[:4] if o.isdigit())
    ):
        return 0.0
    block = slash and bits in {"0", "8", "12", "16"}
    return 0.2 if address in _WELL_KNOWN or block else score


def _public(text: str, start: int, end: int, score: float) -> float:
    """An address that is routed, or kept for documentation (RFC 5737, 3849); not a version."""
    address = _address(text[start:end])
    if address is None or _is_private(address):
        return 0.0
    special = address.is_loopback or address.is_unspecified or address.is_multicast
    if special or address.is_link_local or (address.is_reserved and not _documented(address)):
        return 0.35 if address.is_link_local else 0.0
    if address.version == 4 and str(address).startswith(("255.", "0.")):
        return 0.0
    if address.version == 6 and (":" not in text[start + 1 : end - 1] or len(text[start:end]) < 7):
        return 0.0
    if address.version == 4 and all(int(octet) < 40 for octet in str(address).split(".")):
        score = 0.45  # a version as likely as an address
    return _weighed(text, start, end, score, address)


def _private(text: str, start: int, end: int, score: float) -> float:
    """RFC 1918, RFC 6598 and RFC 4193."""
    address = _address(text[start:end])
    if address is None or not _is_private(address):
        return 0.0
    return _weighed(text, start, end, score, address)


_IP_WORDS = ("ip", "ipv4", "ipv6", "address", "host", "server", "client", "login", "from", "ssh")
IP = (
    Recognizer("IpRecognizer", "IP_ADDRESS", (Pattern("v4", _V4, 0.75), Pattern("v6", _V6, 0.75)),
               _IP_WORDS, _public),
    Recognizer("PrivateIpRecognizer", "PRIVATE_IP", (Pattern("v4", _V4, 0.8), Pattern("v6", _V6, 0.8)),
               (), _private),
)  # fmt: skip

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOSTS_OF_ALL = lazy(
    r"(?:host|gateway)\.docker\.internal|metadata\.google\.internal|kubernetes\.default\.svc\.cluster\.local|"
    r"\w+\.(?:example|test)\.(?:internal|local)|raspberrypi\.local|homeassistant\.local|localhost\.local"
)
_HOST_CUE = lazy(
    r"(?://|@|ssh|host(?:name)?|server|ping|dns|curl|node|domain|vpn|proxy)[\s:=\"'`]{0,3}$"
)


def _host(text: str, start: int, end: int, score: float) -> float:
    """A name of two labels may be an attribute in code; with more, or a cue, it is a host."""
    value = text[start:end].lower()
    if _HOSTS_OF_ALL.fullmatch(value):
        return 0.35
    if text[end : end + 1] in {"(", "[", "="} or (
        before(text, start, 1) in {"$", "(", "\\"} and value.count(".") < 2
    ):
        return 0.0
    labels = value.split(".")
    if len(labels) == 2 and not _HOST_CUE.search(before(text, start, 16)):
        return score if re.search(r"\d|-", labels[0]) else 0.4
    return score


_PUBLIC_TLD = r"(?:com|net|org|io|co|de|fr|eu|uk|ch|at|nl|it|es|us|ca|in|jp|gov|edu|cloud|tech|ai)"
HOST = (
    one("InternalHostRecognizer", "INTERNAL_HOST",
        rf"(?<![\w@.$-])(?:(?<=//)|(?<!/))(?:{_LABEL}\.){{1,6}}(?:internal|corp|local|lan|intra|intranet|home\.arpa|localdomain|service\.consul|svc(?=:\d|/))(?![\w-]|\.[a-z0-9])",
        0.8, check=_host),
    one("InternalSubdomainRecognizer", "INTERNAL_HOST",
        rf"(?<![\w@.$-])(?:(?<=//)|(?<!/))(?:{_LABEL}\.){{1,4}}(?:internal|intranet|intra|corp|int|lan|vpn)\.{_LABEL}\.{_PUBLIC_TLD}(?:\.uk|\.jp)?(?![\w-]|\.[a-z0-9])",
        0.75, check=_host),
)  # fmt: skip
_ESCAPE = lazy(r"\\+(?:x[0-9a-f]{2}|u[0-9a-f]{4}|\d|[a-z](?![a-z0-9]))", re.IGNORECASE)


_LATEX = (
    "alpha beta gamma delta epsilon theta lambda sigma omega phi psi frac left right begin end text "
    "lfloor rfloor lceil rceil sum prod int log sqrt mathbb mathrm mathcal operatorname cdot"
)
_GREEK = frozenset(_LATEX.split())


def _share(text: str, start: int, end: int, score: float) -> float:
    """A server and a share; not the escapes of a regular expression or of a string."""
    host = text[start:end].lstrip("\\").partition("\\")[0].lower()
    if _address(host) is not None:
        return score
    return 0.0 if host in _GREEK or _ESCAPE.match(text, start, end) else score


SHARES = (
    one("UncPathRecognizer", "UNC_PATH", r"(?<![\\\w:])(?:\\\\){1,2}(?:[a-z0-9][a-z0-9.-]{1,62})\\{1,2}[a-z0-9$_][^\\\s\"'<>|:*?\n]{0,80}(?:\\{1,2}[^\\\s\"'<>|:*?\n]{1,80}){0,12}(?<![.,;)])", 0.8,
        check=_share),
    one("SmbPathRecognizer", "UNC_PATH", r"(?<![\w])smb://[\w.-]{2,63}/[^\s\"'<>]{1,200}(?<![.,;)])", 0.8),
    one("BucketRecognizer", "STORAGE_BUCKET", r"(?<![\w])(?:s3[an]?|gs|wasbs?|abfss?)://(?!(?:my|your|example|some|the|bucket|test|foo|bar|baz|mybucket|my-bucket)[-_]?(?:bucket)?(?:[/\s\"'`)]|$)|[<{$])[a-z0-9][a-z0-9._@-]{2,120}(?:/[^\s\"'<>`)]{0,300})?(?<![.,;:!?])", 0.8),
    one("BucketHostRecognizer", "STORAGE_BUCKET", r"(?<![\w.-])(?!(?:my|your|example)-)[a-z0-9][a-z0-9.-]{2,62}\.(?:s3(?:[.-][a-z0-9-]{2,20})?\.amazonaws\.com|storage\.googleapis\.com|(?:blob|dfs|file|queue|table)\.core\.windows\.net|r2\.cloudflarestorage\.com|oss-[a-z0-9-]{3,24}\.aliyuncs\.com|[a-z]{3}\d\.digitaloceanspaces\.com)" + END, 0.75),
    one("BucketPathRecognizer", "STORAGE_BUCKET", r"(?<![\w.-])(?:s3(?:[.-][a-z0-9-]{2,20})?\.amazonaws\.com|storage\.(?:googleapis|cloud\.google)\.com)/(?!(?:my|your|example)-|<|\{)[a-z0-9][a-z0-9._-]{2,62}(?![\w.-])|arn:aws(?:-cn|-us-gov)?:s3:::(?!(?:my|your|example)-)[a-z0-9][a-z0-9.-]{2,62}(?:/[^\s\"'<>`*]{1,200})?(?<![.,;:!?])", 0.78),
)  # fmt: skip

RECOGNIZERS = (*IP, *HOST, *SHARES)
