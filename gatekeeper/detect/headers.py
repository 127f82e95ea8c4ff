"""What the header of a column, a key or a form's label says that stands under it.

A header is read as its folded lower-case words (`words.words_of`), so that `patientFirstName`,
`PATIENT_FIRST_NAME` and `Patient first-name` are one. English first, then the languages whose
headers are met most: German, French, Spanish, Italian, Portuguese, Dutch, Nordic, Polish.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from gatekeeper.detect.lazy import lazy


class Kind(NamedTuple):
    """What a header announces: an entity, and the shape that a value of it must have."""

    entity: str
    shape: str
    score: float


_HUMAN = (
    r"patients?|pt|employees?|subscribers?|insured|guardians?|spouse|mothers?|fathers?|next of kin|nok"
    r"|physicians?|doctors?|attending|prescribers?|surgeons?|nurses?|applicants?|candidates?|tenants?"
    r"|landlords?|plaintiffs?|defendants?|witness(?:es)?|students?|pupils?|teachers?|cardholders?"
    r"|account holders?|beneficiar(?:y|ies)|passengers?|guests?|attorneys?|lawyers?|judges?|borrowers?"
    r"|donors?|participants?|respondents?|residents?|supervisors?|callers?|person|emergency contact"
    r"|policy ?holders?|claimants?|inmates?"
)
_EITHER = (
    r"clients?|customers?|members?|parents?|child|children|sibling|providers?|contacts?|managers?"
    r"|recipients?|people|staff|billing|shipping|users?|authors?|owners?|senders?|agents?|buyers?"
    r"|sellers?|drivers?|players?|reviewers?|instructors?"
)
"""People mostly, and companies, nodes of a tree or programs at times."""
_PEOPLE = rf"{_HUMAN}|{_EITHER}"
_GIVEN = (
    r"(?:first|last|middle|given|family|maiden|sur|fore|full|legal|preferred|nick|birth|christian)"
)
_ID = r"(?:ids?|no|nos|nr|num|number|numbers|nbr|code|identifier|key)"

_PERSON = (
    rf"{_GIVEN} ?names?|names? (?:given|family|first|last|full)|[flm] ?names?|"
    rf"(?:{_HUMAN}) ?names?|(?:{_PEOPLE}) {_GIVEN} ?names?|"
    rf"(?:{_PEOPLE}) (?:first|last|middle|given|family)|name of (?:the )?(?:{_HUMAN})|surnames?|forenames?|"
    r"vor ?namen?|nach ?namen?|familien ?namen?|zu ?namen?|geburts ?namen?|ruf ?namen?|"
    r"prenoms?|noms? (?:de )?(?:famille|naissance|jeune fille|usage|complet)|"
    r"(?:primer |segundo )?apellidos?(?: (?:paterno|materno))?|nombres? (?:y apellidos?|completo)|"
    r"primer nombre|cognomi|cognome|sobre ?nome|apelido|nome (?:completo|e cognome)|"
    r"achter ?naam|voor ?naam|volledige naam|for ?navn|etter ?navn|efter ?navn|for ?namn|"
    r"efter ?namn|nazwisko|imie(?: i nazwisko)?|jmeno|prijmeni|etu ?nimi|suku ?nimi|"
    r"фамилия|отчество|фио|姓名|氏名|名前|姓|이름|성명"
)
_DATE = (
    r"do ?b|d o b|(?:date|dt) ?of ?birth|birth ?(?:date|day|dt)|b ?date|born(?: on)?|"
    r"geburts ?(?:datum|tag)|geboren(?: am)?|date (?:de )?naissance|ne(?:e)? le|"
    r"fecha (?:de )?nacimiento|fec nac|data (?:di )?nascita|data (?:de )?nascimento|"
    r"geboorte ?datum|fodsels ?dato|fodelse ?datum|data urodzenia|datum narozeni|"
    r"дата рождения|生年月日|出生日期|생년월일"
)
_PHONE = (
    r"(?:home |work |office |mobile |cell |day ?time |evening |contact |primary |alt(?:ernate)? )?"
    r"(?:tele)?phones?(?: ?(?:number|numbers|no|num|nr|nbr))?|tel(?: ?(?:no|nr|number))?|"
    r"(?:mobile|cell|cellular|cell ?phone|contact|whats ?app|call ?back|pager)(?: (?:number|no|num|nr))?|"
    r"ph(?: (?:no|number))?|telefon(?: ?(?:nummer|nr|numero))?|telefono|telefone|telephone|telefoon"
    r"(?: ?nummer)?|handy(?: ?(?:nummer|nr))?|mobil(?: ?(?:nummer|telefon|nr))?|portable|movil|celular|"
    r"cellulare|numero (?:de )?(?:telefono|telephone|telefone|celular|movil)|телефон|電話番号|电话|手机"
)
_ADDRESS = (
    r"(?:(?:home|street|mailing|postal|billing|shipping|residential|residence|work|office|permanent"
    rf"|current|{_PEOPLE}) )?(?:address|addr)(?: ?(?:line)? ?[123])?|"
    r"street(?: (?:name|line)(?: [123])?)?|residence|adress[ea]?|anschrift|strasse|wohn ?anschrift|"
    r"adresse (?:postale|complete)|direccion|domicilio|indirizzo|residenza|endereco|adres|"
    r"адрес|住所|地址|주소"
)
_ACCOUNT = (
    rf"(?:bank |customer |client |billing |loan )?(?:accounts?|acct|a c) ?{_ID}|konto ?(?:nummer|nr)|"
    r"numero (?:de |di )?(?:cuenta|compte|conto|conta)|rekening ?nummer"
)
_MEDICAL = (
    rf"mrn|m r n|emrn|empi|med(?:ical)? ?rec(?:ord)?s?(?: ?{_ID})?|chart {_ID}|hospital {_ID}|"
    rf"(?:patients?|pt|pat) ?{_ID}|(?:patients?|pt) (?:mrn|identifier)|patienten ?(?:nummer|nr|id)|"
    rf"(?:numero|no) (?:de )?(?:patient|paciente|dossier|historia(?: clinica)?)|health record {_ID}"
)
_PLAN = (
    rf"(?:insurance |plan |health ?plan )?(?:members?|subscribers?|beneficiary|insured|insurance|policy|"
    rf"policy ?holder|health plan|medicaid|medicare|group) ?{_ID}|"
    r"versicherten ?(?:nummer|nr)|numero (?:de )?(?:assure|asegurado|poliza)"
)
_UNIQUE = (
    rf"(?:study |trial )?(?:subjects?|participants?|encounters?|accession|specimens?|enrol?lment|claims?"
    rf"|referrals?|prescriptions?|rx|visits?|donors?|cohort|hadm|icu ?stay|admissions?"
    rf"|applicants?|students?|persons?|individuals?|households?|respondents?|inmates?|guests?"
    rf"|passengers?|tenants?|borrowers?|claimants?|residents?) ?{_ID}"
)
_CITY = (
    r"(?:home |birth |mailing |billing |shipping |patient |residence |work )?(?:city|town)|hometown|"
    r"(?:place|city|town) of (?:birth|residence)|birth ?place|city town|ort|wohn ?ort|geburts ?ort|"
    r"stadt|ville|commune|lieu (?:de )?naissance|ciudad|localidad|municipio|citta|comune|cidade|"
    r"woon ?plaats|miasto|county|город|都市|城市"
)

_NAMED: tuple[tuple[str, tuple[str, str, float]], ...] = (
    (_PERSON, ("PERSON", "name", 0.85)),
    (_DATE, ("DATE_OF_BIRTH", "date", 0.95)),
    (rf"(?:(?:{_PEOPLE}) )?(?:ssn|s s n|ss {_ID}|social ?security(?: ?{_ID})?|soc ?sec(?: ?{_ID})?|ss ?num)", ("US_SSN", "ssn", 0.95)),
    (r"(?:ssn|social ?security) ?(?:last ?(?:four|4)|4)|last ?(?:four|4)(?: (?:of|digits))? ?(?:ssn|social)", ("US_SSN", "four", 0.75)),
    (_MEDICAL, ("MEDICAL_RECORD_NUMBER", "code", 0.9)),
    (rf"(?:{_PEOPLE}) (?:{_PHONE})|{_PHONE}", ("PHONE_NUMBER", "phone", 0.8)),
    (r"(?:tele)?fax(?: ?(?:number|numbers|no|num|nr|nummer))?", ("FAX_NUMBER", "phone", 0.85)),
    (rf"(?:(?:home|mailing|billing|shipping|{_PEOPLE}) )?(?:zip|zip ?codes?|postal ?codes?|post ?codes?|zip ?postal(?: code)?|zip ?5|plz|post ?leit ?zahl|code ?postal|codigo ?postal)", ("US_ZIP", "zip", 0.8)),
    (_ADDRESS, ("STREET_ADDRESS", "address", 0.8)),
    (_ACCOUNT, ("ACCOUNT_NUMBER", "code", 0.8)),
    (_PLAN, ("HEALTH_PLAN_ID", "code", 0.8)),
    (rf"(?:employees?|emp|staff|personnel|badge|payroll|worker) ?{_ID}|badge|personal ?(?:nummer|nr)|matricule", ("EMPLOYEE_ID", "code", 0.8)),
    (rf"driv(?:er|ers|ing|er s) ?licen[sc]e(?: ?{_ID})?|d ?l ?(?:{_ID})|dln|fuhrerschein(?: ?nummer)?|permis (?:de )?conduire|licencia (?:de )?conducir", ("US_DRIVER_LICENSE", "code", 0.8)),
    (rf"passport(?: ?{_ID})?|reise ?pass(?: ?(?:nummer|nr))?|(?:numero (?:de )?)?(?:passeport|pasaporte|passaporto)", ("US_PASSPORT", "code", 0.8)),
    (_UNIQUE, ("UNIQUE_CODE", "code", 0.8)),
)  # fmt: skip
KINDS: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (lazy(rf"(?:(?:the|your|my|his|her) )?(?:{header})(?: (?:of patient|1|2|3))?"), Kind(*kind))
    for header, kind in _NAMED
)
"""Header → what stands under it; the first that matches the whole header is taken."""

WEAK_NAME = lazy(
    rf"names?|nom|nombres?|nome|naam|navn|namn|имя|display ?name|(?:{_EITHER}) ?names?|{_PEOPLE}|assignee|"
    r"first|last|middle|given|family|full"
)
"""Headers that may ask for a person's name: the value or the headers beside it must agree."""

CITY = lazy(_CITY)
ROW_ID = lazy(rf"{_ID}|(?:record|row|case|entry|unique) ?{_ID}|u?id")

_PERSONAL_KINDS = frozenset({"PERSON", "DATE_OF_BIRTH", "MEDICAL_RECORD_NUMBER"})
PERSONAL = lazy(
    rf"(?:{_PEOPLE}) (?:id|age|gender|sex)|ssn|social ?security(?: number)?|gender|sex|age|"
    r"marital ?status|geschlecht|sexe|sexo|diagnos[ie]s|insurance|salary|job ?title|occupation|"
    r"ethnicity|race|religion|nationality|(?:home|mailing|street) address|e ?mail(?: ?address)?|correo"
)
"""Other headers that only a table of people has, two of them at least."""


@lru_cache(maxsize=4096)
def kind_of(words: tuple[str, ...]) -> Kind | None:
    """What a header of `words` announces by itself."""
    header = " ".join(words)
    if not header or len(header) > 60:
        return None
    return next((kind for pattern, kind in KINDS if pattern.fullmatch(header)), None)


@lru_cache(maxsize=4096)
def is_weak_name(words: tuple[str, ...]) -> bool:
    """Whether the header may ask for a person's name, and for much else."""
    return len(words) <= 3 and bool(WEAK_NAME.fullmatch(" ".join(words)))


@lru_cache(maxsize=4096)
def is_city(words: tuple[str, ...]) -> bool:
    """Whether the header asks for a town."""
    return bool(CITY.fullmatch(" ".join(words)))


@lru_cache(maxsize=4096)
def is_row_id(words: tuple[str, ...]) -> bool:
    """Whether the header is that of a row's own number or code."""
    return bool(ROW_ID.fullmatch(" ".join(words)))


@lru_cache(maxsize=4096)
def is_personal(words: tuple[str, ...]) -> bool:
    """Whether the header is one that tables of people have."""
    kind = kind_of(words)
    if kind is not None and kind.entity in _PERSONAL_KINDS:
        return True
    return bool(PERSONAL.fullmatch(" ".join(words)))
