"""A fine-tuning job as it is asked for: everything it would carry out of the house, as one value.

What of it is text is scanned like a dataset, in the same decision (`texts`), and the whole is bound
into the clearance by its digest, so that the job created is the job that was decided on.

Source: CreateFineTuningJobRequest in the service's API description (openai-openapi 2.3.0).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.model.canonical import canonical_bytes, digest_of

JOB_SOURCE = "job"
"""The name under which the texts of a job are scanned."""

METHODS = ("supervised", "dpo", "reinforcement")

_PLAIN_MODEL = re.compile(
    r"(?:gpt|o|davinci|babbage|chatgpt)-?[0-9][0-9a-z.]{0,7}(?:-(?:mini|nano|turbo|pro|preview)){0,2}"
    r"(?:-20[0-9]{2}-[01][0-9]-[0-3][0-9])?\Z"
)
"""A name that the service gave. Its date would be taken for somebody's, and it can hold no text."""

_WORDS = {
    "type": frozenset(
        {"string_check", "text_similarity", "python", "score_model", "label_model", "multi",
         "message", "input_text", "output_text", "wandb"}),
    "operation": frozenset({"eq", "ne", "like", "ilike"}),
    "role": frozenset({"user", "assistant", "system", "developer"}),
    "evaluation_metric": frozenset(
        {"cosine", "fuzzy_match", "bleu", "gleu", "meteor", "rouge_l",
         *(f"rouge_{n}" for n in range(1, 6))}),
}  # fmt: skip
"""Keys whose values are words of the service; any other value under them is scanned as text."""


@dataclass(frozen=True, slots=True)
class JobRequest:
    """A fine-tuning job on the files of an upload."""

    model: str
    method: str = "supervised"
    """`supervised`, `dpo` or `reinforcement`."""
    seed: int | None = None
    hyperparameters: Mapping[str, int | float | str] = field(default_factory=dict)
    suffix: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    grader: Mapping[str, Any] | None = None
    """Of the method `reinforcement`, and of no other."""
    integrations: tuple[Mapping[str, Any], ...] = ()

    def arguments(self) -> dict[str, Any]:
        """The request as the service takes it, but for the files."""
        settings: dict[str, Any] = {}
        if self.hyperparameters:
            settings["hyperparameters"] = dict(self.hyperparameters)
        if self.grader is not None:
            settings["grader"] = self.grader
        wanted: dict[str, Any] = {
            "model": self.model,
            "method": {"type": self.method, self.method: settings},
        }
        if self.seed is not None:
            wanted["seed"] = self.seed
        if self.suffix:
            wanted["suffix"] = self.suffix
        if self.metadata:
            wanted["metadata"] = dict(self.metadata)
        if self.integrations:
            wanted["integrations"] = [dict(i) for i in self.integrations]
        return wanted

    @property
    def digest(self) -> str:
        """`sha256:…` of the whole request."""
        return digest_of(self.arguments())

    def texts(self, models: Collection[str] = ()) -> bytes:
        """What of the request is text, as one JSON document; empty where nothing is.

        Names of `models` (those that the destination declares), and names of the form that the
        service gives, are no text: the date in `gpt-4o-2024-08-06` is nobody's.
        """
        found: dict[str, Any] = {}
        if not _is_plain(self.model, models):
            found["model"] = self.model
        if self.suffix:
            found["suffix"] = self.suffix
        if self.metadata:
            found["metadata"] = dict(self.metadata)
        if self.grader is not None:
            found["grader"] = _without_words(self.grader, models)
        if self.integrations:
            found["integrations"] = [_without_words(i, models) for i in self.integrations]
        return canonical_bytes(found) + b"\n" if found else b""

    def texts_digest(self, models: Collection[str] = ()) -> str:
        """`sha256:…` of `texts`, as it stands among the subjects of the decision; or empty."""
        import hashlib

        texts = self.texts(models)
        return f"sha256:{hashlib.sha256(texts).hexdigest()}" if texts else ""


def _is_plain(name: str, models: Collection[str]) -> bool:
    return name in models or bool(_PLAIN_MODEL.match(name))


def _without_words(value: Any, models: Collection[str]) -> Any:
    """`value` without what can be no text: the service's own words, and models by their names."""
    if isinstance(value, Mapping):
        return {
            key: _without_words(inner, models)
            for key, inner in value.items()
            if not (isinstance(inner, str) and _is_word(key, inner, models))
        }
    if isinstance(value, list | tuple):
        return [_without_words(inner, models) for inner in value]
    return value


def _is_word(key: str, value: str, models: Collection[str]) -> bool:
    return value in _WORDS.get(key, ()) or (key == "model" and _is_plain(value, models))
