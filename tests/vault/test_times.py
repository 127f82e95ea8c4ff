"""Times as they are written: UTC, whole seconds, one form."""

from __future__ import annotations

import datetime
import time

import pytest

from gatekeeper.vault.times import parse_utc, utc
from tests.vault.refusals import refused

THEN = datetime.datetime(2026, 3, 1, 12, 30, 59, 999_999, tzinfo=datetime.timezone.utc)


def test_a_time_is_written_in_utc_and_comes_back() -> None:
    assert utc(THEN) == "2026-03-01T12:30:59Z"
    east = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
    assert utc(THEN.astimezone(east)) == "2026-03-01T12:30:59Z"
    assert parse_utc("2026-03-01T12:30:59Z") == THEN.replace(microsecond=0)
    with pytest.raises(ValueError, match=r"^a time without its zone$"):
        utc(THEN.replace(tzinfo=None))
    assert parse_utc("2026-03-01T12:30:59Z").tzinfo is datetime.timezone.utc


def test_where_the_machine_stands_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        written = utc(THEN), parse_utc("2026-03-01T12:30:59Z")
    time.tzset()
    assert written == ("2026-03-01T12:30:59Z", THEN.replace(microsecond=0))


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-3-1T12:30:59Z", "2026-03-01 12:30:59Z", "2026-03-01T12:30:59", "2026-03-01",
     "2026-02-30T00:00:00Z", " 2026-03-01T12:30:59Z", "2026-03-01T12:30:59Z\n"],
)  # fmt: skip
def test_another_form_is_none(text: str) -> None:
    with refused("a time is malformed"):
        parse_utc(text)
