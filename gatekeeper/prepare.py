"""What applies: policies, destination and lists, loaded and compiled; and the detector for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.model import Attestation, Destination, Policy, Vocabulary
from gatekeeper.policy import Config, load_destination, load_policy

if TYPE_CHECKING:
    from gatekeeper.detect import Detector
    from gatekeeper.detect.lists import KeyedList
    from gatekeeper.shards import Jobs, Workers


@dataclass(frozen=True, slots=True)
class Setup:
    """What applies here: the compiled policies and destination, and the user's configuration."""

    config: Config
    policies: tuple[Policy, ...]
    destination: Destination
    vocabulary: Vocabulary
    lists: tuple[KeyedList, ...] = ()
    """The user's lists of names, as they were when this was prepared."""

    @property
    def entities(self) -> frozenset[str]:
        """Every entity that some policy names: what the detector must prove and look for."""
        return frozenset().union(*(p.entities for p in self.policies))

    def workers(self, jobs: Jobs) -> Workers:
        """The processes that share a scan, each with the detector of this setup."""
        from gatekeeper.shards import Workers

        return Workers.of(jobs, self.config, list_key_path)


def prepare(
    config: Config, *, policies: Sequence[str] = (), destination: str | None = None
) -> Setup:
    """Load and compile what applies; imports neither presidio nor spacy.

    Args:
        config: the user's configuration, or `Config.default()`.
        policies: shipped names or files that take the place of the configured ones.
        destination: a shipped name or a file, in place of the configured one.

    Raises:
        PolicyError: a policy or destination file is wrong, with `file:line:column`.
        ConfigError: a setting is wrong.
    """
    lists = lists_for(config)
    vocabulary = _vocabulary(config, lists)
    loaded = tuple(load_policy(name, vocabulary) for name in policies or config.policies)
    chosen = load_destination(destination or config.destination)
    return Setup(config, loaded, chosen, vocabulary, lists)


def beside(config: Config, policies: Sequence[str]) -> tuple[str, ...]:
    """`policies` of a command line, and those that the configuration names: none is taken away."""
    if policies and config.names_policies:
        return tuple(dict.fromkeys([*config.policies, *policies]))
    return tuple(policies)


def vocabulary_for(config: Config) -> Vocabulary:
    """The words that policies may use here: the catalogue, the configured locales, the user's
    own recognizers and lists.

    Raises ConfigError where one of their files is wrong.
    """
    return _vocabulary(config, lists_for(config))


def _vocabulary(config: Config, lists: Sequence[KeyedList]) -> Vocabulary:
    from gatekeeper.detect.catalogue import load_catalogue

    return load_catalogue().vocabulary(config.recognizers, lists, config.locales)


def lists_for(config: Config) -> tuple[KeyedList, ...]:
    """The user's lists of names, each confirmed by its key. Raises ConfigError."""
    if not config.lists:
        return ()
    from gatekeeper.detect.lists import load_lists

    return load_lists(config.lists, default_key=list_key_path())


def list_key_path() -> Path:
    """Where the key of a list is kept when no other place is named: beside the signing key."""
    from gatekeeper.model.places import gatekeeper_home

    return gatekeeper_home() / "lists.key"


def load_detector_for(setup: Setup, entities: frozenset[str]) -> tuple[Detector, Attestation]:
    """The detector for `entities` and its known-answer test, both once a process.

    Raises DetectorError, and ConfigError for a file of recognizers.
    """
    from gatekeeper.detect.loading import cached_detector

    config = setup.config
    detector = cached_detector(
        entities, config.recognizers, config.names, setup.lists, config.locales
    )
    return detector, detector.attest(entities)


def fingerprint_for(setup: Setup, entities: frozenset[str]) -> str:
    """The fingerprint of the detector that `load_detector_for` loads; imports none of it.

    Raises ConfigError and DetectorError as that does, for what it reads.
    """
    from gatekeeper.detect.loading import fingerprint_of

    config = setup.config
    return fingerprint_of(entities, config.recognizers, config.names, setup.lists, config.locales)
