"""Numbers of a person: medical record, plan, account, licence, vehicle, device, codes.

Most of them have no form of their own, so a label (or the key they stand under) is required.
"""

from __future__ import annotations

from gatekeeper.detect.recognizers.spec import (
    CODE,
    END,
    START,
    Pattern,
    Recognizer,
    digits_of,
    labelled,
    luhn,
    not_dull,
    one,
)

_LONG_CODE = r"(?=[A-Z0-9/.-]{0,24}\d{3})[A-Z0-9][A-Z0-9/-]{3,22}[A-Z0-9]"
"""Five characters or more."""
_NEEDS_NOUN = (
    r"(?:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|nbr\b\.?|ids?\b|identifiers?|\#)){1,2}"
)


# --- government ------------------------------------------------------------------------------


def _ssn(text: str, start: int, end: int, score: float) -> float:
    """Areas and groups that are never issued, and published fillers (SSA, POMS RM 10201)."""
    digits = digits_of(text, start, end)
    if len(digits) != 9 or digits[:3] in {"000", "666"} or digits[0] == "9":
        return 0.0
    if digits[3:5] == "00" or digits[5:] == "0000" or len(set(digits)) == 1:
        return 0.0
    separators = {c for c in text[start:end] if not c.isdecimal() and c not in "\"'"}
    if len(separators) > 1 and score < 0.8:
        return 0.0
    return score if digits not in {"123456789", "987654321", "078051120"} else min(score, 0.4)


_SSN_LABEL = (
    r"ssns?|ss\#|social[ _-]?security(?:[ _-](?:number|no\.?|num))?|soc\.?[ _-]?sec\.?|ss[ _-]?n"
)
SSN = Recognizer(
    "UsSsnRecognizer",
    "US_SSN",
    (
        Pattern("dashed", r"(?<![\w.-])\d{3}-\d{2}-\d{4}(?![\w-]|\.\d)", 0.65),
        Pattern(
            "spaced", r"(?<![\w.-])\d{3}(?P<s>[ .\u00a0–—‑−])\d{2}(?P=s)\d{4}(?![\w-]|\.\d)", 0.5
        ),
        Pattern(
            "labelled", labelled(_SSN_LABEL, r"\d{3}[-. \u00a0–—‑]?\d{2}[-. \u00a0–—‑]?\d{4}"), 0.95
        ),
    ),
    ("ssn", "ssns", "social", "security", "ss"),
    _ssn,
)
ITIN = Recognizer(
    "UsItinRecognizer",
    "US_ITIN",
    (
        Pattern("dashed", r"(?<![\w.-])9\d{2}-(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])-\d{4}(?![\w-])", 0.65),
        Pattern("labelled", labelled(r"itin|(?:individual[ _-])?tax(?:payer)?[ _-]?(?:identification|id|number)", r"9\d{2}[- ]?(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])[- ]?\d{4}"), 0.95),
    ),
    ("itin", "taxpayer", "tin", "tax"),
)  # fmt: skip
GOVERNMENT = (
    SSN,
    ITIN,
    one("UsPassportRecognizer", "US_PASSPORT", labelled(r"passport", r"[A-Z]?\d{8,9}"), 0.85, check=not_dull),
    one("UsLicenseRecognizer", "US_DRIVER_LICENSE", labelled(r"driv(?:er|ing)['’]?s?[ _-]?(?:licen[sc]e|lic\.?)|\bD\.?L\.?(?=[ _-]?(?:\#|no|num|:))", r"(?=[A-Z0-9 -]{0,20}\d{4})[A-Z0-9][A-Z0-9-]{3,18}[A-Z0-9]"), 0.85, check=not_dull),
)  # fmt: skip


# --- health care -----------------------------------------------------------------------------


def _npi(text: str, start: int, end: int, score: float) -> float:
    """Luhn over the number with the prefix 80840 (45 CFR 162.406)."""
    return score if luhn("80840" + digits_of(text, start, end)) else 0.0


def _dea(text: str, start: int, end: int, score: float) -> float:
    """The check digit of a DEA registration (21 CFR 1301.13)."""
    d = [int(c) for c in digits_of(text, start, end)[-7:]]
    valid = len(d) == 7 and (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]
    return score if valid else 0.0


_MBI = "[1-9][AC-HJKMNPQRT-Y][AC-HJKMNPQRT-Y0-9][0-9]{d}[AC-HJKMNPQRT-Y][AC-HJKMNPQRT-Y0-9][0-9]{d}[AC-HJKMNPQRT-Y]{{2}}[0-9]{{2}}"
HEALTH_CARE = (
    one("MrnRecognizer", "MEDICAL_RECORD_NUMBER", labelled(r"mrns?|m\.r\.n\.?|med(?:ical|\.)?[ _-]?rec(?:ord|\.)?s?(?=[ _-]?(?:n|\#|i|:|c))|chart[ _-]?(?=n|\#|id)|hospital[ _-]?(?=n|id)|patient[ _-]?(?=id|n(?:o|um)|\#)|(?:health|medical)[ _-]?record[ _-]?locator", _LONG_CODE), 0.9, check=not_dull),
    Recognizer("UsMbiRecognizer", "US_MBI", (
        Pattern("dashed", START + _MBI.format(d="-") + END, 0.75),
        Pattern("plain", START + _MBI.format(d="") + END, 0.5),
    ), ("medicare", "mbi", "beneficiary", "cms", "medicaid", "hicn"), ignore_case=False),
    one("HealthPlanRecognizer", "HEALTH_PLAN_ID", labelled(r"member(?:ship)?(?=[ _-]?(?:id|n(?:o|um)|\#))|subscriber|(?:health[ _-]?)?(?:insurance|plan)(?:[ _-]policy)?(?=[ _-]?(?:id|n(?:o|um)|\#))|medicaid|beneficiary|policy(?:[ _-]?holder)?(?=[ _-]?(?:n(?:o|um)|id|\#))|rx[ _-]?(?:bin|pcn|grp|group)|insured['’]?s?[ _-]?(?=id)", _LONG_CODE), 0.8, check=not_dull),
    one("InsuranceGroupRecognizer", "HEALTH_PLAN_ID", labelled(r"group", _LONG_CODE, noun=_NEEDS_NOUN), 0.45, "insurance", "member", "plan", "subscriber", "payer", check=not_dull),
    one("UsNpiRecognizer", "US_NPI", labelled(r"npi|national[ _-]provider[ _-](?:id(?:entifier)?)?", r"[12]\d{9}"), 0.95, check=_npi),
    Recognizer("MedicalLicenseRecognizer", "MEDICAL_LICENSE", (
        Pattern("labelled", labelled(r"dea(?:[ _-]?(?:registration|reg\.?|license))?", r"[A-HJ-MPR-UX][A-Z9]\d{7}"), 0.95),
        Pattern("bare", START + r"[A-HJ-MPR-UX][A-Z9]\d{7}" + END, 0.4),
    ), ("dea", "prescriber", "prescribing", "registration", "physician"), _dea, ignore_case=True),
    one("BiometricRecognizer", "BIOMETRIC_REFERENCE", labelled(r"(?:(?:finger|palm|voice)[ _-]?prints?|retinal?|iris|face|facial|biometric|dna)(?:[ _-](?:template|scan|hash|record|sample|profile|recognition|enrol?lment|reference|ref)){0,2}", CODE), 0.85, check=not_dull),
    one("BiometricPhraseRecognizer", "BIOMETRIC_REFERENCE", START + r"(?:fingerprints?|voiceprint|retina(?:l)? scan|iris scan|face template)\s+(?:is|are|was|were)?\s*(?:on file|enrolled|registered)" + END, 0.5),
    one("UniqueCodeRecognizer", "UNIQUE_CODE", labelled(r"(?:study|subject|participant|encounter|accession|specimen|enrol?l?ment|claim|referral|prescription|rx|case[ _-]?report|prior[ _-]auth(?:orization)?|visit|trial|donor|cohort)(?:[ _-](?:subject|participant|patient))?", r"(?=[A-Z0-9/.-]{0,24}\d{3})[A-Z0-9][A-Z0-9/.-]{2,22}[A-Z0-9]", noun=_NEEDS_NOUN), 0.8, check=not_dull),
)  # fmt: skip


# --- accounts, certificates, staff ------------------------------------------------------------

ACCOUNTS = (
    one("AccountRecognizer", "ACCOUNT_NUMBER", labelled(r"(?:customer|client|patient|guarantor|billing|loan|brokerage|utility|user)?[ _-]?(?:accounts?|accts?|a/c)(?=[ _-]{0,2}(?:n(?:o|um|br)|id\b|\#|:|=|[\"'`*]{1,2}\s*:))", _LONG_CODE), 0.8, check=not_dull),
    one("CertificateRecognizer", "CERTIFICATE_NUMBER", labelled(r"(?:(?:birth|death|marriage|medical|nursing|pharmacy|professional|state|teaching|pilot|board)[ _-])?(?:certificates?|certification|licen[sc]e|licensure|registration|permit|credential)", CODE, noun=_NEEDS_NOUN), 0.75, check=not_dull),
    one("EmployeeRecognizer", "EMPLOYEE_ID", labelled(r"(?:employee|staff|personnel|emp|badge|payroll|worker|associate)", CODE, noun=_NEEDS_NOUN), 0.85, check=not_dull),
)  # fmt: skip


# --- vehicles and devices ----------------------------------------------------------------------

_VIN_VALUES = {
    c: int(v) for c, v in zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True)
}
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
    return score if held else 0.0


def _imei(text: str, start: int, end: int, score: float) -> float:
    """Luhn over fifteen digits (3GPP TS 23.003); a wrong one is only possible."""
    return score if luhn(digits_of(text, start, end)) else 0.4


def _mac(text: str, start: int, end: int, score: float) -> float:
    """Not the broadcast or the empty address; hexadecimal throughout."""
    value = {c for c in text[start:end].lower() if c.isalnum()}
    return score if len(value) > 2 or (len(value) > 1 and score < 0.6) else 0.0


_VIN = r"[A-HJ-NPR-Z0-9]{17}"
DEVICES = (
    Recognizer("VinRecognizer", "VIN", (
        Pattern("labelled", labelled(r"vin|vehicle[ _-](?:identification|id)(?:[ _-]n(?:umber|o\.?))?|chassis", _VIN), 0.75),
        Pattern("bare", START + _VIN + END, 0.65),
    ), ("vin", "vehicle", "car", "chassis"), _vin),
    one("LicensePlateRecognizer", "LICENSE_PLATE", labelled(r"(?:(?:licen[sc]e|number|vehicle|registration)[ _-]?plates?|plate(?=[ _-]?(?:n(?:o|um)|\#|:|=|[\"']))|tag(?=[ _-]?(?:n(?:o|um)|\#)))", r"(?=[A-Z0-9 -]{0,10}\d)(?=[A-Z0-9 -]{0,10}[A-Z])[A-Z0-9]{1,4}[ -]?[A-Z0-9]{2,5}"), 0.85, check=not_dull),
    one("DeviceSerialRecognizer", "DEVICE_SERIAL", labelled(r"serials?(?=[ _-]?(?:n(?:o|um|br)|\#|:|=|id\b|[\"']))|s/n|\bsn(?=\s{0,2}[:\#=])|(?:device|implant|pacemaker|pump|meter)[ _-]?(?=id\b|serial)|udi|meid|\bdev(?:ice)?[ _-]?serial", r"(?=[A-Z0-9/.-]{0,28}\d{3})[A-Z0-9][A-Z0-9/-]{4,26}[A-Z0-9]"), 0.8, check=not_dull),
    one("ImeiRecognizer", "DEVICE_SERIAL", labelled(r"imei", r"\d{2}[- ]?\d{6}[- ]?\d{6}[- ]?\d"), 0.95, check=_imei),
    one("UdiRecognizer", "DEVICE_SERIAL", r"\(01\)\d{14}(?:\(\d{2}\)[A-Z0-9]{1,20}){1,4}", 0.85),
    Recognizer("MacAddressRecognizer", "MAC_ADDRESS", (
        Pattern("colons", r"(?<![\w:.-])[0-9A-F]{2}(?P<s>[:-])(?:[0-9A-F]{2}(?P=s)){4}[0-9A-F]{2}(?![\w:]|-\w)", 0.85),
        Pattern("cisco", r"(?<![\w.])[0-9A-F]{4}\.[0-9A-F]{4}\.[0-9A-F]{4}(?![\w.]\w)", 0.4),
    ), ("mac", "ethernet", "hardware", "bssid", "wifi", "interface"), _mac),
)  # fmt: skip

RECOGNIZERS = (*GOVERNMENT, *HEALTH_CARE, *ACCOUNTS, *DEVICES)
