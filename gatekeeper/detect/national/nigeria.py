"""Nigeria: national identification numbers, plates."""

from __future__ import annotations

from gatekeeper.detect.national.checks import leniently, presidio_says
from gatekeeper.detect.national.papers import PLATE, PLATE_NEEDS
from gatekeeper.detect.national.spec import HOLDER, PERSON, NationalId, unchecked

IDS = (
    NationalId(
        "NG_NIN",
        "Nigerian national identification number",
        PERSON,
        "NgNinRecognizer",
        labels=r"nin|(?:nigerian?[ _-])?national[ _-]ident(?:ification|ity)|nimc",
        shape=r"\d{4}[ -]?\d{3}[ -]?\d{4}",
        # NIMC publishes no check digit; that Presidio's (Verhoeff) fails says nothing.
        verdict=leniently(presidio_says("NgNinRecognizer")),
        canaries=("NIN: [[48293017562]]", "National identification number [[7120 394 8567]]"),
        needs=("nin", "national", "nimc"),
    ),
    NationalId(
        "NG_VEHICLE_REGISTRATION",
        "Nigerian licence plate",
        HOLDER,
        "NgVehicleRegistrationRecognizer",
        labels=PLATE,
        shape=r"[A-Z]{3}[ -]?\d{3}[ -]?[A-Z]{2}",
        verdict=unchecked,
        canaries=("Plate number: [[KJA-482AA]]", "Vehicle registration [[ABC 731 XY]]"),
        needs=PLATE_NEEDS,
        hipaa=("L",),
    ),
)
