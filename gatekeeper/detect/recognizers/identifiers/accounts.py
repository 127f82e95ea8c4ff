"""Account, customer and staff numbers."""

from __future__ import annotations

from gatekeeper.detect.recognizers.identifiers.labels import LONG_CODE, NEEDS_NOUN, given
from gatekeeper.detect.recognizers.spec import CODE, Pattern, Recognizer, labelled

_ACCOUNT = (
    r"(?:customer|client|patient|guarantor|billing|loan|brokerage|utility|user|policy|hospital|bank|savings|checking|current|credit|investment|retirement|"
    r"mortgage|electric(?:ity)?|gas|water|phone|merchant)?[ _-]?(?:accounts?|accts?\.?|a/c)(?:[ _-]holder)?"
    r"(?=[ _-]{0,2}(?:n(?:o|um|br|r)|id\b|\#|:|=|ending|[\"'`*]{1,2}\s*:|\d{6}))"
)
RECOGNIZERS = (
    Recognizer("AccountRecognizer", "ACCOUNT_NUMBER", (
        Pattern("labelled", labelled(_ACCOUNT, LONG_CODE), 0.8),
        Pattern("customer", labelled(r"(?:customer|loan|mortgage|borrower|cardholder|depositor|investor|guarantor)", LONG_CODE, noun=NEEDS_NOUN), 0.7),
        Pattern("foreign", labelled(r"(?:konto|kunden|depot|vertrags)[ -]?(?:nummer|nr\.?)|(?:num[ée]ro|n°|nº) (?:de )?(?:compte|client|contrat)|(?:n[úu]mero|n[úu]m\.|n[ºo°]\.?) de (?:cuenta|cliente|contrato)", LONG_CODE), 0.75),
        Pattern("HL7 PID-18", r"(?:^|[\r\v]|\\r|\\n)PID(?:\|[^|\n]{0,120}){17}\|(?P<value>[A-Z0-9-]{3,20})(?=[\^|~\r\n]|$)", 0.85),
    ), (), given, needs=("acc", "a/c", "customer", "loan", "mortgage", "borrower", "cardholder", "depositor", "investor", "guarantor", "nummer", "nr", "compte", "client", "contrat", "cuenta", "pid|")),
    Recognizer("EmployeeRecognizer", "EMPLOYEE_ID", (
        Pattern("labelled", labelled(r"(?:employee|staff|personnel|emp|badge|payroll|worker|associate|mitarbeiter|personal(?=-?n(?:ummer|r)))", CODE, noun=r"(?:[ \t_-]{0,2}(?:numbers?|nummer|nos?\b\.?|num\b\.?|nbr\b\.?|nr\b\.?|ids?\b|identifiers?|\#)){1,2}"), 0.85),
    ), (), given, needs=("employ", "staff", "person", "emp", "badge", "payroll", "worker", "associate", "mitarbeiter")),
)  # fmt: skip
