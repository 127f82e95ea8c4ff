"""Spain: NIF, NIE, passports."""

from __future__ import annotations

from gatekeeper.detect.national.checks import presidio_says
from gatekeeper.detect.national.papers import PASSPORT
from gatekeeper.detect.national.spec import PERSON, SHAPED, NationalId, unchecked

_CHECK = "[TRWAGMYFPDXBNJZSQVHLCKE]"

IDS = (
    NationalId(
        "ES_NIF",
        "Spanish national identity or tax number",
        PERSON,
        "EsNifRecognizer",
        labels=r"d\.?n\.?i\.?(?:[ /-]{1,3}n\.?i\.?[ef]\.?)?|n\.?i\.?f\.?|documento nacional de identidad|"
        r"(?:n[úu]mero de )?identificaci[óo]n fiscal|(?:spanish[ _-])?national[ _-]id(?:entity)?(?:[ _-]card)?",
        shape=rf"\d{{1,2}}[. ]?\d{{3}}[. ]?\d{{3}}[ -]?{_CHECK}",
        verdict=presidio_says("EsNifRecognizer"),
        canaries=("DNI: [[34154990J]]", "NIF [[61454752-V]]"),
        needs=("dni", "d.n.i", "nif", "n.i.f", "identi"),
        alone=((rf"(?-i:\d{{8}}-?{_CHECK})", SHAPED),),
        context=("dni", "nif", "identidad"),
    ),
    NationalId(
        "ES_NIE",
        "Spanish number of a foreigner",
        PERSON,
        "EsNieRecognizer",
        labels=r"n\.?i\.?e\.?|(?:d\.?n\.?i\.?[ /-]{1,3})n\.?i\.?e\.?|identi(?:dad|ficaci[óo]n) de extranjeros?|"
        r"(?:n[úu]mero de )?extranjero|(?:spanish[ _-])?foreigner(?:['’]s)?[ _-](?:id|identity)",
        shape=rf"[XYZ][ -]?\d{{1,2}}[.]?\d{{3}}[.]?\d{{3}}[ -]?{_CHECK}",
        verdict=presidio_says("EsNieRecognizer"),
        canaries=("NIE: [[Y3453832M]]", "Número de identidad de extranjero [[Z-4640562-H]]"),
        needs=("nie", "n.i.e", "extranjero", "foreigner"),
        alone=((rf"(?-i:[XYZ]-?\d{{7}}-?{_CHECK})", SHAPED),),
        context=("nie", "extranjero", "extranjería"),
    ),
    NationalId(
        "ES_PASSPORT",
        "Spanish passport number",
        PERSON,
        "EsPassportRecognizer",
        labels=rf"(?:n[úu]mero de )?pasaporte|(?:spanish[ _-])?{PASSPORT}",
        shape=r"[A-Z]{3}[ ]?\d{6}",
        verdict=unchecked,
        canaries=("Pasaporte: [[PAB482931]]", "Spanish passport number [[XDA120394]]"),
        needs=("pasaporte", "passport"),
        hipaa=("K",),
    ),
)
