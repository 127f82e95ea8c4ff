"""Sentences with dates, seeded: clinical, legal and chat, in many formats; and their look-alikes."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_WORDS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
    "twenty-second",
    "twenty-third",
    "twenty-fourth",
    "twenty-fifth",
    "twenty-sixth",
    "twenty-seventh",
    "twenty-eighth",
    "twenty-ninth",
    "thirtieth",
    "thirty-first",
]
Day = datetime.date


def _th(day: int) -> str:
    ending = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{ending}"


def _m(d: Day) -> str:
    return _MONTHS[d.month - 1]


def _a(d: Day) -> str:
    return _m(d)[:3]


def _w(d: Day) -> str:
    return _WEEKDAYS[d.weekday()]


def _later(d: Day) -> Day:
    return d + datetime.timedelta(days=3) if d.day < 25 else d - datetime.timedelta(days=5)


FORMATS: dict[str, Callable[[Day], str]] = {
    "month day, year": lambda d: f"{_m(d)} {d.day}, {d.year}",
    "month day year": lambda d: f"{_m(d)} {d.day} {d.year}",
    "month nth, year": lambda d: f"{_m(d)} {_th(d.day)}, {d.year}",
    "month the nth, year": lambda d: f"{_m(d)} the {_th(d.day)}, {d.year}",
    "day month year": lambda d: f"{d.day} {_m(d)} {d.year}",
    "day month, year": lambda d: f"{d.day} {_m(d)}, {d.year}",
    "nth month year": lambda d: f"{_th(d.day)} {_m(d)} {d.year}",
    "nth of month year": lambda d: f"{_th(d.day)} of {_m(d)} {d.year}",
    "nth of month, year": lambda d: f"{_th(d.day)} of {_m(d)}, {d.year}",
    "the nth of month": lambda d: f"{_th(d.day)} of {_m(d)}",
    "nth day of month, year": lambda d: f"{_th(d.day)} day of {_m(d)}, {d.year}",
    "mon day, year": lambda d: f"{_a(d)} {d.day}, {d.year}",
    "mon. day, year": lambda d: f"{_a(d)}. {d.day}, {d.year}" if _a(d) != "May" else f"May {d.day}, {d.year}",
    "mon day": lambda d: f"{_a(d)} {d.day}",
    "day mon year": lambda d: f"{d.day} {_a(d)} {d.year}",
    "day-mon-year": lambda d: f"{d.day:02}-{_a(d)}-{d.year}",
    "day-MON-year": lambda d: f"{d.day:02}-{_a(d).upper()}-{d.year}",
    "day-mon-yy": lambda d: f"{d.day:02}-{_a(d)}-{d.year % 100:02}",
    "mon-day-yy": lambda d: f"{_a(d)}-{d.day:02}-{d.year % 100:02}",
    "mon-day-year": lambda d: f"{_a(d)}-{d.day:02}-{d.year}",
    "ddMONyyyy": lambda d: f"{d.day:02}{_a(d).upper()}{d.year}",
    "day/mon/year": lambda d: f"{d.day:02}/{_a(d)}/{d.year}",
    "month day": lambda d: f"{_m(d)} {d.day}",
    "month nth": lambda d: f"{_m(d)} {_th(d.day)}",
    "nth month": lambda d: f"{_th(d.day)} {_m(d)}",
    "day month": lambda d: f"{d.day} {_m(d)}",
    "lower month nth": lambda d: f"{_m(d).lower()} {_th(d.day)}",
    "lower month day, year": lambda d: f"{_m(d).lower()} {d.day}, {d.year}",
    "MONTH day, year": lambda d: f"{_m(d).upper()} {d.day}, {d.year}",
    "month word": lambda d: f"{_m(d)} {_WORDS[d.day - 1]}, {d.year}",
    "word of month": lambda d: f"{_WORDS[d.day - 1]} of {_m(d)}",
    "day 'yy": lambda d: f"{_m(d)} {d.day}, '{d.year % 100:02}",
    "weekday, month day": lambda d: f"{_w(d)}, {_m(d)} {d.day}",
    "weekday, month day, year": lambda d: f"{_w(d)}, {_m(d)} {d.day}, {d.year}",
    "weekday day month": lambda d: f"{_w(d)} {d.day} {_m(d)}",
    "weekday the nth of month": lambda d: f"{_w(d)} the {_th(d.day)} of {_m(d)}",
    "wd. day mon": lambda d: f"{_w(d)[:3]}. {d.day} {_a(d)}",
    "RFC 5322": lambda d: f"{_w(d)[:3]}, {d.day} {_a(d)} {d.year} 10:32:11",
    "month year": lambda d: f"{_m(d)} {d.year}",
    "mon year": lambda d: f"{_a(d)} {d.year}",
    "month of year": lambda d: f"{_m(d)} of {d.year}",
    "month 'yy": lambda d: f"{_m(d)} '{d.year % 100:02}",
    "mm/yyyy": lambda d: f"{d.month:02}/{d.year}",
    "mm/dd/yyyy": lambda d: f"{d.month:02}/{d.day:02}/{d.year}",
    "m/d/yyyy": lambda d: f"{d.month}/{d.day}/{d.year}",
    "dd/mm/yyyy": lambda d: f"{d.day:02}/{d.month:02}/{d.year}",
    "mm/dd/yy": lambda d: f"{d.month:02}/{d.day:02}/{d.year % 100:02}",
    "m/d/yy": lambda d: f"{d.month}/{d.day}/{d.year % 100:02}",
    "mm-dd-yyyy": lambda d: f"{d.month:02}-{d.day:02}-{d.year}",
    "dd-mm-yyyy": lambda d: f"{d.day:02}-{d.month:02}-{d.year}",
    "dd.mm.yyyy": lambda d: f"{d.day:02}.{d.month:02}.{d.year}",
    "d.m.yyyy": lambda d: f"{d.day}.{d.month}.{d.year}",
    "mm / dd / yyyy": lambda d: f"{d.month:02} / {d.day:02} / {d.year}",
    "ISO": lambda d: d.isoformat(),
    "ISO, slashes": lambda d: f"{d.year}/{d.month:02}/{d.day:02}",
    "ISO, dots": lambda d: f"{d.year}.{d.month:02}.{d.day:02}",
    "ISO with time": lambda d: f"{d.isoformat()}T08:15:00Z",
    "ISO and clock": lambda d: f"{d.isoformat()} 08:15",
    "mm/dd/yyyy and clock": lambda d: f"{d.month:02}/{d.day:02}/{d.year} 8:15 AM",
    "month day, year at clock": lambda d: f"{_m(d)} {d.day}, {d.year} at 5:30 pm",
    "HL7 time": lambda d: f"{d.year}{d.month:02}{d.day:02}081500",
    "year month day": lambda d: f"{d.year} {_m(d)} {d.day}",
    "month d-d, year": lambda d: f"{_m(d)} {min(d.day, _later(d).day)}-{max(d.day, _later(d).day)}, {d.year}",
    "d to d month year": lambda d: f"{min(d.day, _later(d).day)} to {max(d.day, _later(d).day)} {_m(d)} {d.year}",
    "d–d month": lambda d: f"{min(d.day, _later(d).day)}–{max(d.day, _later(d).day)} {_m(d)}",
    "m/d-m/d/yy": lambda d: f"{d.month}/{min(d.day, _later(d).day)}-{d.month}/{max(d.day, _later(d).day)}/{d.year % 100:02}",
    "d and d month year": lambda d: f"{min(d.day, _later(d).day)} and {max(d.day, _later(d).day)} {_m(d)} {d.year}",
    "holiday": lambda d: f"Christmas Eve {d.year}",
}  # fmt: skip
CARRIERS: dict[str, tuple[str, ...]] = {
    "clinical": (
        "Pt was admitted on {} with shortness of breath.",
        "The follow-up colonoscopy was done {} without complication.",
        "Last seen in our clinic {}; blood pressure controlled.",
        "Onset of symptoms: {}. No fever since.",
        "Insulin was started on {} and the dose doubled a week later.",
        "Discharge summary ({}): stable, ambulating.",
        "MRI of the knee from {} shows a meniscal tear.",
        "Labs drawn {} were within normal limits.",
        "She reports that the rash first appeared around {}, after a hike.",
        "Is it safe to keep taking lisinopril if my last check was {}?",
    ),
    "legal": (
        "The agreement was executed on {} between the parties.",
        "By a judgment of {} the court dismissed the appeal.",
        "On {}, the applicant lodged a complaint with the prosecutor.",
        "Defendant's motion, filed {}, is denied as moot.",
        "The hearing was adjourned until {} at the request of counsel.",
        "The lease expired on {}, and the tenant held over.",
        "Plaintiff was dismissed from her position effective {}.",
        "See letter from the ministry dated {}, annexed hereto.",
    ),
    "chat": (
        "USER: can you book a table for {}?",
        "I'm leaving on {} and coming back a week later",
        "assistant: Your reservation for {} is confirmed.",
        "ok lets move the call to {}, works for everyone",
        "hey are you free {}?",
        "My flight is on {}. What should I pack?",
        "please remind me {} to pay the rent",
        "we met {} at the office party lol",
    ),
}


def dated(seed: int, per_format: int = 6) -> Iterator[tuple[str, str, str, int, int]]:
    """(kind of text, format, text, start, end) of every date."""
    rng = random.Random(seed)
    for kind, carriers in CARRIERS.items():
        for name, write in FORMATS.items():
            for _ in range(per_format):
                day = Day(rng.randint(1958, 2026), rng.randint(1, 12), rng.randint(1, 28))
                value = write(day)
                before, _, after = rng.choice(carriers).partition("{}")
                yield kind, name, before + value + after, len(before), len(before) + len(value)


LOOK_ALIKES: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("upgrade to version {} first", lambda r: f"{r.randint(1, 12)}.{r.randint(0, 12)}.{r.randint(0, 30)}"),
    ("pinned to v{} in the lock file", lambda r: f"{r.randint(1, 12)}.{r.randint(1, 12)}.{r.randint(1, 30)}"),
    ("take {} tab at night", lambda r: r.choice(["1/2", "1/4", "3/4", "1 1/2"])),
    ("add {} cup of sugar", lambda r: r.choice(["1/2", "2/3", "3/4", "1/3"])),
    ("pain rated {}/10 today's visit aside", lambda r: str(r.randint(1, 9))),
    ("they won {} on penalties", lambda r: f"{r.randint(1, 5)}-{r.randint(0, 4)}"),
    ("lost the set {} in the end", lambda r: r.choice(["6-4, 6-3", "7-5, 6-2", "6-1"])),
    ("the host {} did not answer", lambda r: f"192.0.2.{r.randint(1, 254)}"),
    ("see Genesis {} for that verse", lambda r: f"{r.randint(1, 50)}:{r.randint(1, 30)}"),
    ("Mark {} and Acts 2:4", lambda r: f"{r.randint(1, 16)}:{r.randint(1, 20)}"),
    ("a vision of {} in both eyes", lambda r: r.choice(["20/20", "20/40", "6/6", "20/200"])),
    ("blood pressure of {} at rest", lambda r: f"{r.randint(100, 160)}/{r.randint(60, 95)}"),
    ("meet in room {} upstairs", lambda r: f"{r.randint(1, 12)}-{r.randint(10, 40)}"),
    ("ring 555-01{} after lunch", lambda r: f"{r.randint(10, 99)}"),
    ("part number {} is back-ordered", lambda r: f"{r.randint(10, 99)}-{r.randint(100, 999)}-{r.randint(10, 99)}"),
    ("it costs ${} a month", lambda r: f"{r.randint(1, 12)}.{r.randint(10, 99)}"),
    ("the ratio is {} by weight", lambda r: f"{r.randint(1, 12)}:{r.randint(1, 12)}"),
    ("so x = {} and y follows", lambda r: f"{r.randint(1, 12)}/{r.randint(1, 31)}"),
    ("the odds are {} against", lambda r: f"{r.randint(1, 12)}/{r.randint(1, 12)}"),
    ("12 Mar. L. Rev. {} is on point", lambda r: str(r.randint(10, 900))),
    ("see 2019 WL {} at *3", lambda r: str(r.randint(100000, 999999))),
    ("ISBN 978-3-16-14841{}-0 is out of print", lambda r: str(r.randint(0, 9))),
    ("since {} nothing has changed", lambda r: str(r.randint(1900, 2024))),
    ("in the {} people listened to vinyl", lambda r: f"{r.choice([1950, 1960, 1970, 1980, 1990])}s"),
    ("fiscal years {} are audited", lambda r: f"{r.randint(1990, 2005)}-{r.randint(2006, 2020)}"),
    ("you may {} or may not", lambda r: r.choice(["try", "go", "see 3 options", "win 10 dollars"])),
    ("they march {} miles a day", lambda r: str(r.randint(3, 25))),
    ("the troops march {} times", lambda r: str(r.randint(2, 9))),
    ("you may 3 times {} retry", lambda r: r.choice(["safely", "only"])),
    ("section {} of the code applies", lambda r: f"{r.randint(1, 12)}.{r.randint(1, 30)}.{r.randint(1, 9)}"),
    ("clause {} shall survive", lambda r: f"{r.randint(1, 12)}.{r.randint(1, 12)}"),
    ("a {} inch wrench", lambda r: r.choice(["3/16", "5/8", "7/16", "1/4"])),
    ("commit {} broke the build", lambda r: f"{r.getrandbits(40):010x}"),
    ("the loss fell to {} at step 40", lambda r: f"0.{r.randint(1000, 9999)}"),
    ("order {} shipped yesterday's batch", lambda r: str(r.randint(30000000, 99999999))),
    ("id {} was deleted", lambda r: str(r.randint(10**13, 19 * 10**12))),
    ("the {} test suite passed", lambda r: f"{r.randint(2, 99)} of 120"),
    ("aspect ratio {} on the new screen", lambda r: r.choice(["16/9", "4/3", "21/9"])),
    ("April {} works at the desk", lambda r: r.choice(["Jones", "Smith", "Ludgate"])),
    ("Channel {} news at nine", lambda r: str(r.randint(2, 12))),
    ("the model gpt-4o-{} answered", lambda r: "2024-05-13"),
    ("SMILES C1CC{}CC1 is cyclohexane", lambda r: str(r.randint(1, 9))),
    ("the 5th floor of block {}", lambda r: str(r.randint(1, 12))),
    ("in the {} century trade grew", lambda r: r.choice(["19th", "5th", "12th"])),
    ("1st Battalion, {} Marines", lambda r: r.choice(["5th", "7th"])),
    ("oct {} in base eight", lambda r: str(r.randint(10, 30))),
    ("a {}-day course of pills", lambda r: str(r.randint(3, 14))),
    ("two weeks after surgery {} heals", lambda r: r.choice(["skin", "bone"])),
)  # fmt: skip


def look_alikes(seed: int, per_kind: int = 12) -> Iterator[str]:
    """Texts without a date, full of what resembles one."""
    rng = random.Random(seed)
    for carrier, write in LOOK_ALIKES:
        for _ in range(per_kind):
            yield carrier.replace("{}", write(rng))
