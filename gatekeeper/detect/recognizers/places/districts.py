"""Counties, parishes and precincts: the subdivisions that Safe Harbor names beside the city."""

from __future__ import annotations

from gatekeeper.detect.recognizers.spec import END, START, Pattern, Recognizer

_W = r"[A-Z][a-z'’.-]{1,20}"
_NOT = r"(?!(?:The|This|That|Each|Every|Our|Your|In|For|A|An|Any|Local|Rural|Home|Neighboring|Which|What|If|When|As|At|And|Of)\s)"
RECOGNIZERS = (
    Recognizer("DistrictRecognizer", "LOCATION", (
        Pattern("county", rf"(?<![\w.]){_NOT}{_W}(?:[\s-]{_W}){{0,2}}\s(?:County|Parish|Borough|Township)(?!\s(?:Road|Rd|Court|Route|Highway|Council|Hospital|Line|Fair|Clerk|Jail|Sheriff|Attorney|Medical|General|Health|School|Board|Commission|Department)\b)(?![\w])", 0.65),
        Pattern("county of", START + rf"County\sof\s{_W}(?:\s{_W}){{0,2}}" + END, 0.65),
        Pattern("precinct", START + r"(?:(?:\d{1,3}(?:st|nd|rd|th)|Voting)\sPrecinct(?:\s(?:No\.?\s?)?\d{1,4})?|Precinct\s(?:No\.?\s?)?\d{1,4}|Census\sTract\s\d{1,4}(?:\.\d{2})?)" + END, 0.65),
        Pattern("county, labelled", START + rf"(?:[Cc]ounty|COUNTY)(?:\sof\sresidence)?[\"']?\s?[:=]\s?[\"']?(?P<value>{_W}(?:\s{_W}){{0,2}})" + END, 0.65),
    ), ignore_case=False, needs=("county", "parish", "borough", "township", "precinct", "tract")),
)  # fmt: skip
