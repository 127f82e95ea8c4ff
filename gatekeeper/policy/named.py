"""The words and names in the files people write, each checked against what is known."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from gatekeeper.model import LOCALE_SYNONYMS, LOCALES, Vocabulary
from gatekeeper.policy.strict_yaml import shown


def problem(
    what: str, hint: str = "", *, word: str = "", known: Iterable[str] = ()
) -> PydanticCustomError:
    """An error in our own words, for a validator to raise.

    What is `known` near `word` is looked for when the error is told: there may be very many.
    """
    context = {"what": what, "hint": hint, "word": word, "known": known}
    return PydanticCustomError("gatekeeper", "{what}", context)


def _one_line(text: str) -> str:
    if not text.strip():
        raise problem("may not be empty")
    if not text.isprintable():
        raise problem("must be one line without control characters")
    return text


def _vocabulary(info: ValidationInfo) -> Vocabulary | None:
    return info.context if isinstance(info.context, Vocabulary) else None


def _entity(name: str, info: ValidationInfo) -> str:
    vocabulary = _vocabulary(info)
    if vocabulary is not None and name not in vocabulary.entities:
        listing = "`gatekeeper policy entities` lists them all"
        if name in vocabulary.class_names:
            raise problem(f"{shown(name)} is a class, not an entity", "write {class: …}")
        if name in vocabulary.locales:
            what = f"entity {shown(name)} is not looked for: its locale is off"
            raise problem(what, f"write `locales: [{vocabulary.locales[name]}]` in gatekeeper.yaml")
        what = f"unknown entity {shown(name)}"
        raise problem(what, listing, word=name, known=vocabulary.entities)
    return name


def _class(name: str, info: ValidationInfo) -> str:
    vocabulary = _vocabulary(info)
    if vocabulary is not None and name not in vocabulary.class_names:
        known = vocabulary.class_names
        listing = "known are " + ", ".join(known)
        raise problem(f"unknown class {shown(name)}", listing, word=name, known=known)
    return name


def _locale(code: str) -> str:
    known = LOCALE_SYNONYMS.get(code, code)
    if known not in LOCALES:
        raise problem(f"unknown locale {shown(code)}", "known are " + ", ".join(LOCALES))
    return known


def _field_glob(glob: str) -> str:
    if not glob.startswith(("/", "*")):
        raise problem(
            f"field {shown(glob)} must start with `/`",
            "fields are JSON pointers with `*` for positions: /messages/*/content",
        )
    return glob


Line = Annotated[str, AfterValidator(_one_line)]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Entity = Annotated[str, AfterValidator(_entity)]
ClassName = Annotated[str, AfterValidator(_class)]
FieldGlob = Annotated[str, AfterValidator(_one_line), AfterValidator(_field_glob)]
Locale = Annotated[
    str,
    AfterValidator(_locale),
    Field(json_schema_extra={"enum": sorted([*LOCALES, *LOCALE_SYNONYMS])}),
]
