"""Labels that the papers of all countries share, in English."""

from __future__ import annotations

PASSPORT = r"passports?(?:[ _-](?:book|card|document))?"
DRIVING = (
    r"driv(?:er|ing)['’]?s?[ _-]?(?:licen[sc]e|permit)s?(?:[ _-](?:card|holder))?|"
    r"dl(?=[ _-]?(?:no|num|number|id|\#|:))"
)
PLATE = (
    r"(?:(?:car|vehicle|license|licence|number|registration)[ _-])?plates?|vehicle(?=[ _-](?:no|num))|"
    r"(?:(?:car|vehicle)[ _-])?reg(?:istration)?\.?(?:[ _-](?:mark|plate))?|vrm|vrn"
)
DRIVING_NEEDS = ("driv", "dl")
PLATE_NEEDS = ("plate", "vehicle", "reg", "vrm", "vrn")
