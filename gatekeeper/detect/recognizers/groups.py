"""Ethnic origin, religion, political group: found where they are said of a person.

A topic is not personal data: "Jewish holidays" is none, "she is Jewish" is.
"""

from __future__ import annotations

from gatekeeper.detect.recognizers.spec import END, SEPARATOR, START, Pattern, Recognizer

_RELIGIONS = (
    "jewish|muslim|catholic|protestant|hindu|buddhist|sikh|mormon|christian|orthodox|sunni|shia|atheist|"
    "baptist|methodist|lutheran|evangelical|jehovah's witness|baha'i|quaker|zoroastrian|agnostic"
)
_ETHNIC = (
    "african[- ]american|hispanic|latino|latina|latinx|caucasian|asian[- ]american|native american|"
    "pacific islander|roma|romani|kurdish|ashkenazi|sephardic|black|white|asian|arab|biracial|mixed race"
)
_POLITICAL = "republican|democrat|communist|socialist|conservative|libertarian|green party member"
_NATIONS = (
    "american|mexican|canadian|cuban|puerto rican|dominican|brazilian|colombian|venezuelan|salvadoran|"
    "guatemalan|haitian|jamaican|irish|british|english|scottish|german|french|italian|spanish|portuguese|"
    "greek|polish|ukrainian|russian|romanian|hungarian|serbian|turkish|syrian|iraqi|iranian|afghan|"
    "pakistani|indian|bangladeshi|nepali|chinese|taiwanese|korean|japanese|vietnamese|filipino|filipina|"
    "thai|indonesian|nigerian|ghanaian|kenyan|ethiopian|somali|eritrean|sudanese|egyptian|moroccan|israeli|"
    "palestinian|lebanese|jordanian|saudi"
)
_WHO = r"(?:he|she|they|i|patient|pt|client|employee|applicant|tenant|defendant|plaintiff|victim|mother|father|husband|wife)"
_BE = r"(?:\s(?:is|was|am|are|identifies as|identified as|self-identifies as|converted to|of))(?:\s(?:an?|the|practi[cs]ing|devout|non-practicing|registered))*"
_ALL = f"{_RELIGIONS}|{_ETHNIC}|{_POLITICAL}|{_NATIONS}"

RECOGNIZERS = (
    Recognizer("GroupRecognizer", "NRP", (
        Pattern("labelled", rf"{START}(?:religion|religious affiliation|faith|ethnicity|ethnic (?:origin|group)|race|nationality|citizenship|political (?:party|affiliation|views?)){SEPARATOR}(?P<value>{_ALL})s?{END}", 0.85),
        Pattern("said of a person", rf"{START}{_WHO}{_BE}\s(?P<value>{_RELIGIONS}|{_POLITICAL}|{_NATIONS}){END}(?!\s(?:food|language|history|restaurant|teacher|literature))", 0.7),
        Pattern("origin of a person", rf"{START}(?:\d{{1,3}}[- ]year[- ]old|y/?o)\s(?P<value>{_ALL}){END}\s(?:man|woman|male|female|boy|girl|patient)", 0.75),
        Pattern("origin", rf"{START}{_WHO}{_BE}\s(?P<value>{_ETHNIC}){END}(?=[\s.,;]|$)", 0.5),
    )),
)  # fmt: skip
