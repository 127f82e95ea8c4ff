"""The words that dates are made of, as parts of regular expressions."""

from __future__ import annotations

MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![^\W\d_])"
)
WEEKDAY = (
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tues?|wed|thurs?|thu|fri|sat|sun)"
    r"(?![^\W\d_])\.?"
)
WHOLE_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?![^\W_])"
DAY = r"(?:3[01]|[12]\d|0?[1-9])"
NTH = rf"{DAY}(?:\s?(?:st|nd|rd|th)(?![^\W_]))?"
YEAR = r"(?:1[6-9]|20)\d{2}"

_UNITS = "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth"
ORDINAL_WORD = (
    rf"(?:{_UNITS}|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|"
    rf"eighteenth|nineteenth|twentieth|twenty[- ](?:{_UNITS})|thirtieth|thirty[- ]first)"
)
NUMBER_WORD = (
    r"(?:an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|"
    r"fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|several|a\s(?:few|couple\sof))"
)
CLOCK = (
    r"(?:\d{1,2}[:.h]\d{2}(?::\d{2})?(?:\s?[ap]\.?\s?m\b\.?)?(?:\s(?:UTC|GMT|Z|[ECMP][SD]?T))?"
    r"|\d{1,2}\s?[ap]\.?\s?m\b\.?|\d{3,4}\s(?:hours|hrs)|noon|midnight)(?!\w)"
)
AT_CLOCK = rf"(?:,?\s{{1,2}}(?:(?:at|@|around|about|by)\s(?:about\s)?)?{CLOCK})?"
"""A clock time tied to the date before it."""
