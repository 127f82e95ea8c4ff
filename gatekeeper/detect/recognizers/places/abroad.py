"""Street addresses as they are written in Europe, Latin America and India."""

from __future__ import annotations

from gatekeeper.detect.lazy import lazy
from gatekeeper.detect.lexicon import fold, lexicon
from gatekeeper.detect.recognizers.spec import START, Pattern, Recognizer

_W = r"[A-ZÀ-Ý][\w'’.-]{1,24}"
_LINE = rf"(?:,?\s(?:[A-Z]{{1,2}}-)?\d{{4,5}}\s{_W}(?:[\s-]{_W}){{0,2}})?"
_NO = r"(?:(?:n[°ºo]\.?|nr\.?|No\.?)\s?)?\d{1,4}\s?(?:[a-zA-Z](?![\w]))?(?:[-/]\d{1,4}[a-z]?)?(?![\w.]\d|\d|(?!(?:bis|ter)\b)[A-Za-z]{2})"
_SMALL = r"(?:de|del|de\sla|de\slas|de\slos|des|du|della|delle|dei|degli|di|da|do|dos|das|la|le|las|los|van|van\sde|van\sden|van\sder|den|der|l['’]|d['’])"
_PATH = rf"(?:(?:{_SMALL})\s?)?{_W}(?:\s(?:(?:{_SMALL})\s?)?{_W}){{0,3}}"
_GERMAN = r"(?:straße|strasse|str\.|gasse|weg|platz|allee|ufer|damm|ring|steig|chaussee)"
_DUTCH = r"(?:straat|laan|gracht|plein|kade|singel|dijk)"
_NORDIC = r"(?:gatan|gata|vägen|veien|vegen|gade|vej|stræde|allé|katu|tie)"
_ROMANCE = (
    r"(?:[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso|[Vv]icolo|[Cc]alle|[Aa]venida|[Pp]aseo|[Pp]laza|[Cc]arrera|[Cc]/|[Cc]arrer|"
    r"[Rr]ua|[Tt]ravessa|[Ll]argo|[Aa]v\.|[Aa]vda\.|ul\.|[Uu]lica|[Aa]l\.|[Aa]leja)"
)
_RUE = r"(?:rue|avenue|boulevard|bd|allée|impasse|place|quai|chemin|cours|square|route|passage)"
_INDIA = r"(?:Road|Rd|Street|St|Marg|Nagar|Cross|Main|Layout|Colony|Society|Sector|Enclave|Vihar|Salai|Chowk|Bazaar|Gali|Lane|Block|Phase|Extension|Extn|Path|Sarani)"
_ONE_WORD = lazy(r"(?P<word>[A-Z][a-z]+) \d{1,4}")


def _german_or_english(text: str, start: int, end: int, score: float) -> float:
    """One word with a number is an address where the word is no English one and nobody's name.

    `Altstadtring 5` is, `Engineering 101`, `Sharing 5`, `Brigade 12` and `Katie 12` are not.
    """
    one = _ONE_WORD.fullmatch(text, start, end)
    if one is None:
        return score
    word, names = fold(one["word"]), lexicon()
    stem = word.removesuffix("ing")
    english = word.endswith("ring") and (word[-5] in "eiou" or names.plain(stem + "e"))
    return 0.4 if english or names.plain(word) or names.known(word) else score


RECOGNIZERS = (
    Recognizer("StreetAddressAbroadRecognizer", "STREET_ADDRESS", (
        Pattern("german", rf"(?<![\w-])(?:(?:Am|An|Auf|Im|In|Alte|Neue|Große|Kleine|Obere|Untere)\s(?:der\s|den\s|dem\s)?)?[A-ZÄÖÜ][\wäöüß-]{{1,24}}{_GERMAN}\s{_NO}{_LINE}|(?<![\w-])[A-ZÄÖÜ][\wäöüß.-]{{1,20}}[\s-](?:Straße|Strasse|Str\.|Allee|Platz|Weg|Ring|Damm)\s{_NO}{_LINE}", 0.75),
        Pattern("dutch or nordic", rf"(?<![\w-])(?:[A-Z][\w'’-]{{1,20}}\s){{0,2}}[A-ZÅÄÖØÆ][\wåäöøæé-]{{1,24}}(?:{_DUTCH}|{_NORDIC})\s{_NO}{_LINE}", 0.7),
        Pattern("french", rf"(?<![\w.,-])(?P<value>{_NO}(?:\s?(?:bis|ter))?,?\s(?:{_RUE}|Rue|Allée|Impasse|Chemin|Quai|Bd)\s{_PATH}{_LINE})", 0.75),
        Pattern("italian, spanish, portuguese, polish", rf"(?<![\w-]){_ROMANCE}\s{_PATH},?\s{_NO}(?:,?\s\d{{1,2}}[°ºª](?:\s[A-Z])?\b)?{_LINE}", 0.75),
        Pattern("indian", rf"{START}(?:(?:Flat|House|H\.?\s?No\.?|Plot|Door|Shop|D\.?No\.?)\s?(?:[Nn]o\.?\s?)?:?\s?\#?|\#\s?)[A-Z]?-?\d{{1,5}}[A-Z]?(?:[-/]\d{{1,4}}[A-Z]?){{0,3}},\s(?:[\w.'’-]{{1,20}}[\s,]\s?){{1,8}}?{_INDIA}\b(?:\s\d{{1,3}}[A-Z]?)?(?:,\s[A-Z][\w'’-]{{1,20}}(?:\s[A-Z\d][\w'’-]{{0,20}}){{0,2}}){{0,3}}(?:\s?[-–,]?\s?[1-8]\d{{2}}\s?\d{{3}}(?!\d))?", 0.8),
        Pattern("indian sector", rf"{START}(?:(?:Flat|House|H\.?\s?No\.?|Plot|Door|Shop)\s?(?:[Nn]o\.?\s?)?\#?)[A-Z]?-?\d{{1,5}}[A-Z]?(?:[-/]\d{{1,4}}[A-Z]?){{0,3}},\s(?:Sector|Phase|Block)[\s-][A-Z\d]{{1,4}}(?:,\s[A-Z][\w'’-]{{1,20}}(?:\s[A-Z\d][\w'’-]{{0,20}}){{0,2}}){{0,3}}(?:\s?[-–,]?\s?[1-8]\d{{2}}\s?\d{{3}}(?!\d))?", 0.8),
        Pattern("indian road and pin", rf"(?<![\w.])\d{{1,4}}[A-Z]?(?:/\d{{1,4}})?,?\s(?:[A-Z][\w.'’-]{{0,20}}\s){{1,3}}{_INDIA}(?:,\s[A-Z][\w'’-]{{1,20}}(?:\s[A-Z][\w'’-]{{1,20}}){{0,2}}){{1,3}}\s?[-–,]?\s?[1-8]\d{{2}}\s?\d{{3}}(?!\d)", 0.85),
    ), ("address", "lives", "wohnhaft", "adresse", "domicilio", "indirizzo", "dirección", "residing"), _german_or_english, ignore_case=False),
)  # fmt: skip
