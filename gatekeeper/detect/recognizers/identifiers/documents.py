"""Passports with their machine-readable zone, driver's licences, certificates and licences."""

from __future__ import annotations

from gatekeeper.detect.recognizers.identifiers.labels import NEEDS_NOUN, given
from gatekeeper.detect.recognizers.spec import CODE, Pattern, Recognizer, labelled

_WEIGHTS = (7, 3, 1)


def _mrz_digit(field: str) -> str:
    """The check digit of a field of a machine-readable zone (ICAO Doc 9303-3, 4.9)."""
    values = (0 if c == "<" else int(c, 36) for c in field)
    return str(sum(v * _WEIGHTS[n % 3] for n, v in enumerate(values)) % 10)


def _mrz(text: str, start: int, end: int, score: float) -> float:
    """The check digits of number and birth date hold; a line of names has none."""
    line = text[start:end].upper()
    if line[0] in "PVIAC" and "<<" in line and not line[9].isdigit():
        return score
    return score if _mrz_digit(line[:9]) == line[9] and _mrz_digit(line[13:19]) == line[19] else 0.0


_PASSPORT = r"(?=(?:[A-Z]{0,8}\d){4})[A-Z0-9]{7,10}|[A-Z]{1,2}[ -]\d{6,8}|\d{2} ?\d{2} ?\d{6}"
_STATE = r"(?:[ ,:#]{1,3}\(?(?-i:[A-Z]{2})\)?(?![A-Za-z0-9])|[ ,]{0,2}\([A-Z][a-z ]{3,14}\)|[ ](?:card|licence|license))?"
_LICENCE = (
    r"(?:[A-Z]{1,2}[- ]?\d{5,14}|[A-Z]\d{3}(?:[- ]\d{1,4}){2,5}|[A-Z]\d{4}[- ]\d{5}[- ]\d{5}|\d{3}[- ]\d{3}[- ]\d{3}|\d{2}[- ]\d{3}[- ]\d{4}|"
    r"\d{2}[A-Z]{3}\d{5}|[A-Z]\d{2,3}[A-Z0-9]{6,8}|[A-Z9]{5}\d{6}[A-Z9]{2}\d[A-Z]{2}|[A-Z*]{5,7}\d{3}[A-Z0-9]{2}|\d{6,12}|(?=[A-Z0-9-]{0,20}\d{4})[A-Z0-9][A-Z0-9-]{3,18}[A-Z0-9])"
)
RECOGNIZERS = (
    Recognizer("UsPassportRecognizer", "US_PASSPORT", (
        Pattern("labelled", labelled(r"passport(?:[ _-](?:book|card|document))?|reisepass(?:[ -]?(?:nummer|nr\.?))?|passeport|pasaporte|passnummer|travel[ _-]document(?=[ _-]?(?:n|id|\#))", _PASSPORT), 0.85),
    ), (), given, needs=("pass", "pasaporte", "travel")),
    Recognizer("PassportZoneRecognizer", "US_PASSPORT", (
        Pattern("second line", r"(?<![\w<])(?-i:[A-Z0-9<]{9}\d[A-Z<]{3}\d{6}\d[MFX<]\d{6}\d[A-Z0-9<]{14}[0-9<]\d)(?![\w<])", 0.95),
        Pattern("first line", r"(?<![\w<])(?-i:P[A-Z<][A-Z]{3}[A-Z]{1,30}<<[A-Z<]{8,38})(?![\w])", 0.85),
    ), (), _mrz, needs=("<",)),
    Recognizer("UsLicenseRecognizer", "US_DRIVER_LICENSE", (
        Pattern("labelled", labelled(rf"(?:driv(?:er|ing)['’]?s?[ _-]?(?:licen[sc]e|lic\.?|permit)(?![ _-]?(?:plate|key))|(?-i:\bD\.?/?L\.?|DLN?|OLN|CDL)(?=[ _-]?(?:\#|no|No|NO|num|Num|:|=|[A-Z]{{2}}\b))|dl(?=[ _-](?:no|num(?:ber)?|id)\b)|dln|f[üu]hrerschein(?:[ -]?(?:nummer|nr\.?))?|permis de conduire|(?:permiso|licencia) de conducir){_STATE}", _LICENCE), 0.85),
    ), (), given, needs=("driv", "dl", "d.l", "d/l", "oln", "führerschein", "fuhrerschein", "permis", "licencia")),
    Recognizer("CertificateRecognizer", "CERTIFICATE_NUMBER", (
        Pattern("labelled", labelled(r"(?:(?:birth|death|marriage|medical|nursing|pharmacy|pharmacist|physician|dental|professional|state|teaching|teacher|pilot|board|insurance|business|real[ _-]estate|broker|notary|contractor|liquor|gun|hunting|fishing|firearm|concealed[ _-]carry|rn|lpn|np|md|do|pa|citizenship|naturali[sz]ation)[ _-])?(?:certificates?|cert\.?|certification|licen[sc]e|lic\.?|licensure|registration|permit|credential)(?! ?key)(?:[ _-](?:holder|card))?", CODE, noun=NEEDS_NOUN), 0.75),
        Pattern("foreign", labelled(r"(?:zulassungs|approbations|urkunden|zertifikats|bescheinigungs)(?:-?nummer|-?nr\.?)|(?:certificat|permis|licence|agrément)\s(?:n°|nº|num[ée]ro)|(?:licencia|certificado|colegiado|c[ée]dula profesional)\s(?:n[úu]m\.?|n[ºo°]\.?|n[úu]mero)", CODE), 0.75),
    ), (), given),
)  # fmt: skip
