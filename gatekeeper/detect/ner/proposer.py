"""What proposes the names of a text: the network behind its gate, and the rules around it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from gatekeeper.detect.names import LIKELY, name_score
from gatekeeper.detect.ner.again import seen_again
from gatekeeper.detect.ner.custom import Propose, open_custom
from gatekeeper.detect.ner.decode import BAND, Proposal, close_words, is_torn, moved, proposals
from gatekeeper.detect.ner.gate import worth_reading
from gatekeeper.detect.ner.pairs import addressed, known_pairs, mistaken
from gatekeeper.detect.ner.tagger import Reading, Tagger, load_tagger
from gatekeeper.detect.ner.wider import widened
from gatekeeper.model import NameModel

_OTHERS = ("LOCATION", "ORGANIZATION")


@cache
def open_proposer(own: NameModel | None = None, model: str = "") -> Propose:  # noqa: ARG001
    """The user's own model, or the bundled network; once a process.

    `model` is the digest of the name model: one that was changed on disk is opened anew.
    Raises DetectorError and ConfigError.
    """
    return open_custom(own) if own else proposer(bundled_tagger())


@cache
def bundled_tagger() -> Tagger:
    """The bundled network, opened once a process."""
    from gatekeeper.detect.ner import model_path

    return load_tagger(model_path())


def proposer(tagger: Tagger, *, gated: bool = True) -> Propose:
    """What proposes the names of a text by a network; ungated, that reads every sentence."""

    def propose(text: str) -> list[Proposal]:
        spans = worth_reading(text, everything=not gated)
        if not spans:
            return []
        reading = tagger.read(text, spans, everything=not gated)
        found = proposals(text, reading.words, reading.rows)
        if tagger.exact:
            unsure = _unsure(text, reading, found)
            if unsure:
                tagger.read_exactly(reading, unsure)
                found = proposals(text, reading.words, reading.rows)
        found = widened(text, reading.words, found)
        found += [*mistaken(text, found), *addressed(text, reading.words, found)]
        pairs = known_pairs(text, reading.words, sorted(found))
        people = [p for p in found if p.label == "PERSON" and _is_likely(text, p)]
        return sorted([*found, *pairs, *seen_again(text, people)])

    return propose


def _is_likely(text: str, p: Proposal) -> bool:
    return name_score(p.label, text, p.start, p.end, p.probability) >= LIKELY


def _unsure(text: str, reading: Reading, found: Iterable[Proposal]) -> set[int]:
    """Words of which int8 arithmetic might have changed what is likely: a name, or its ends."""
    doubtful = close_words(reading.rows)
    unsure: set[int] = set()
    n = 0
    words = reading.words
    for p in found:
        while n < len(words) and words[n][1] <= p.start:
            n += 1
        last = n
        while last < len(words) and words[last][0] < p.end:
            last += 1
        most = name_score(p.label, text, p.start, p.end, moved(p.probability, BAND))
        edges = not doubtful.isdisjoint(range(n - 1, last + 1))
        edges = edges or (n < last and is_torn(reading.rows[n:last]))
        if edges and most < LIKELY and p.label != "PERSON" and n < last:
            # one word more may be the one that makes it a street or a company, or the other label
            wide = words[max(0, n - 1)][0], words[min(last, len(words) - 1)][1]
            spans = ((p.start, p.end), wide)
            most = max(name_score(k, text, *s, p.probability) for k in _OTHERS for s in spans)
        if most < LIKELY:
            continue
        least = moved(p.probability, -BAND)
        if edges or name_score(p.label, text, p.start, p.end, least) < LIKELY:
            unsure.update(range(n, last))
    return unsure
