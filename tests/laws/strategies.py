"""Hypothesis strategies for the values that `decide` reads."""

import datetime

from hypothesis import strategies as st

from gatekeeper.model import (
    Agreement,
    AllOf,
    AnyOf,
    Attestation,
    Confidence,
    Count,
    Destination,
    Evidence,
    Place,
    Policy,
    Requirement,
    Route,
    Rule,
    SameRecord,
    Tally,
    Unit,
    Unscanned,
    Waiver,
    digest_of,
)

TODAY = datetime.date(2026, 6, 1)
ENTITIES = ("PERSON", "US_SSN", "DIAGNOSIS", "PRIVATE_KEY")
FIELDS = ("/text", "/messages/*/content", "*")
SOURCES = ("data/a.jsonl", "data/b.jsonl", "docs/c.csv")

entities = st.sampled_from(ENTITIES)
confidences = st.sampled_from(Confidence)
small = st.integers(min_value=0, max_value=50)
digests = st.sampled_from([f"sha256:{c * 64}" for c in "abcdef"])
places = st.builds(Place, small, st.sampled_from(["/text", "/messages/0/content"]), small, small)
unscanned = st.builds(
    Unscanned,
    st.sampled_from(SOURCES),
    st.sampled_from(["line 1", "line 2"]),
    st.just("broken-json"),
    st.just("no JSON"),
    small,
    st.booleans(),
)


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    seen = draw(st.integers(0, 5000))
    items = frozenset(draw(st.lists(unscanned, max_size=3)))
    counts = st.dictionaries(
        st.tuples(entities, st.sampled_from(FIELDS), confidences), st.integers(1, 20), max_size=6
    )
    signatures = st.dictionaries(
        st.dictionaries(entities, confidences, min_size=1, max_size=3).map(
            lambda d: frozenset(d.items())
        ),
        st.integers(1, 20),
        max_size=4,
    )
    kept = st.dictionaries(
        st.tuples(entities, confidences),
        st.lists(places, min_size=1, max_size=4).map(lambda p: tuple(sorted(set(p)))),
        max_size=4,
    )
    return Tally(
        sources=frozenset(draw(st.sets(st.sampled_from(SOURCES), min_size=1, max_size=2))),
        bytes_seen=seen,
        bytes_unscanned=draw(st.integers(0, seen)) if items else 0,
        records=draw(small),
        refused_count=sum(not u.opaque for u in items),
        opaque_count=sum(u.opaque for u in items),
        unscanned=items,
        counts=draw(counts),
        signatures=draw(signatures),
        places=draw(kept),
        bytes_left=draw(st.sampled_from([0, 0, 0, 7])),
    )


evidences = st.dictionaries(digests, tallies(), max_size=4).map(Evidence)
entity_sets = st.frozensets(entities, min_size=1)
thresholds = st.integers(1, 3) | st.integers(1, 40)
"""Mostly low, so that rules hold often enough for the laws to bite."""
counts = st.builds(
    Count,
    entity_sets,
    thresholds,
    confidences,
    st.sampled_from(Unit),
    st.sampled_from([(), ("/text",), ("/messages/*",)]),
    st.sampled_from([(), ("data/*",)]),
)
same_records = st.builds(
    SameRecord,
    st.lists(entity_sets, min_size=1, max_size=3).map(tuple),
    thresholds,
    confidences,
    st.sampled_from([(), ("data/*",)]),
)
conditions = st.recursive(
    counts | same_records,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3).map(lambda p: AllOf(tuple(p)))
        | st.lists(inner, min_size=1, max_size=3).map(lambda p: AnyOf(tuple(p)))
    ),
    max_leaves=4,
)
stricter_routes = st.sampled_from([Route.ON_PREM, Route.QUARANTINE])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    name = draw(st.sampled_from(["hipaa", "legal", "internal", "ours"]))
    rules = tuple(
        Rule(f"r{i}", f"clause {i}", when, route, f"{name}.yaml:{i + 1}:1")
        for i, (when, route) in enumerate(
            draw(st.lists(st.tuples(conditions, stricter_routes), min_size=1, max_size=4))
        )
    )
    requires = tuple(
        Requirement("BAA", ("phi",), when, "164.502(e)", f"{name}.yaml:99:1")
        for when in draw(st.lists(conditions, max_size=1))
    )
    body = (name, repr(rules), repr(requires))
    return Policy(
        name,
        1,
        name,
        "test",
        f"{name}.yaml",
        digest_of(body),
        rules,
        requires,
        draw(stricter_routes),
    )


waivers = st.builds(
    Waiver,
    st.sampled_from(["hipaa", "ours"]),
    st.sampled_from(["r0", "r1"]),
    st.sampled_from(["data/*", "docs/*", "*"]),
    st.dates(datetime.date(2026, 5, 1), datetime.date(2026, 7, 1)),
    st.just("sec@example.com"),
    st.just("public names"),
    st.just("gatekeeper.yaml:9:1"),
)
agreements = st.builds(
    Agreement,
    st.just("openai"),
    st.sampled_from(["BAA", "DPA"]),
    st.just(("phi",)),
    st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 5, 30)),
    st.dates(datetime.date(2026, 5, 1), datetime.date(2026, 12, 30)),
)
ATTESTED = Attestation("sha256:detector", frozenset(ENTITIES))


def destination(**changes: object) -> Destination:
    """An open destination that a BAA can cover."""
    facts: dict[str, object] = {
        "name": "openai",
        "title": "test",
        "party": "openai",
        "base_url": "https://api.example.com/v1",
        "host": "api.example.com",
        "as_of": datetime.date(2026, 5, 20),
        "max_age_days": 90,
        "digest": "sha256:destination",
        "covers": frozenset({"BAA", "DPA"}),
    }
    return Destination(**{**facts, **changes})  # type: ignore[arg-type]
