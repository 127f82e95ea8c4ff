"""Presidio's engine with a tokenizer, the name pass and an enhancer of ours; its loggers silent."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gatekeeper.detect.analyzer import CONTEXT_GAIN, CONTEXT_LEAST
from gatekeeper.detect.around import words_around
from gatekeeper.detect.ner import NAME_ENTITIES
from gatekeeper.detect.words import STOP
from gatekeeper.model import NameModel

if TYPE_CHECKING:
    from presidio_analyzer import AnalyzerEngine, EntityRecognizer

LANGUAGE = "en"
VOCABULARY = 100_000
"""Distinct words that the pipeline may remember, some tens of megabytes."""
_QUIET = (
    "presidio-analyzer",
    "presidio_analyzer",
    "decision_process",
    "tldextract",
    "spacy",
    "thinc",
)


def renew(nlp_engine: Any) -> None:
    """Load the pipeline anew once it has met many words, for it keeps every one it meets.

    spaCy's own `memory_zone` is no way out: in 3.8.18 its map of words breaks after some megabytes
    of varied text (AssertionError in `Vocab.get`, or KeyError E018).
    """
    if len(nlp_engine.get_nlp(LANGUAGE).vocab) > VOCABULARY:
        nlp_engine.load()


def quiet() -> None:
    """Silence the loggers that would print values, whatever the host application configured."""
    known = logging.root.manager.loggerDict
    for name in {*_QUIET, *(n for n in known if n.startswith(_QUIET))}:
        logger = logging.getLogger(name)
        logger.disabled = True
        logger.propagate = False
        logger.handlers[:] = []


def build_engine(
    recognizers: Sequence[EntityRecognizer], with_names: bool, own: NameModel | None, model: str
) -> AnalyzerEngine:
    """Presidio's engine over `recognizers`; `model` is the digest of the name model."""
    from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

    class Registry(RecognizerRegistry):
        """All recognizers, in order: Presidio's own puts them through a set."""

        def get_recognizers(self, *_: Any, **__: Any) -> list[EntityRecognizer]:
            return list(recognizers)

    engine = AnalyzerEngine(
        registry=Registry(recognizers=list(recognizers), supported_languages=[LANGUAGE]),
        nlp_engine=nlp_engine(with_names, own, model),
        supported_languages=[LANGUAGE],
        context_aware_enhancer=_enhancer(),
    )
    quiet()
    return engine


@cache
def nlp_engine(with_names: bool, own: NameModel | None = None, model: str = "") -> Any:  # noqa: ARG001
    """SpaCy behind Presidio: a tokenizer, and behind it the name pass where a name is asked for.

    `model` is the digest of the name model: one that was changed on disk is opened anew.
    """
    import spacy
    from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine

    class Engine(SpacyNlpEngine):
        """Gives lower-cased words as lemmas, without which no context word would ever match."""

        def load(self) -> None:
            nlp = spacy.blank(LANGUAGE)
            if with_names:
                from gatekeeper.detect.ner.component import register

                nlp.add_pipe(
                    register(), config={"kind": own and own.kind, "path": own and str(own.path)}
                )
            self.nlp = {LANGUAGE: nlp}

        def is_stopword(self, word: str, language: str) -> bool:
            return word in STOP

        def _doc_to_nlp_artifact(self, doc: Any, language: str) -> Any:
            entities, scores = self._get_updated_entities(
                self._get_entities(doc), self._get_scores_for_entities(doc)
            )
            places, lower = doc.to_array(["IDX", "LOWER"]).T  # a Token each would cost more
            strings = doc.vocab.strings
            return NlpArtifacts(
                entities=entities,
                tokens=doc,
                tokens_indices=places.tolist(),
                lemmas=[strings[key] for key in lower.tolist()],
                nlp_engine=self,
                language=language,
                scores=scores,
            )

    engine = Engine(
        models=[{"lang_code": LANGUAGE, "model_name": "bundled"}],
        ner_model_configuration=NerModelConfiguration(
            labels_to_ignore=[],
            model_to_presidio_entity_mapping={name: name for name in sorted(NAME_ENTITIES)},
        ),
    )
    engine.load()
    return engine


@cache
def _enhancer() -> Any:
    from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer

    class Enhancer(LemmaContextAwareEnhancer):
        """Presidio's enhancer, with our reading of which words are near."""

        def _extract_surrounding_words(
            self, nlp_artifacts: Any, word: str, start: int
        ) -> list[str]:
            return words_around(nlp_artifacts.tokens.text, start, start + len(word))

    return Enhancer(
        context_similarity_factor=CONTEXT_GAIN,
        min_score_with_context_similarity=CONTEXT_LEAST,
        context_matching_mode="whole_word",
    )
