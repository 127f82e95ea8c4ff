"""Sentences, forms, rows and bare cells around drawn names, and look-alikes that name nobody.

A template's slots: {P} whole name, {G} given name, {S} surname, {H} a given name that is also a
word (PERSON); {L} place, {O} organisation; {d} date, {n} number, {w} a common cell word,
{W} {x} a plain English word with and without a capital, {m} month.
"""

from __future__ import annotations

import random
import re
from collections import Counter

from data import Sample, join, merge_people
from namepool import NamePool, origins

_SLOT = re.compile(r"\{([PGSHLOdnwmWx])\}")
_LOWER = re.compile(r"\b[a-z]+\b")
_LABEL = {"P": "PERSON", "G": "PERSON", "S": "PERSON", "H": "PERSON", "L": "LOCATION", "O": "ORGANIZATION"}

HOMOGRAPHS = tuple(
    "May Will Mark Bill Grant Rose Grace Hope Faith Joy Frank Rob Sue Pat Jack Drew Chase Hunter Art Jade Ruby "
    "Amber Crystal April June August Summer Autumn Dawn Eve Ivy Lily Daisy Violet Olive Penny Sandy Dale Cliff "
    "Glen Reed Ray Gene Dean Earl Miles Max Christian Victor Angel Basil Rosemary Sage Ginger Carol Harmony Melody "
    "Chance Skip Nick Peg Bob Don Buck Chuck Wade Lance Pierce Mason Carter Cooper Parker Taylor Guy Josh Stone "
    "Lane Heath Sterling Robin Jasmine Iris Pearl Opal Paris Austin Dallas Madison Georgia Virginia Chelsea Jordan "
    "India Florence Sydney Brooklyn Savannah".split()
)

WITH_NAMES = (
    # bare cells, as a CSV reader hands them over
    "{P}", "{P}", "{P}", "{P}", "{G}", "{S}", "{H} {S}", "{L}", "{O}", "{L}, {L}",
    # forms
    "Patient Name: {P}", "Patient: {P}\nDOB: {d}\nMRN: {n}", "Name: {P}", "Full name: {P}\nCity: {L}", "Pt: {P}, {n}F",
    "patient name: {P}\nphysician: Dr. {S}", "Client: {P}; Matter: {n}; Firm: {O}", "Emergency contact - {P} ({n})",
    "First name: {G}\nLast name: {S}", "Attending physician: {P}, MD", "Prescriber: Dr. {P}, {O}", "Signed,\n{P}\n{O}",
    "Insured: {P} | Policy {n} | {L}", "Employee: {P} (ID {n}), {O}", "Guardian: Mrs. {S}", "Next of kin: {P}, brother, {L}",
    "NAME={P};CITY={L};ORG={O}", "name|{P}|city|{L}", "<name>{P}</name><city>{L}</city>", "user_name: {P}", "- {P}\n- {P}\n- {P}",
    "{{\"name\": \"{P}\", \"city\": \"{L}\"}}", "{{\"first_name\": \"{G}\", \"last_name\": \"{S}\", \"employer\": \"{O}\"}}",
    "{{\"role\": \"user\", \"content\": \"My name is {P} and I live in {L}.\"}}", "{n},{P},{L},{O}", "{n}\t{P}\t{d}\t{L}",
    "| {P} | {n} | {L} |", "| Name | City |\n|---|---|\n| {P} | {L} |\n| {P} | {L} |", "id,name,city\n{n},{P},{L}\n{n},{P},{L}",
    "[{d} 10:{n}] {G}: ok thanks\n[{d} 10:{n}] {G}: see you", "{G}: hi {G}, are you there?", "cc: {P}, {P}", "To: {P}\nFrom: {P}\nSubject: Invoice {n}",
    "# TODO({G}): remove this", "// Author: {P}, {d}", "signed-off-by: {P}", "Assigned to {P} by {P}", "Ticket {n} opened by {P}",
    # chat
    "My name is {P}.", "my name is {P} and i need help", "Hi, I'm {G} from {O}", "hi {G}, thanks for reaching out", "Hello {G}! How can I help you today?",
    "Thanks, {G}. Your appointment with Dr. {S} is on {d}.", "this is {P} calling about my bill", "Dear {P},\n\nYour claim {n} was received.", "Dear Mr. {S},",
    "Best,\n{G}", "Sincerely,\n{P}", "Kind regards,\n{P}\n{O}, {L}", "Can you write an email to {P} about the meeting?", "ask {P} if the invoice was paid",
    "i talked to {G} at {O} yesterday", "my sister {G} lives in {L}", "my husband {G} was diagnosed last week", "Is {P} still working at {O}?",
    "Sure! Here is a letter to {P}:\n\nDear {G},", "Summarise the call with {P} of {O}.", "The customer, {P}, lives at {n} Main Street, {L}.",
    "tell me about {P}, the mayor of {L}", "who is {P}", "{P} and {P} met in {L}.", "According to {P}, sales at {O} fell.", "I spoke with Ms. {S} and Mr. {S}.",
    # clinical and legal
    "Seen today: {P}, {n}, of {L}.", "{P} is a {n}-year-old woman with diabetes admitted to {O}.", "Pt {P} c/o chest pain. Dr {S} notified.",
    "Mr. {S} denies fever. Wife {G} at bedside.", "Discussed with {P} (daughter), who agrees.", "Referred by Dr. {P} at {O} in {L}.", "{S} tolerated the procedure well.",
    "{P} v. {O}, No. {n}", "The plaintiff {P} sued {O} in {L}.", "Witness {P} testified on {d}.", "This agreement is made between {P} and {O}.", "Notary: {P}",
    "Nurse {G} gave the first dose at 10:{n}.", "Consent obtained from {P} and her mother {P}.", "Transferred from {O} under the care of {P}, RN.",
    # words that are names
    "{H} said she would be late.", "I told {H} about it.", "{H} and {G} are coming to {L}.", "{H} {S} signed the form.", "Please ask {H} {S} to call back.",
    "{H}'s results are back.", "Mr. {H} {S} was seen by Dr. {H}.", "Hi {H}, can you send the file?", "Thanks {H}!", "{H} works at {O}.", "Patient: {H} {S}",
    "Will {G} be at the meeting?", "{H} {S} is {n} years old.", "{H} {S} paid the bill in {m}.", "{H} {S} got a grant.", "{H} {S}, mark the page.",
    "Can {G} come?", "Did {P} call?", "Is {G} there?", "Was {P} born in {L}?", "Hey {G}", "Meet {P}", "Call {P} at {n}", "By {P}", "Photo: {P}", "Welcome, {P}!",
)  # fmt: skip

NOBODY = (
    # plain words where a name could stand: bullets, headings, title case, imperatives, JSON, code
    "- {W}\n- {W}\n- {W}", "* {W} {x}\n* {W} {x}", "{W} {W}", "{W}", "## {W} {W}\n\n{W} the {x}.", "# {W}", "**{W}**: {x} {x}", "{W}, {W}, {W} and {W}.", "Use `{W}` here.",
    "{{\"{W}\": \"{W}\", \"{x}\": \"{W} {W}\"}}", "1. {W} the {x}\n2. {W} the {x}", "Use {W}.", "{W} the {x} {x}.", "{W} {W} {W}", "What is {W} {W}?", "Write about {x}", "Meet the {W} {W}.",
    "Subject: {W} {W}", "{W}: {W}\n{W}: {W}", "Choose {W} or {W}.", "{W} and {W}", "| {W} | {W} |\n|---|---|\n| {x} | {W} |", "class {W}({W}):\n    pass", "import {W} from '{x}'", "Restart {W}.",
    "Add {W}, {W} or {W}, then {x}.", "{W} is {x}.", "{W}s vary. Common signs: {W}, {W}.", "Hello, {x}!", "Tip: Use {W} and {W}.", "The {W} {W} is {x}.", "{W} added {W} {W} and better {W}.",
    "Ahoy! {W} the {W}!", "Step {n}: {W} {W}", "> {W} {x}", "[{W} {W}](https://example.com/{x})", "{W}! {W}.", "Go to {W} > {W} > {W}.", "const {W} = new {W}();", "My {W} {W} is broken",
    "SELECT {W} FROM {W} WHERE {x} = {n};", "{W}?\n{W}!", "A {x} {W} for the {x} {W}", "Label: {W}", "Answer: {W}", "{W}", "{W}.",
    # bare cells and column heads
    "{w}", "{w}", "{w}", "{w}", "{w}: {w}", "{w},{w},{w}", "{w} | {w}", "{w}\n{w}", "Name", "Full Name", "First Name", "Last Name", "Patient Name", "Customer Name:",
    "name,age,city", "Name: N/A", "Name: [REDACTED]", "Name: ____", "Dear Sir or Madam,", "Dear Customer,", "Hi there,", "Hello everyone,", "Hi Team,", "[Your Name]",
    "Dear [Name],", "Patient Name: (blank)", "Signature:", "Hi {{first_name}},", "To whom it may concern", "Best regards,", "Sincerely,\nThe Support Team", "Patient denies fever.",
    "Name: Invoice {n}", "user: yes please", "assistant: Okay, done.", "PATIENT STABLE. CONTINUE MEDS.", "URGENT: READ THIS FIRST", "Pt tolerated well.", "Author: Anonymous",
    # months, verbs, nouns that are also names
    "Will you mark the bill as paid?", "May I ask a question?", "The bill is due in {m}.", "Grant access to the new hire.", "Mark it as done and chase the lead.",
    "We hope that joy and grace prevail.", "In May, June and August the office is closed.", "Frank talk about art and faith.", "Rose petals and amber glass", "Sue for damages",
    "Jack up the car with a jack.", "The chase is on; hunter and prey.", "Pat dry, drew a line, rob the bank.", "A ray of light at dawn by the cliff", "Skip the queue",
    "Chance of rain: 30%", "Summer sale ends in April", "Ginger, basil, sage and rosemary", "A pearl necklace and a ruby ring", "Dean of the faculty", "The carpenter and the baker",
    "Will do.", "Bill to: Accounts Payable", "Mark all as read", "May {n}: board meeting", "April showers bring May flowers", "Drew conclusions too early", "Dash of pepper",
    "Hope this helps!", "Rob the data of noise", "Nick the edge", "Lance the boil", "Grant number {n}", "Crystal clear", "Bill of materials", "Max temperature {n}", "Guy wire",
    # eponyms, drugs, devices, products
    "Diagnosed with Parkinson's disease.", "History of Crohn's disease and Hashimoto thyroiditis.", "Foley catheter placed.", "Glasgow Coma Scale {n}", "Apgar 8 and 9",
    "Started Lipitor, Humira and Coumadin.", "Babinski negative, Romberg positive.", "Hodgkin lymphoma stage II", "Bell's palsy on the left", "Colles fracture", "Down syndrome",
    "Epstein-Barr virus titre", "Kaposi sarcoma", "Addison's disease", "Tylenol 500 mg", "Allen test normal", "Hoffmann sign absent", "Murphy's sign positive", "Wilson disease",
    "Swan-Ganz catheter", "Jackson-Pratt drain", "Whipple procedure", "Cushing syndrome", "Alzheimer's disease", "Marfan syndrome", "Lyme disease", "Jenkins build {n} failed",
    "Newton's method converges.", "Use Dijkstra's algorithm.", "Bayes' theorem and Markov chains", "Run Gauss-Seidel", "Cobb salad", "Caesar dressing", "Eggs Benedict",
    "Restart Jenkins, then Docker and Kafka.", "Open Excel and PowerPoint.", "Ask Alexa or Siri.", "Ford Focus, Tesla Model 3, Mercedes C-Class", "Louis Vuitton bag", "Calvin Klein jeans",
    "Jack Daniel's whiskey", "Ben & Jerry's ice cream", "Uncle Ben's rice", "Dr Pepper", "Mrs. Dash seasoning", "Johnson & Johnson vaccine lot {n}", "Harley Davidson",
)  # fmt: skip

_CELLS = (
    "Paid|Pending|In Progress|Open|Closed|Won't Fix|High|Medium|Low|Yes|No|True|False|None|Unknown|Active|Inactive|Approved|Rejected|Draft|New|Returned|Shipped|"
    "Senior Engineer|Data Analyst|Sales Manager|Human Resources|Customer Support|Accounts Payable|Marketing|Nurse Practitioner|Registered Nurse|Chief Executive Officer|Product Owner|"
    "Blue Widget|Desk Lamp|Garden Hose|Office Chair|Gift Card|Red Shirt|Coffee Mug|Extra Large|Sterling Silver|Rose Gold|Navy Blue|Forest Green|Ruby Red|Jet Black|Burgundy|"
    "Hypertension|Type 2 Diabetes|Asthma|Migraine|Chest Pain|Follow Up|Discharged|Stable|Male|Female|Married|Single|Divorced|English|Spanish|Credit Card|Bank Transfer|Cash|"
    "Monday|Tuesday|Friday|January|March|May|June|August|Q1|Q2|Annual Report|Terms and Conditions|Privacy Policy|Table of Contents|Getting Started|Executive Summary|Chapter One|"
    "Lorem ipsum|Hello World|Foo|Bar|Test|Example|Sample Data|Not Applicable|To Do|Done|Blocked|Backlog|Bug Fix|Feature Request|Pull Request|Release Notes|Merge Conflict|"
    "Apple Pie|Chocolate Cake|Green Tea|Olive Oil|Brown Rice|Black Pepper|Roast Chicken|Machine Learning|Deep Learning|Computer Science|World History|Linear Algebra|Organic Chemistry|"
    "Account Number|Date of Birth|Phone Number|Home Address|Job Title|Order Total|Unit Price|Net Income|Gross Margin|Gold Member|Free Trial|Power User|Early Bird|Big Data|Open Source|"
    "Golden Retriever|Persian Cat|Monstera|Oak Tree|Jazz|Hip Hop|Action Movie|Science Fiction|Board Game|Yoga|Basketball|Chess|Piano|Guitar|Sunny|Cloudy|Light Rain"
).split("|")

_MONTHS = "January February March April May June July August September October November December".split()


class Carriers:
    """Draws samples from the templates; places and organisations come from the training corpora."""

    def __init__(self, corpora: dict[str, list[Sample]], pool: NamePool, rng: random.Random) -> None:
        self._pool, self._rng = pool, rng
        self._places = _surfaces(corpora, "LOCATION")
        self._organisations = _surfaces(corpora, "ORGANIZATION")
        self._plain = _plain_words(corpora)

    def named(self) -> Sample:
        """A text with at least one marked span."""
        return self._draw(WITH_NAMES, "carriers")

    def nobody(self) -> Sample:
        """A text without any."""
        return self._draw(NOBODY, "nobody")

    def _draw(self, templates: tuple[str, ...], source: str) -> Sample:
        template = self._rng.choice(templates)
        pieces: list[str | tuple[str, str]] = []
        last = 0
        for slot in _SLOT.finditer(template):
            pieces.append(_plain(template[last : slot.start()]))
            words = self._fill(slot.group(1))
            label = _LABEL.get(slot.group(1))
            pieces.append((words, label) if label else words)
            last = slot.end()
        pieces.append(_plain(template[last:]))
        return merge_people(join(pieces, source))

    def _fill(self, slot: str) -> str:
        rng = self._rng
        match slot:
            case "P":
                return self._pool.person()
            case "G":
                return self._pool.given()
            case "S":
                return self._pool.surname()
            case "H":
                return rng.choice(HOMOGRAPHS)
            case "L":
                return rng.choice(self._places)
            case "O":
                return rng.choice(self._organisations)
            case "d":
                month = rng.choice(_MONTHS)
                return rng.choice(
                    (f"{month} {rng.randint(1, 28)}, {rng.randint(1940, 2026)}",
                     f"{rng.randint(1, 12):02}/{rng.randint(1, 28):02}/{rng.randint(1940, 2026)}",
                     f"{rng.randint(1940, 2026)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}")
                )  # fmt: skip
            case "n":
                return str(rng.randint(10, 59))
            case "m":
                return rng.choice(_MONTHS)
            case "x":
                return rng.choice(self._plain)
            case "W":
                return rng.choice(self._plain).capitalize()
            case _:
                return rng.choice(_CELLS)


def _plain(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")


def _plain_words(corpora: dict[str, list[Sample]]) -> tuple[str, ...]:
    """Words that the corpora write in lower case, and that no name table holds."""
    counts: Counter[str] = Counter()
    for source, samples in corpora.items():
        if source != "synthetic_templates":  # it lower-cases whole texts, names and all
            for sample in samples:
                counts.update(w for w in _LOWER.findall(sample.text) if len(w) > 2)
    names = {n.lower() for o in origins() for n in (*o.given, *o.surnames)}
    return tuple(sorted(w for w, count in counts.items() if count >= 4 and w not in names))


def _surfaces(corpora: dict[str, list[Sample]], label: str) -> tuple[str, ...]:
    found = {
        sample.text[s.start : s.end]
        for samples in corpora.values()
        for sample in samples
        for s in sample.spans
        if s.label == label
    }
    return tuple(sorted(w for w in found if w[:1].isupper() and len(w) > 2 and "\n" not in w))
