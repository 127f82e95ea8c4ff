"""How the ids of other countries are made, written and named, for their vectors."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.detect import national_numbers as n
from tests.detect.national_numbers import Make, shaped


@dataclass(frozen=True)
class Kind:
    """How one id is made, written and named. `groups` cut its characters, joined by `sep`."""

    make: Make
    labels: tuple[str, str, str]
    key: str
    checked: bool = True
    """Whether wrong check digits are known for wrong."""
    special: bool = False
    """Whether its form alone is enough."""
    groups: tuple[int, ...] = ()
    sep: str = " "

    def written(self, r: Random, plain: bool = False) -> str:
        value = self.make(r)
        if not self.groups or plain or r.random() < 0.5:
            return value
        cut, at = [], 0
        for size in self.groups:
            cut.append(value[at : at + size])
            at += size
        return self.sep.join(part for part in (*cut, value[at:]) if part)


KINDS = {
    "AU_TFN": Kind(n.tfn, ("Tax file number", "TFN", "tax file no."), "tfn", groups=(3, 3)),
    "AU_MEDICARE": Kind(
        n.medicare,
        ("Medicare number", "Medicare card no.", "medicare card"),
        "medicareNumber",
        groups=(4, 5),
    ),
    "AU_ABN": Kind(
        n.abn, ("ABN", "Australian Business Number", "business number"), "abn", groups=(2, 3, 3)
    ),
    "AU_ACN": Kind(
        n.acn, ("ACN", "Australian Company Number", "company no."), "acn", groups=(3, 3)
    ),
    "CA_SIN": Kind(
        n.luhn_number(9, "1234567"),
        ("Social insurance number", "SIN", "numéro d'assurance sociale"),
        "sin",
        groups=(3, 3),
        sep="-",
    ),
    "FI_PERSONAL_IDENTITY_CODE": Kind(
        n.hetu, ("Henkilötunnus", "hetu", "Personal identity code"), "hetu", special=True
    ),
    "DE_TAX_ID": Kind(
        n.steuer_id,
        ("Steuer-ID", "Steueridentifikationsnummer", "IdNr."),
        "steuer_id",
        groups=(2, 3, 3),
    ),
    "DE_TAX_NUMBER": Kind(
        shaped("###/###/#####"),
        ("Steuernummer", "St.-Nr.", "Steuer-Nr."),
        "steuernummer",
        checked=False,
    ),
    "DE_SOCIAL_SECURITY": Kind(
        n.rvnr,
        ("Rentenversicherungsnummer", "Sozialversicherungsnummer", "SV-Nummer"),
        "rvnr",
        groups=(2, 6, 1),
    ),
    "DE_HEALTH_INSURANCE": Kind(
        n.kvnr, ("Versichertennummer", "KVNR", "Krankenversichertennummer"), "kvnr", groups=(4, 3)
    ),
    "DE_ID_CARD": Kind(
        n.document("LMNPRTVWXY"),
        ("Personalausweisnummer", "Ausweisnummer", "Personalausweis"),
        "personalausweis",
    ),
    "DE_PASSPORT": Kind(
        n.document("CFGHJK"),
        ("Reisepassnummer", "German passport number", "Reisepass-Nr."),
        "reisepass",
    ),
    "DE_FUEHRERSCHEIN": Kind(
        n.licence_de,
        ("Führerschein", "Führerscheinnummer", "Driving licence number"),
        "fuehrerschein",
    ),
    "DE_LANR": Kind(n.lanr, ("LANR", "Arztnummer", "Arzt-Nr."), "lanr"),
    "DE_BSNR": Kind(
        shaped("7########"),
        ("BSNR", "Betriebsstättennummer", "Praxisnummer"),
        "bsnr",
        checked=False,
    ),
    "DE_VAT_ID": Kind(
        n.vat_de, ("USt-IdNr.", "Umsatzsteuer-ID", "VAT number"), "ust_id", groups=(2, 3, 3)
    ),
    "DE_HANDELSREGISTER": Kind(
        shaped("HRB #####"),
        ("Handelsregister", "Handelsregisternummer", "Amtsgericht Dresden,"),
        "handelsregister",
        checked=False,
    ),
    "DE_KFZ": Kind(
        shaped("B-AA ####"),
        ("Kennzeichen", "Kfz-Kennzeichen", "Licence plate"),
        "kennzeichen",
        checked=False,
    ),
    "IN_AADHAAR": Kind(
        n.aadhaar, ("Aadhaar", "Aadhaar number", "aadhar card no."), "aadhaar_number", groups=(4, 4)
    ),
    "IN_PAN": Kind(
        n.pan, ("PAN", "Permanent Account Number", "PAN card no."), "panNumber", checked=False
    ),
    "IN_GSTIN": Kind(
        n.gstin, ("GSTIN", "GST number", "GST registration no."), "gstin", special=True
    ),
    "IN_VOTER": Kind(
        n.voter, ("Voter ID", "EPIC No.", "voter id card number"), "voter_id", checked=False
    ),
    "IN_PASSPORT": Kind(
        shaped("A1#####3"),
        ("Indian passport number", "Passport no.", "passport"),
        "passport_no",
        checked=False,
    ),
    "IN_VEHICLE_REGISTRATION": Kind(
        shaped("MH12AA####"),
        ("Registration number", "Vehicle no.", "number plate"),
        "vehicle_number",
        checked=False,
    ),
    "IT_FISCAL_CODE": Kind(
        n.codice_fiscale,
        ("Codice fiscale", "Cod. fisc.", "Italian tax code"),
        "codiceFiscale",
        special=True,
    ),
    "IT_IDENTITY_CARD": Kind(
        shaped("\\C\\A#####AA"),
        ("Carta d'identità", "Identity card no.", "carta d'identità elettronica"),
        "carta_identita",
        checked=False,
    ),
    "IT_DRIVER_LICENSE": Kind(
        shaped("M\\I#######A"),
        ("Patente di guida", "patente n.", "Driving licence number"),
        "patente",
        checked=False,
    ),
    "IT_PASSPORT": Kind(
        shaped("\\Y\\A#######"),
        ("Passaporto", "passaporto n.", "Italian passport number"),
        "passaporto",
        checked=False,
    ),
    "IT_VAT_CODE": Kind(
        n.luhn_number(11, "0123"), ("Partita IVA", "P.IVA", "P. IVA n."), "partita_iva"
    ),
    "KR_RRN": Kind(n.rrn(11, "12"), ("주민등록번호", "RRN", "Resident registration number"), "rrn"),
    "KR_FRN": Kind(
        n.rrn(13, "56"), ("외국인등록번호", "FRN", "Foreigner registration number"), "frn"
    ),
    "KR_PASSPORT": Kind(
        shaped("M###A####"),
        ("여권번호", "Korean passport number", "passport no."),
        "passport_number",
        checked=False,
    ),
    "KR_DRIVER_LICENSE": Kind(
        shaped("11-##-######-##"),
        ("운전면허번호", "Driver's license number", "운전면허"),
        "driver_license",
        checked=False,
    ),
    "KR_BRN": Kind(n.brn_kr, ("사업자등록번호", "BRN", "business registration number"), "brn"),
    "NG_NIN": Kind(
        n.nin,
        ("NIN", "National identification number", "national identity no."),
        "nin",
        checked=False,
    ),
    "NG_VEHICLE_REGISTRATION": Kind(
        shaped("AAA-###AA"),
        ("Plate number", "Vehicle registration", "license plate"),
        "plate_number",
        checked=False,
    ),
    "PH_TIN": Kind(
        n.tin_ph, ("TIN", "Taxpayer identification number", "Tax ID"), "tin", checked=False
    ),
    "PH_UMID": Kind(
        shaped("00##-#######-#"),
        ("UMID", "Common reference number", "SSS no."),
        "umid",
        checked=False,
    ),
    "PH_PASSPORT": Kind(
        shaped("P#######A"),
        ("Philippine passport number", "Passport no.", "pasaporte"),
        "passportNumber",
        checked=False,
    ),
    "PL_PESEL": Kind(n.pesel, ("PESEL", "numer PESEL", "nr PESEL"), "pesel"),
    "SG_NRIC_FIN": Kind(n.nric, ("NRIC", "FIN No.", "NRIC number"), "nric"),
    "SG_UEN": Kind(n.uen, ("UEN", "Unique entity number", "GST Reg. No."), "uen"),
    "ZA_ID_NUMBER": Kind(
        n.id_za, ("ID number", "South African ID", "identity number"), "id_number", groups=(6, 4)
    ),
    "ZA_INCOME_TAX_NUMBER": Kind(
        n.luhn_number(10, "01239"),
        ("Income tax number", "tax reference number", "SARS tax reference"),
        "tax_number",
    ),
    "ZA_TRAFFIC_REGISTER_NUMBER": Kind(
        shaped("4############"),
        ("Traffic register number", "eNaTIS number", "traffic register no."),
        "traffic_register_number",
        checked=False,
    ),
    "ZA_PASSPORT": Kind(
        shaped("\\A########"),
        ("South African passport", "Passport no.", "RSA passport"),
        "passport",
        checked=False,
    ),
    "ZA_DRIVER_LICENSE": Kind(
        shaped("########AA"),
        ("Driving licence number", "Driver's licence", "driver licence no."),
        "driving_licence",
        checked=False,
    ),
    "ZA_LICENSE_PLATE": Kind(
        shaped("AA ## AA \\G\\P"),
        ("Number plate", "Licence plate", "plate"),
        "licence_plate",
        checked=False,
    ),
    "ZA_VAT_NUMBER": Kind(
        n.luhn_number(10, "4"),
        ("VAT number", "VAT reg. no.", "VAT registration number"),
        "vat_number",
    ),
    "ZA_COMPANY_REGISTRATION": Kind(
        shaped("2010/######/07"),
        ("Company registration number", "Reg. No.", "company registration"),
        "company_registration",
        checked=False,
    ),
    "ES_NIF": Kind(n.dni, ("DNI", "NIF", "DNI/NIF"), "dni", groups=(8,), sep="-"),
    "ES_NIE": Kind(
        n.nie, ("NIE", "Número de identidad de extranjero", "N.I.E."), "nie", groups=(1, 7), sep="-"
    ),
    "ES_PASSPORT": Kind(
        shaped("\\P\\A\\B######"),
        ("Pasaporte", "Número de pasaporte", "Spanish passport number"),
        "pasaporte",
        checked=False,
    ),
    "SE_PERSONNUMMER": Kind(
        n.personnummer,
        ("Personnummer", "personnr", "Swedish personal identity number"),
        "personnummer",
    ),
    "SE_ORGANISATIONSNUMMER": Kind(
        n.orgnr, ("Organisationsnummer", "Org.nr", "org nr"), "organisationsnummer"
    ),
    "TH_TNIN": Kind(
        n.tnin,
        ("เลขประจำตัวประชาชน", "Thai ID number", "TNIN"),
        "thai_id",
        groups=(1, 4, 5, 2),
        sep="-",
    ),
    "TR_NATIONAL_ID": Kind(n.tckn, ("TC kimlik no", "TCKN", "T.C. Kimlik Numarası"), "tckn"),
    "TR_LICENSE_PLATE": Kind(
        shaped("34 AAA ##"), ("Plaka", "araç plakası", "License plate"), "plaka", checked=False
    ),
    "UK_NHS": Kind(n.nhs, ("NHS number", "NHS No.", "nhs"), "nhsNumber"),
    "UK_NINO": Kind(
        n.nino,
        ("National Insurance number", "NINO", "NI number"),
        "nino",
        checked=False,
        groups=(2, 2, 2, 2),
    ),
    "UK_DRIVING_LICENCE": Kind(
        n.licence_uk,
        ("Driving licence", "Driving licence number", "driver's licence"),
        "drivingLicence",
        checked=False,
        special=True,
    ),
    "UK_PASSPORT": Kind(
        shaped("48#######"),
        ("UK passport number", "British passport no.", "passport number"),
        "uk_passport",
        checked=False,
    ),
    "UK_VEHICLE_REGISTRATION": Kind(
        shaped("\\AB51 AAA"),
        ("Registration", "Vehicle registration", "number plate"),
        "registration",
        checked=False,
    ),
}
