"""Numbers of health care: medical records, Medicare and other plans, providers and prescribers."""

from __future__ import annotations

from gatekeeper.detect.recognizers.identifiers.labels import LONG_CODE, NEEDS_NOUN, given
from gatekeeper.detect.recognizers.spec import (
    END,
    START,
    Pattern,
    Recognizer,
    digits_of,
    labelled,
    luhn,
)


def _npi(text: str, start: int, end: int, score: float) -> float:
    """Luhn over the number with the prefix 80840 (45 CFR 162.406)."""
    return score if luhn("80840" + digits_of(text, start, end)) else 0.0


def _dea(text: str, start: int, end: int, score: float) -> float:
    """The check digit of a DEA registration (21 CFR 1301.13)."""
    d = [int(c) for c in digits_of(text, start, start + 9)[-7:]]
    valid = len(d) == 7 and (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]
    return score if valid else 0.0


_MBI = "[1-9][AC-HJKMNPQRT-Y][AC-HJKMNPQRT-Y0-9][0-9]{d}[AC-HJKMNPQRT-Y][AC-HJKMNPQRT-Y0-9][0-9]{d}[AC-HJKMNPQRT-Y]{{2}}[0-9]{{2}}"
_MRN = (
    r"u?mrns?|m\.r\.n\.?|med(?:ical|\.)?[ _-]?rec(?:ord|\.)?s?(?=[ _-]?(?:n|\#|i|:|c))|(?-i:MR)(?=[ ]?\#|[ _-](?:[Nn]o|[Nn]um|NO|NUM|ID))|"
    r"(?:medical[ _-]|patient[ _-])?chart[ _-]?(?=n|\#|id)|hosp(?:ital|\.)?[ _-]?(?:record|unit|patient)?[ _-]?(?=n(?:o|um|br)|\#|id\b)|"
    r"(?:patient|pt\.?)[ _-]?(?:record|file|identification|chart)?[ _-]?(?=id\b|identifier|n(?:o|um|br|r)|\#)|(?:health|medical)[ _-]?record[ _-]?locator|"
    r"(?:e[mh]r|epic|cerner)[ _-]?(?:patient[ _-]?)?(?=id\b|\#|n(?:o|um))|unit[ _-](?=n(?:o|um(?:ber)?)\b.{0,3}\d{5}|record)|"
    r"patienten?[ -]?(?:nummer|nr\.?|id|kennung)|(?:kranken)?akten[ -]?(?:nummer|nr\.?)|fall[ -]?(?:nummer|nr\.?)|"
    r"(?:num[ée]ro de )?dossier(?: m[ée]dical| patient)(?: n°| nº)?|n°(?: de)? (?:patient|dossier)|(?-i:IPP|NIP)(?= ?[:n])|"
    r"(?:n[úu]mero de )?histori(?:a|al) cl[íi]nic[oa](?: n[úu]m\.?| n[ºo°]\.?)?|(?-i:NHC)|expediente cl[íi]nico|n[úu]mero de (?:paciente|expediente)"
)
_PLAN = (
    r"(?:health[ _-]?plan[ _-])?member(?:ship)?(?=[ _-]?(?:id|identification|n(?:o|um|br)|\#))|subscriber|enrollee|"
    r"(?:health[ _-]?)?(?:insurance|ins\.?|plan|coverage)(?:[ _-](?:policy|card|member|subscriber))?(?=[ _-]?(?:id\b|n(?:o|um|br)|\#))|"
    r"(?:state[ _-])?medicaid(?:[ _-](?:recipient|client|member))?|medi-?cal|(?:medicaid[ _-])?recipient(?=[ _-]?(?:id|n(?:o|um)|\#))|beneficiary|"
    r"policy(?:[ _-]?holder)?(?:['’]s)?(?=[ _-]?(?:n(?:o|um|br)|id\b|\#))|insured['’]?s?[ _-]?(?=id)|hpid|health[ _-]?(?:card|insurance)(?=[ _-]?(?:n(?:o|um)|id\b|\#))|"
    r"(?:bcbs|blue[ _-]cross|aetna|cigna|humana|kaiser|uhc|united[ _-]?healthcare|anthem|tricare|molina|centene)(?:[ _-](?:member|subscriber|policy))?(?=[ _-]?(?:id\b|n(?:o|um)|\#))|"
    r"tricare[ _-]?(?=id|n)|dod[ _-]?(?:id|benefits)(?=[ _-]?(?:n|\#|:))|"
    r"(?:kranken)?versicherten?[ -]?(?:nummer|nr\.?)|(?-i:KVNR)|num[ée]ro d['’](?:adh[ée]rent|assur[ée])|n° (?:d['’])?(?:adh[ée]rent|mutuelle)|"
    r"n[úu]mero de (?:afiliado|p[óo]liza|asegurado)|tarjeta sanitaria|p[óo]liza(?= n)"
)
_GROUPED = r"\d{2,4}(?:[ ]\d{2,4}){1,3}"
RECOGNIZERS = (
    Recognizer("MrnRecognizer", "MEDICAL_RECORD_NUMBER", (
        Pattern("labelled", labelled(_MRN, LONG_CODE), 0.9),
        Pattern("grouped", labelled(r"u?mrn|medical[ _-]record", _GROUPED), 0.85),
        Pattern("short", labelled(r"u?mrns?|m\.r\.n\.?|medical[ _-]record[ _-]n(?:umber|o\.?)", r"\d{4}"), 0.7),
        Pattern("HL7 PID-3", r"(?:^|[\r\v]|\\r|\\n)PID\|[^|\n]{0,20}\|[^|\n]{0,60}\|(?P<value>[A-Z0-9-]{3,20})(?=[\^|~])", 0.9),
        Pattern("identifier of type MR", r"\"code\"\s{0,4}:\s{0,4}\"(?-i:MR)\"[^{}]{0,120}[}\]][^{}\"]{0,40}[}\]]?[^{}]{0,120}?\"value\"\s{0,4}:\s{0,4}\"(?P<value>[A-Z0-9-]{3,24})\"", 0.85),
    ), (), given),
    Recognizer("UsMbiRecognizer", "US_MBI", (
        Pattern("dashed", START + _MBI.format(d="-") + END, 0.75),
        Pattern("spaced", START + _MBI.format(d=" ") + END, 0.65),
        Pattern("plain", START + _MBI.format(d="") + END, 0.5),
        Pattern("labelled", labelled(r"(?i:mbi|medicare(?:[ _-]beneficiary)?)", "(?i:" + _MBI.format(d="[- ]?") + ")", noun=r"(?i:[ \t_-]{0,2}(?:numbers?|nos?\b\.?|num\b\.?|ids?\b|identifiers?|\(mbi\)|\#)){0,3}"), 0.95),
    ), ("medicare", "mbi", "beneficiary", "cms", "medicaid", "hicn"), ignore_case=False),
    Recognizer("HealthPlanRecognizer", "HEALTH_PLAN_ID", (
        Pattern("labelled", labelled(_PLAN, LONG_CODE), 0.8),
        Pattern("prescription card", labelled(r"(?:rx|pharmacy|prescription)[ _-]?(?:bin|pcn|grp|group)|(?-i:RXBIN|RXPCN|RXGRP|BIN|PCN|GRP|RxBIN|RxPCN|RxGrp)(?=[ ]?[:\#])", r"(?-i:[A-Z0-9]{2,15})(?<=[A-Z0-9]{3,15})"), 0.75),
    ), (), given, needs=("member", "subscriber", "enrollee", "insur", "ins", "plan", "coverage", "medicaid", "cal", "recipient", "beneficiary", "policy", "hpid", "health", "bcbs", "cross", "aetna", "cigna", "humana", "kaiser", "uhc", "anthem", "tricare", "molina", "centene", "dod", "versicher", "kvnr", "adh", "assur", "afiliado", "liza", "sanitaria", "rx", "bin", "pcn", "grp", "pharmacy", "prescription")),
    Recognizer("InsuranceGroupRecognizer", "HEALTH_PLAN_ID", (
        Pattern("group", labelled(r"group", LONG_CODE, noun=NEEDS_NOUN), 0.45),
    ), ("insurance", "member", "plan", "subscriber", "payer", "payor", "coverage", "policy", "carrier", "employer"), given, needs=("group",)),
    Recognizer("UsNpiRecognizer", "US_NPI", (
        Pattern("labelled", labelled(r"(?:(?:rendering|billing|provider|attending|referring|ordering|prescriber|physician|facility|group|individual)[ _-])?npi|national[ _-]provider[ _-](?:id(?:entifier|entification)?)?", r"[12]\d{9}"), 0.95),
        Pattern("bare", r"(?<![\w.,$/+-])[12]\d{9}(?![\w]|[.,/-]\d)", 0.26),
    ), ("npi", "npis", "provider", "prescriber", "nppes"), _npi),
    Recognizer("MedicalLicenseRecognizer", "MEDICAL_LICENSE", (
        Pattern("labelled", labelled(r"dea(?:[ _-]?(?:registration|reg\.?|license|lic\.?|cert\.?|certificate))?", r"[A-HJ-MPR-UX][A-Z9]\d{7}(?:-[A-Z0-9]{1,6})?"), 0.95),
        Pattern("bare", START + r"[A-HJ-MPR-UX][A-Z9]\d{7}" + END, 0.4),
    ), ("dea", "prescriber", "prescribing", "registration", "physician"), _dea),
)  # fmt: skip
