"""Finland: personal identity codes."""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says
from gatekeeper.detect.national.spec import PERSON, SPECIAL, NationalId

_END = "[0-9ABCDEFHJKLMNPRSTUVWXY]"

IDS = (
    NationalId(
        "FI_PERSONAL_IDENTITY_CODE",
        "Finnish personal identity code",
        PERSON,
        "FiPersonalIdentityCodeRecognizer",
        labels=r"hetu|henkil[öo]tunnus(?:ta|ksen|kseni)?|personbeteckning(?:en)?|"
        r"(?:finnish[ _-])?personal[ _-]identity[ _-]?(?=code|n)",
        shape=rf"\d{{6}}[-+ABCDEFYXWVU]\d{{3}}{_END}",
        verdict=presidio_says("FiPersonalIdentityCodeRecognizer", keep="-+"),
        canaries=("Hetu: [[131052-308T]]", "Personal identity code [[290296-7808]]"),
        needs=("hetu", "tunnus", "beteckning", "identity"),
        alone=((rf"(?-i:\d{{6}}[-+ABCDEFYXWVU]\d{{3}}{_END})", SPECIAL),),
    ),
)
