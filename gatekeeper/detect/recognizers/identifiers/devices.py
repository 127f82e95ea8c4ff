"""Vehicles and devices: VIN, plates, serials, UDI, IMEI and MEID, hardware addresses."""

from __future__ import annotations

from gatekeeper.detect.recognizers.identifiers.labels import given
from gatekeeper.detect.recognizers.spec import (
    END,
    START,
    Pattern,
    Recognizer,
    digits_of,
    labelled,
    luhn,
)

_VIN_VALUES = {
    c: int(v) for c, v in zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)
}
_HEX = frozenset("0123456789ABCDEF")
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def _vin(text: str, start: int, end: int, score: float) -> float:
    """The check character in the ninth place (49 CFR 565.15); without a label it must hold."""
    value = text[start:end].upper()
    letters = sum(c.isalpha() for c in value)
    if letters < 2 or letters > 13 or len(set(value)) < 6:
        return 0.0
    total = sum(
        w * (_VIN_VALUES[c] if c in _VIN_VALUES else int(c))
        for c, w in zip(value, _VIN_WEIGHTS, strict=True)
    )
    held = value[8] == ("X" if total % 11 == 10 else str(total % 11))
    if score >= 0.7:
        return 0.95 if held else score
    # The last four are figures in what American makers number; a piece of a hash is none.
    bare = text[start:end].isupper() and value[13:].isdecimal() and not set(value) <= _HEX
    return score if held and bare else 0.0


def _imei(text: str, start: int, end: int, score: float) -> float:
    """Luhn over fifteen digits (3GPP TS 23.003); a wrong one is only possible."""
    return score if luhn(digits_of(text, start, end)) else 0.4


_DOCUMENTED = (
    "001122334455",
    "112233445566",
    "aabbccddeeff",
    "0123456789ab",
    "123456789abc",
    "deadbeef",
    "010203040506",
    "fedcba",
    "abcdef",
)


def _mac(text: str, start: int, end: int, score: float) -> float:
    """Not the broadcast or the empty address; those that manuals use are only possible."""
    value = "".join(c for c in text[start:end].lower() if c.isalnum())
    if len(set(value)) <= 2 or (len(set(value)) <= 3 and score < 0.6):
        return 0.0 if len(set(value)) == 1 or score < 0.6 else score
    return min(score, 0.4) if value.startswith(_DOCUMENTED) or value.endswith("deadbeef") else score


def _udi(text: str, start: int, end: int, score: float) -> float:
    """The check digit of the GTIN-14 in application identifier 01 (GS1 General Specifications, 7.9)."""
    gtin = digits_of(text, start, end)[2:16]
    total = sum(int(d) * (3 if n % 2 == 0 else 1) for n, d in enumerate(gtin[:13]))
    return score if len(gtin) == 14 and (10 - total % 10) % 10 == int(gtin[13]) else 0.0


_HIBC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%"


def _hibc(text: str, start: int, end: int, score: float) -> float:
    """The check character modulo 43 (ANSI/HIBC 2.6); without it only possible."""
    value = text[start:end].upper()
    held = _HIBC[sum(_HIBC.find(c) for c in value[:-1]) % 43] == value[-1]
    return score if held else score * 0.45


def _iccid(text: str, start: int, end: int, score: float) -> float:
    """Luhn over the number of a SIM card (ITU-T E.118)."""
    digits = digits_of(text, start, end)
    return score if luhn(digits) or luhn(digits[:-1]) else 0.4


def _plate(text: str, start: int, end: int, score: float) -> float:
    """A plate has few characters, and is no word."""
    core = [c for c in text[start:end] if c.isalnum()]
    return given(text, start, end, score) if 4 <= len(core) <= 8 else 0.0


_VIN = r"[A-HJ-NPR-Z0-9]{17}"
_SERIAL = (
    r"serials?(?=[ _-]?(?:n(?:o|um|br|r)|\#|:|=|id\b|[\"']))|ser\.(?=[ ]?no)|s/n|\bsn(?=\s{0,2}[:\#=])|(?:medical[ _-])?(?:device|implant|pacemaker|icd|pump|meter|cgm|"
    r"glucometer|ventilator|stent|valve|prosthesis|hearing[ _-]aid|cpap|defibrillator|neurostimulator|lead|lens|phone|handset|laptop|tablet|watch|asset)[ _-]?(?=id\b|serial|s/n|sn\b)(?:[ _-]?(?:serial|s/n|sn))?|"
    r"\bdev(?:ice)?[ _-]?serial|seriennummer|serien-?nr\.?|num[ée]ro de s[ée]rie|n° de s[ée]rie|n[úu]mero de serie|hardware[ _-]?id|android[ _-]?id|imsi|esn"
)
_PLATES = (
    r"(?:(?:licen[sc]e|number|vehicle|registration|car|truck)[ _-]?(?:plates?|tag)|plate(?=[ _-]?(?:n(?:o|um)|\#|:|=|[\"']))|tag(?=[ _-]?(?:n(?:o|um)|\#))|"
    r"(?:vehicle[ _-])?reg(?:istration|\.)?[ _-]?(?:mark|plate)|vehicle[ _-]registration|(?:amtliches )?(?:kfz-?)?kennzeichen|(?:plaque d['’])?immatriculation|placas?(?= ?(?:n|:))|matr[íi]cula(?= ?:))(?:[ ,:\#]{1,3}\(?(?-i:[A-Z]{2})\)?(?=[ :\#]))?"
)
RECOGNIZERS = (
    Recognizer("VinRecognizer", "VIN", (
        Pattern("labelled", labelled(r"vins?|v\.i\.n\.?|vehicle[ _-](?:identification|id)(?:[ _-]n(?:umber|o\.?))?|chassis|fahrgestell(?:nummer|-?nr\.?)|num[ée]ro de ch[âa]ssis|bastidor", _VIN), 0.75),
        Pattern("bare", START + _VIN + END, 0.65),
    ), ("vin", "vehicle", "car", "chassis"), _vin),
    Recognizer("LicensePlateRecognizer", "LICENSE_PLATE", (
        Pattern("labelled", labelled(_PLATES, r"(?!n(?:o|um))(?=[A-Z0-9 ·-]{0,10}\d)(?=[A-Z0-9 ·-]{0,10}[A-Z])[A-ZÄÖÜ0-9]{1,4}(?:[ ·-]{0,2}[A-Z0-9]{1,5}){1,2}"), 0.85),
    ), (), _plate, needs=("plate", "tag", "reg", "kennzeichen", "immatric", "placa", "matr")),
    Recognizer("DeviceSerialRecognizer", "DEVICE_SERIAL", (
        Pattern("labelled", labelled(_SERIAL, r"(?=[A-Z0-9/.-]{0,28}\d{3})[A-Z0-9][A-Z0-9/-]{4,26}[A-Z0-9]"), 0.8),
        Pattern("mixed", labelled(r"serial[ _-]?(?:number|no\.?|num|\#)|s/n", r"(?=[A-Z0-9]{0,12}\d[A-Z0-9]{0,12}\d)(?=[A-Z0-9]{0,12}[A-Z])[A-Z0-9]{8,16}"), 0.75),
        Pattern("MEID", labelled(r"meid", r"[A-F0-9]{14}|\d{18}"), 0.9),
        Pattern("UDI, labelled", labelled(r"udi(?:-di)?", r"\(?01\)?\d{14}[A-Z0-9()]{0,60}|\d{14}"), 0.8),
    ), (), given),
    Recognizer("ImeiRecognizer", "DEVICE_SERIAL", (
        Pattern("labelled", labelled(r"imei(?:sv)?[12]?|international mobile equipment identity", r"\d{2}[- ]?\d{6}[- ]?\d{6}[- ]?\d"), 0.95),
    ), (), _imei, needs=("imei", "equipment")),
    Recognizer("SimCardRecognizer", "DEVICE_SERIAL", (
        Pattern("labelled", labelled(r"iccid|sim(?:[ _-]card)?(?=[ _-]?(?:n|id|\#|serial))(?:[ _-]serial)?", r"89\d{16,18}"), 0.9),
    ), (), _iccid, needs=("iccid", "sim")),
    Recognizer("UdiRecognizer", "DEVICE_SERIAL", (
        Pattern("GS1", r"\(01\)\d{14}(?:\(\d{2}\)[A-Z0-9]{1,20}){0,4}", 0.85),
    ), (), _udi, needs=("(01)",)),
    Recognizer("HibcRecognizer", "DEVICE_SERIAL", (
        Pattern("HIBCC", r"(?<![\w+])\+(?-i:[A-Z])[A-Z0-9]{3}[A-Z0-9]{1,18}\d(?:/\$?\$?\+?[A-Z0-9.$/+-]{1,40})?[A-Z0-9 .$/+%-](?![\w])", 0.7),
    ), (), _hibc, needs=("+",)),
    Recognizer("MacAddressRecognizer", "MAC_ADDRESS", (
        Pattern("colons", r"(?<![\w:.-])[0-9A-F]{2}(?P<s>[:-])(?:[0-9A-F]{2}(?P=s)){4}[0-9A-F]{2}(?![\w:]|-\w)", 0.85),
        Pattern("EUI-64", r"(?<![\w:.-])[0-9A-F]{2}(?P<s>[:-])(?:[0-9A-F]{2}(?P=s)){6}[0-9A-F]{2}(?![\w:]|-\w)", 0.8),
        Pattern("cisco", r"(?<![\w.])[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}(?![\w.]\w)", 0.4),
        Pattern("labelled", labelled(r"(?:wifi|wi-fi|wlan|lan|ethernet|bluetooth|bt|device|hw|hardware|client)?[ _-]?mac(?:[ _-]?addr(?:ess)?)?|bssid|hw[ _-]?addr(?:ess)?", r"[0-9A-F]{12}", noun=""), 0.85),
    ), ("mac", "ethernet", "hardware", "bssid", "wifi", "interface"), _mac),
)  # fmt: skip
