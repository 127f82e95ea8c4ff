"""Headers, keys and labels that say what stands under them."""

from collections.abc import Collection

import pytest

from gatekeeper.detect.fields import as_key, fields_of, typed, within
from gatekeeper.detect.spans import Span
from gatekeeper.detect.words import header_of, words_of
from gatekeeper.model import Record, Text

PEOPLE = {("dob",), ("gender",), ("ssn",)}


def found(header: str, value: str, beside: Collection[tuple[str, ...]] = ()) -> list[str]:
    return [s.entity for s in typed(words_of(header), value, beside) if s.score >= 0.6]


def record(**values: str) -> Record:
    return Record("s", 0, tuple(Text(f"/{k}", v, k) for k, v in values.items()), 0)


@pytest.mark.parametrize(
    ("header", "value", "entity"),
    [
        ("First Name", "maria", "PERSON"),
        ("firstName", "LI", "PERSON"),
        ("last_name", "o'brien", "PERSON"),
        ("LNAME", "van der berg", "PERSON"),
        ("Surname", "Hope", "PERSON"),
        ("patient name", "GONZALEZ, MARIA T", "PERSON"),
        ("student_name", "xu wei", "PERSON"),
        ("emergency contact name", "bo", "PERSON"),
        ("Vorname", "jürgen", "PERSON"),
        ("nachname", "SCHMIDT", "PERSON"),
        ("prénom", "élodie", "PERSON"),
        ("nom de famille", "lefèvre", "PERSON"),
        ("apellido_paterno", "muñoz", "PERSON"),
        ("Apellidos", "garcia lopez", "PERSON"),
        ("cognome", "rossi", "PERSON"),
        ("achternaam", "de vries", "PERSON"),
        ("nazwisko", "kowalska", "PERSON"),
        ("姓名", "王伟", "PERSON"),
        ("фамилия", "иванов", "PERSON"),
        ("DOB", "19620314", "DATE_OF_BIRTH"),
        ("dateOfBirth", "3/4/62", "DATE_OF_BIRTH"),
        ("birth_date", "1962-03-14T00:00:00Z", "DATE_OF_BIRTH"),
        ("Geburtsdatum", "14.3.1962", "DATE_OF_BIRTH"),
        ("fecha de nacimiento", "14 de marzo de 1962", "DATE_OF_BIRTH"),
        ("date_naissance", "14 mars 1962", "DATE_OF_BIRTH"),
        ("ssn", "123456789", "US_SSN"),
        ("SSN", "1234567", "US_SSN"),
        ("social_security_number", "123 45 6789", "US_SSN"),
        ("ssn", "XXX-XX-4821", "US_SSN"),
        ("ssn_last4", "4821", "US_SSN"),
        ("patient_ssn", "123456789.0", "US_SSN"),
        ("mrn", "483921", "MEDICAL_RECORD_NUMBER"),
        ("Patient ID", "P-00483", "MEDICAL_RECORD_NUMBER"),
        ("patientid", "83921", "MEDICAL_RECORD_NUMBER"),
        ("phone", "3125550142", "PHONE_NUMBER"),
        ("Cell", "(312) 555-0142 x22", "PHONE_NUMBER"),
        ("mobile_no", "5550142", "PHONE_NUMBER"),
        ("Telefonnummer", "030/555 01 42", "PHONE_NUMBER"),
        ("Téléphone", "01 55 50 14 20", "PHONE_NUMBER"),
        ("Fax", "3125550199", "FAX_NUMBER"),
        ("zip", "60614", "US_ZIP"),
        ("ZIP Code", "2139", "US_ZIP"),
        ("postal_code", "60614-1234", "US_ZIP"),
        ("zip", "60614.0", "US_ZIP"),
        ("address", "4821 maple avenue apt 12", "STREET_ADDRESS"),
        ("addr1", "77 oak st", "STREET_ADDRESS"),
        ("Straße", "Hauptstraße 5", "STREET_ADDRESS"),
        ("dirección", "Calle Mayor 12, 3B", "STREET_ADDRESS"),
        ("home_city", "boston", "LOCATION"),
        ("acct_no", "0048392", "ACCOUNT_NUMBER"),
        ("member id", "XJH883920174", "HEALTH_PLAN_ID"),
        ("emp_id", "104482", "EMPLOYEE_ID"),
        ("DL number", "K4821993", "US_DRIVER_LICENSE"),
        ("passport_no", "X1482993", "US_PASSPORT"),
        ("subject_id", "104-482", "UNIQUE_CODE"),
    ],
)
def test_a_header_types_the_whole_value(header: str, value: str, entity: str) -> None:
    assert found(header, value) == [entity]


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("product_name", "maria"),
        ("file_name", "anna"),
        ("hostname", "victoria"),
        ("company_name", "Johnson"),
        ("display name", "Victoria Sponge"),
        ("name", "Laser Pointer"),
        ("name", "maria"),
        ("customer name", "Johnson Hospital"),
        ("provider_name", "aws"),
        ("child_name", "left node"),
        ("first_name", "string"),
        ("first_name", "First Name"),
        ("first name", "Enter your first name"),
        ("last_name", "N/A"),
        ("Vorname", "{vorname}"),
        ("full_name", "John Doe"),
        ("last_login", "maria"),
        ("first", "maria"),
        ("dob", "1962"),
        ("dob", "unknown"),
        ("ssn", "string"),
        ("ssn", "000000000"),
        ("ssn_format", "123456789"),
        ("phone_type", "5550142"),
        ("phone", "iPhone 14"),
        ("phone", "0000000000"),
        ("mobile", "true"),
        ("zip", "data.zip"),
        ("zip", "true"),
        ("address", "10.0.0.1:8080"),
        ("address", "0xdeadbeef00"),
        ("ip_address", "4821 maple avenue"),
        ("email address", "4821 maple avenue"),
        ("address", "see the section on returns"),
        ("city", "Paris"),
        ("id", "cooking-0001"),
        ("patient_id", "17"),
        ("account_type", "00483921"),
        ("member count", "883920174"),
        ("subject", "About 1042 things"),
    ],
)
def test_what_a_header_does_not_mean(header: str, value: str) -> None:
    assert found(header, value) == []


@pytest.mark.parametrize(
    ("header", "value", "entity"),
    [
        ("name", "li", "PERSON"),
        ("Name", "Smith J", "PERSON"),
        ("nom", "petit", "PERSON"),
        ("city", "chicago", "LOCATION"),
        ("Ort", "köln", "LOCATION"),
        ("id", "A-00482", "UNIQUE_CODE"),
        ("customer_name", "brown", "PERSON"),
    ],
)
def test_headers_beside_it_settle_an_ambiguous_one(header: str, value: str, entity: str) -> None:
    assert found(header, value) == []
    assert found(header, value, PEOPLE) == [entity]


def test_first_and_last_are_a_pair() -> None:
    assert found("Last", "gonzalez", {("first",), ("last",)}) == ["PERSON"]
    assert found("Last", "gonzalez", {("last",)}) == []


def test_two_names_that_are_nothing_else_speak_for_themselves() -> None:
    assert found("name", "maria gonzalez") == ["PERSON"]


def test_the_object_around_a_general_key_says_whose_it_is() -> None:
    assert header_of("id", "/patients/0/id") == "patient id"
    assert header_of("id", "/id") == "id"
    assert header_of("id", "/messages/0/id") == "id"
    assert header_of("mrn", "/patient/mrn") == "mrn"
    nested = Record("s", 0, (Text("/patient/id", "83921", "id"),), 0)
    assert [s.entity for s in fields_of(nested)[0]] == ["MEDICAL_RECORD_NUMBER"]


def test_siblings_are_those_of_the_same_object() -> None:
    beside = fields_of(record(name="li", dob="1962-03-14", gender="f"))
    assert [s.entity for s in beside[0]] == ["PERSON"]
    apart = Record(
        "s",
        0,
        (
            Text("/tool/name", "li", "name"),
            Text("/who/dob", "1962-03-14", "dob"),
            Text("/who/ssn", "221202224", "ssn"),
        ),
        0,
    )
    assert fields_of(apart)[0] == []


def test_a_span_leaves_out_blanks_and_quotes() -> None:
    (span,) = typed(words_of("last name"), '  "gonzalez", ')
    assert (span.start, span.end) == (3, 11)


def test_lines_of_a_form() -> None:
    text = "Vorname: maria\nNachname:  SCHMIDT   Geburtsdatum: 14.3.62\n**Telefon:** 030 555 0142\n"
    spans = sorted((text[s.start : s.end], s.entity) for s in within(text))
    assert spans == [
        ("030 555 0142", "PHONE_NUMBER"),
        ("14.3.62", "DATE_OF_BIRTH"),
        ("SCHMIDT", "PERSON"),
        ("maria", "PERSON"),
    ]


def test_prose_with_colons_is_no_form() -> None:
    text = "Name: the first you must set.\nAddress: where the server listens.\nPhone: optional.\n"
    assert list(within(text)) == []


def key_spans(key: str) -> list[float]:
    text = Text("/" + key, key, is_key=True)
    return [s.score for s in as_key(text, [Span(0, len(key), "PERSON", 0.8, "NameModel")])]


@pytest.mark.parametrize("key", ["grant_type", "bill", "Status", "vin"])
def test_a_field_name_of_ordinary_words_is_no_name(key: str) -> None:
    assert key_spans(key) == []


@pytest.mark.parametrize("key", ["ward", "gonzalez", "zyxgrimwald", "roseGonzalez"])
def test_a_field_name_of_another_word_is_perhaps_a_name(key: str) -> None:
    assert key_spans(key) == [0.4]


@pytest.mark.parametrize("key", ["maria_gonzalez", "Maria Gonzalez", "Maria"])
def test_a_key_that_is_a_name_stays_one(key: str) -> None:
    assert key_spans(key) == [0.8]
