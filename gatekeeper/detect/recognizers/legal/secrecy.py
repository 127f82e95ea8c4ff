"""Markings of secrecy by contract or statute: non-disclosure, trade secret, export control."""

from __future__ import annotations

from gatekeeper.detect.recognizers.legal.markings import ALONE, THIS, marking

_ECCN = r"[0-9][A-E][0-9]{3}(?:\.[a-z](?:\.[0-9]{1,2}){0,3}(?:\.[a-z])?)?"
_NDA = r"(?:NDA|MNDA|CDA|NON-?DISCLOSURE AGREEMENT|CONFIDENTIALITY AGREEMENT|[Nn]on-?[Dd]isclosure [Aa]greement|[Cc]onfidentiality [Aa]greement)"

RECOGNIZERS = (
    marking(
        "NdaRecognizer", "NDA_MARKING", ("nda", "cda", "disclosure", "confidentiality"),
        (rf"(?:(?:CONFIDENTIAL|PROPRIETARY)[ ]?[-–—,:/(&][ ]?)?(?:SUBJECT TO|UNDER|DISCLOSED (?:UNDER|PURSUANT TO)|COVERED BY|PROVIDED UNDER|PROTECTED BY) (?:A |AN |THE |MUTUAL ){{0,2}}{_NDA}", 0.85),
        (rf"(?:Confidential[ ]?[-–—,:/(][ ]?)?(?:Subject to|Disclosed [Uu]nder|Covered [Bb]y|Provided [Uu]nder|Shared [Uu]nder) (?:a |an |the |our |your )?(?:[Mm]utual )?{_NDA}", 0.75),
        (rf"{THIS}[^.\n?]{{0,60}}?(?:subject to|governed by|covered by|protected (?:by|under)|disclosed (?:under|pursuant to)|provided under|shared under) (?:a |an |the |our |your |that |its |their )?(?:[Mm]utual |[Ee]xisting )?{_NDA}", 0.8),
        (r"NDA (?:REQUIRED|MATERIAL|RESTRICTED|PROTECTED|CONFIDENTIAL)|UNDER NDA(?=\s?(?:[-–—:*\])\n.,]|$))|(?:CONFIDENTIAL|RESTRICTED)[ ]?[-–—/(:,][ ]?NDA\b", 0.8),
    ),
    marking(
        "TradeSecretRecognizer", "TRADE_SECRET_MARKING", ("trade", "proprietary"),
        (r"(?:CONFIDENTIAL[ ]?[-–—,:/&][ ]?|CONTAINS? |CONFIDENTIAL )?(?:(?:PROPRIETARY|CONFIDENTIAL) )?TRADE[ -]SECRETS?(?: (?:INFORMATION|MATERIAL|DATA|AND|&|OF)(?: [A-Z]{2,20}){0,3})?", 0.85),
        (r"(?:Contains|Confidential|Proprietary)(?: (?:and|&) (?:Confidential|Proprietary))?(?:[ ]?[-–—,:/][ ]?| )(?:Company )?Trade Secrets?(?: (?:Information|Material))?", 0.8),
        (rf"{THIS}[^.\n?]{{0,70}}?(?:contains?|includes?|constitutes?|is|are|comprises?|discloses?) (?:the |our |valuable |confidential |proprietary |protected |certain |and |company |a |,){{0,5}}trade secrets?(?: (?:of|and|belonging|information|under)\b)?", 0.75),
        (rf"{ALONE}Trade Secret(?=\s?(?:[-–—:*\])\n]|$))", 0.7),
    ),
    marking(
        "ExportControlRecognizer", "EXPORT_CONTROL_MARKING", ("itar", "ear", "eccn", "export", "usml", "22 cfr", "22 c.f.r"),
        (rf"ECCN(?:[ ]?(?:NO\.?|No\.?|Number|[Cc]ode|\#))?[\s:=#\"'|]{{1,5}}(?:is |of )?(?:{_ECCN}|EAR99)", 0.9),
        (rf"(?:[Cc]lassified|[Cc]ontrolled|CLASSIFIED|CONTROLLED) (?:as|under|by|AS|UNDER|BY) (?:(?:export|EAR|the) )?(?:ECCN )?(?:{_ECCN}|EAR99|USML [Cc]ategory [IVX]{{1,5}})", 0.85),
        (r"ITAR(?:[ -](?:CONTROLLED|RESTRICTED|REGULATED|CONTROLLED TECHNICAL DATA|TECHNICAL DATA|PROTECTED)|[ ]?[-–—:/][ ]?(?:CONTROLLED|RESTRICTED|EXPORT CONTROLLED))(?: TECHNICAL DATA)?", 0.9),
        (r"EXPORT[ -]CONTROLLED(?: (?:INFORMATION|DATA|TECHNICAL DATA|TECHNOLOGY|MATERIAL|DOCUMENT))?|(?:NOFORN|NO FOREIGN NATIONALS?)[ ]?[-–—/][ ]?ITAR|SUBJECT TO (?:THE )?(?:ITAR|EAR|INTERNATIONAL TRAFFIC IN ARMS REGULATIONS|EXPORT ADMINISTRATION REGULATIONS|U\.?S\.? EXPORT (?:CONTROL )?(?:LAWS|REGULATIONS))|EXPORT RESTRICTED", 0.85),
        (r"ITAR[ -](?:[Cc]ontrolled|[Rr]estricted) (?:[Tt]echnical [Dd]ata|[Ii]nformation|[Dd]ocument|[Dd]ata|[Mm]aterial)|Export[ -]Controlled(?: (?:Information|Data|Technical Data))?(?=\s?(?:[-–—:*\])\n.]|$))", 0.75),
        (rf"(?:{THIS}|WARNING[^.\n?]{{0,30}}?(?:[Tt]his|THIS) (?:document|DOCUMENT))[^.\n?]{{0,80}}?(?:controlled (?:by|under)|subject to|restricted by|regulated (?:by|under)|RESTRICTED BY) (?:the |THE |U\.?S\.? |applicable ){{0,3}}(?:ITAR|EAR\b|International Traffic in Arms Regulations|Export Administration Regulations|Arms Export Control Act|ARMS EXPORT CONTROL ACT|export[- ]control (?:laws?|regulations?))", 0.85),
        (r"(?:EAR99|EAR 99)(?=\s?(?:[-–—:*\])\n]|$))|(?:USML|U\.S\. Munitions List) [Cc]ategory [IVX]{1,5}(?:\([a-z]\))?", 0.7),
    ),
)  # fmt: skip
