# ruff: noqa: E501, S311, S608  (templates are kept on one line; nothing here is secret or run)
"""Clean assistant chat, made from a seed: figures and words that look like something and are not."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

HEX = "0123456789abcdef"


class Clean:
    """Draws the figures of the templates."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def n(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def real(self, digits: int, scale: float = 10) -> str:
        return f"{self.random.uniform(-scale, scale):.{digits}f}"

    def hex(self, length: int) -> str:
        return "".join(self.random.choice(HEX) for _ in range(length))

    def version(self) -> str:
        return ".".join(str(self.n(0, 30)) for _ in range(3))

    def stamp(self) -> str:
        return f"20{self.n(10, 26)}-{self.n(1, 12):02}-{self.n(1, 28):02}T{self.n(0, 23):02}:{self.n(0, 59):02}:07Z"


def code(c: Clean) -> str:
    return c.pick(
        f"`pip install numpy=={c.version()}` fixes it; {c.version()} breaks the ABI.",
        f"git revert {c.hex(40)} and push to branch feature-{c.n(100, 99999)}.",
        f"SELECT id, total FROM orders WHERE id IN ({c.n(10000, 99999)}, {c.n(10000, 99999)}) OR total > 100;",
        f"for i in range({c.n(10, 10**9)}): x[i] = {c.real(6)}",
        "password = os.environ['DB_PASSWORD']\ntoken = request.headers.get('Authorization')",
        "class Config:\n    api_key: str = ''\n    secret: Optional[str] = None\n    password: SecretStr",
        "const token = localStorage.getItem('token'); fetch(`/api/v2/items/${id}`)",
        f"The server listens on 127.0.0.1:{c.n(1024, 65535)} and 0.0.0.0:{c.n(1024, 65535)}.",
        f"sha256:{c.hex(64)}  md5 {c.hex(32)}  crc {c.n(10**8, 10**10)}",
        f"#include <vector>\nstd::map<int, std::string> m; // {c.n(1, 999)}::{c.n(1, 999)}",
        f"Segfault at 0x{c.hex(16)} ip {c.hex(12)} error {c.n(1, 15)}",
        f"loss {c.real(7)} lr {c.n(1, 9)}e-0{c.n(2, 6)} step {c.n(100, 999999)} eta {c.n(1, 59)}:{c.n(10, 59)}",
        "self.local.value = threading.local(); module.internal.call()",
        r"re.sub(r'\d{3}-\d{2}-\d{4}', '***', text) masks it; \n and \t stay.",
        f"docker run -p {c.n(1024, 9999)}:80 --memory 512m nginx:{c.version()}",
    )


def science(c: Clean) -> str:
    return c.pick(
        f"Avogadro's number is 6.02214076e23; k is 1.380649e-23 and here T = {c.n(200, 400)} K.",
        f"The star is {c.n(2, 900)} light years away and {c.n(100, 9000)} million years old.",
        f"CAS 7732-18-5 is water; 64-17-5 is ethanol, density 0.{c.n(100, 999)} g/mL.",
        f"f(x) = {c.real(4)}x^2 + {c.real(4)}x - {c.real(4)}; the root is near {c.real(9)}.",
        f"{c.n(10**9, 10**10)} divided by {c.n(3, 997)} is {c.real(6, 10**7)}.",
        f"The vector is [{c.real(4)}, {c.real(4)}, {c.real(4)}, {c.real(4)}].",
        f"pi to {c.n(20, 40)} digits: 3.14159265358979323846264338327950288419",
        f"A sample of n = {c.n(20, 99999)} gave p = 0.0{c.n(100, 999)} (95 % CI {c.real(3)} to {c.real(3)}).",
        f"The boiling point rises {c.n(1, 9)}.{c.n(10, 99)} K at {c.n(900, 1100)}.{c.n(10, 99)} hPa.",
        f"Bridges of that kind last {c.n(91, 125)} years; this one is {c.n(91, 125)} years old.",
    )


def kitchen(c: Clean) -> str:
    return c.pick(
        f"Whisk {c.n(2, 6)} eggs with 1/2 cup sugar, bake at {c.n(160, 220)} °C for {c.n(10, 60)} minutes.",
        f"Use 1/{c.n(2, 8)} tsp salt and 3/4 cup of {c.n(100, 900)} g flour, then rest 12/24 hours.",
        f"Serves {c.n(2, 12)}; {c.n(100, 900)} kcal, {c.n(1, 90)} g fat, {c.n(1, 90)} % of the daily value.",
        "A pinch of salt keeps the cold away, and a plate of 12 oysters serves four.",
    )


def support(c: Clean) -> str:
    return c.pick(
        f"Your order {c.n(10**5, 10**9)} shipped; tracking {c.n(10**11, 10**15)} shows it in transit.",
        f"Reset it: hold the button for {c.n(3, 20)} seconds, then wait for firmware {c.version()}.{c.n(0, 30)}.",
        f"Ticket #{c.n(1000, 999999)} was merged into #{c.n(1000, 999999)}.",
        "Choose a password of twelve characters or more, and never share it with support.",
        f"The invoice total is ${c.n(10, 9999)}.{c.n(10, 99)}, due in {c.n(7, 60)} days.",
        "Take it into account that refunds take 14 days. Is this information confidential? No.",
        f"Error {c.n(100, 599)}: request {c.hex(16)} timed out after {c.n(1000, 60000)} ms.",
    )


def data(c: Clean) -> str:
    return c.pick(
        f'{{"id": {c.n(1, 10**10)}, "score": 0.{c.n(10**8, 10**9)}, "ts": {c.n(1_500_000_000, 1_800_000_000)}}}',
        f'{{"sku": "AB-{c.n(1000, 9999)}", "qty": {c.n(1, 99)}, "hash": "{c.hex(32)}"}}',
        f"{c.stamp()} INFO worker {c.n(1, 64)} took {c.n(1, 9999)} ms, heap {c.n(100, 9000)}M",
        f"| {c.n(1, 99)} | {c.real(3)} | {c.real(3)} | table A{c.n(10, 99)} |",
        f"epoch,{c.n(1_500_000_000, 1_800_000_000)},{c.real(5)},{c.real(5)}",
        f"ISBN 978-0-{c.n(100, 999)}-{c.n(10000, 99999)}-{c.n(0, 9)}, ISSN {c.n(1000, 9999)}-{c.n(1000, 9999)}",
    )


def topics(c: Clean) -> str:
    return c.pick(
        "What is attorney-client privilege? A rule of evidence that keeps legal advice out of court.",
        "See 410 U.S. 113 (1973), 42 U.S.C. 1983 and 17 C.F.R. 240.10b-5 for the standard.",
        "When is a document filed under seal? When a court finds good cause to keep it from view.",
        "A protective order limits who may see what is exchanged in discovery.",
        "How does a settlement work? Each side gives up something, and the case ends.",
        "A minor can sign a contract, but may undo it. The sonata is in A minor.",
        "How does metformin work? It lowers the sugar that the liver releases.",
        f"Blood pressure should stay below {c.n(120, 140)}/80 mmHg, and HbA1c under 5.{c.n(5, 9)} %.",
        "How long does the flu last? Three to seven days for most people.",
        "TLP has four colours; amber is fossil resin. The bar is open until two.",
        "Internal medicine deals with organs; the internal use of oils is discouraged.",
    )


def links(c: Clean) -> str:
    return c.pick(
        "See https://docs.python.org/3/library/os.html#os.environ for how variables are read.",
        f"https://github.com/python/cpython/issues/{c.n(10000, 130000)} has the details.",
        "Read https://en.wikipedia.org/wiki/Photosynthesis first.",
        f"https://stackoverflow.com/questions/{c.n(10**5, 10**8)} answers that.",
        f"https://arxiv.org/abs/{c.n(1001, 2612)}.{c.n(10000, 19999)} and https://www.rfc-editor.org/rfc/rfc{c.n(100, 9999)}",
        "npm i left-pad@1.3.0, then open http://localhost:3000/health in the browser.",
    )


FAMILIES: tuple[Callable[[Clean], str], ...] = (
    code,
    science,
    kitchen,
    support,
    data,
    topics,
    links,
)


def rows(count: int, seed: int = 7) -> Iterator[str]:
    """`count` texts, each of one to three sentences of one family."""
    clean = Clean(seed)
    for n in range(count):
        family = FAMILIES[n % len(FAMILIES)]
        yield "\n".join(family(clean) for _ in range(clean.n(1, 3)))
