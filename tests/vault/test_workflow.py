"""From quarantined to requested to approved: what counts, and what only looks like it."""

from __future__ import annotations

import dataclasses
import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from gatekeeper.errors import VaultError
from gatekeeper.vault import choose_recipients, load_identities
from gatekeeper.vault.approvals import (
    APPROVAL_TYPE,
    DESTROY,
    MAX_DAYS,
    MAX_TEXT,
    RELEASE,
    REQUEST_TYPE,
    SKEW,
    Approval,
    Request,
    digest_of_statement,
    read_approval,
)
from gatekeeper.vault.people import NEEDED, PersonKey, remove
from gatekeeper.vault.rewriting import REWRAP, rewrite
from gatekeeper.vault.statement import make_statement
from gatekeeper.vault.workflow import (
    Asked,
    approve,
    asked_of,
    check_approved,
    check_clock,
    read_asked,
    request,
)
from tests.vault.kit import NOW, Place
from tests.vault.refusals import refused as refused_to_the_letter

DAY = datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)
NO_ID = "0" * 32


@pytest.fixture
def case_id(place: Place) -> str:
    return place.store(place.write({"a": b"content"})).id


def ask(place: Place, case_id: str, key: PersonKey | None = None, **changes: object) -> Request:
    wanted: dict[str, object] = {
        "action": RELEASE, "purpose": "why", "destination": "where", "days": 7, "now": NOW,
        **changes,
    }  # fmt: skip
    return request(place.vault(), case_id, key or place.person("ann"), **wanted)  # type: ignore[arg-type]


def agree(
    place: Place, case_id: str, request_id: str, who: str, *, days: int = 7, now: object = NOW
) -> Asked:
    assert isinstance(now, datetime.datetime)
    return approve(place.vault(), case_id, request_id, place.person(who), days=days, now=now)


def look(place: Place, case_id: str, request_id: str, now: datetime.datetime = NOW) -> Asked:
    return read_asked(place.vault(), case_id, request_id, now)


def check(place: Place, case_id: str, request_id: str, action: str = RELEASE,
          now: datetime.datetime = NOW) -> Asked:  # fmt: skip
    vault = place.vault()
    return check_approved(vault, vault.show(case_id), request_id, action, now)


def test_two_others_make_a_request_count(place: Place, case_id: str) -> None:
    asked = ask(place, case_id)
    assert (asked.action, asked.purpose, asked.destination) == (RELEASE, "why", "where")
    assert (asked.time, asked.expires) == ("2026-03-01T12:00:00Z", "2026-03-08T12:00:00Z")
    assert asked.ciphertext == place.vault().show(case_id).ciphertext
    assert look(place, case_id, asked.id) == Asked(asked, (), used=False)
    assert look(place, case_id, asked.id).state == "requested"
    with pytest.raises(VaultError, match=f"{asked.id}: 2 of 2 approvals missing") as caught:
        check(place, case_id, asked.id)
    assert caught.value.hint == f"`gatekeeper quarantine approve {case_id} {asked.id}`"
    assert agree(place, case_id, asked.id, "bob").state == "requested"
    with pytest.raises(VaultError, match="1 of 2 approvals missing"):
        check(place, case_id, asked.id)
    done = agree(place, case_id, asked.id, "cid")
    assert done.state == "approved"
    people = sorted(place.person(n).id for n in ("bob", "cid"))
    assert [a.person for a in done.approvals] == people
    assert check(place, case_id, asked.id) == done == look(place, case_id, asked.id)
    assert len(people) == NEEDED
    with pytest.raises(VaultError, match="it asks to release the case"):
        check(place, case_id, asked.id, DESTROY)
    statements = [a.digest for a in done.approvals]
    events = [r for r in place.log.records() if r["event"] in ("request", "approval")]
    assert [r["event"] for r in events] == ["request", "approval", "approval"]
    assert events[0]["data"] == {
        "case": case_id, "request": asked.id, "action": RELEASE, "statement": asked.digest,
        "person": place.person("ann").id,
    }  # fmt: skip
    assert sorted(e["data"]["statement"] for e in events[1:]) == sorted(statements)


def test_who_asks_does_not_approve_and_nobody_does_twice(place: Place, case_id: str) -> None:
    asked = ask(place, case_id)
    with pytest.raises(VaultError, match="whoever asks for a case cannot approve it as well"):
        agree(place, case_id, asked.id, "ann")
    agree(place, case_id, asked.id, "bob")
    with pytest.raises(VaultError, match="this person has approved it already"):
        agree(place, case_id, asked.id, "bob")
    assert len(look(place, case_id, asked.id).approvals) == 1


def test_only_the_enrolled_ask_and_approve(place: Place, case_id: str) -> None:
    stranger = Place(place.root / "other")
    stranger.root.mkdir()
    key = stranger.init().person("eve")
    for act in (
        lambda: ask(place, case_id, key),
        lambda: approve(place.vault(), case_id, NO_ID, key, days=1, now=NOW),
    ):
        with pytest.raises(VaultError, match="not that of somebody enrolled") as caught:
            act()
        assert caught.value.hint == "`gatekeeper people add` enrols one"
    assert asked_of(place.vault(), case_id, NOW) == ()


def test_who_is_removed_has_never_approved(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    remove(place.vault(), place.person("bob").id)
    assert look(place, case_id, request_id).state == "requested"
    with pytest.raises(VaultError, match="1 of 2 approvals missing"):
        check(place, case_id, request_id)
    remove(place.vault(), place.person("ann").id)
    with pytest.raises(VaultError, match="request: "):
        look(place, case_id, request_id)


@pytest.mark.parametrize("text", ["", " padded", "padded ", "two\nlines", "\x1b[31m", "x" * 201])
def test_words_are_one_plain_line(place: Place, case_id: str, text: str) -> None:
    for what in ("purpose", "destination"):
        with pytest.raises(VaultError, match=f"{what}: write one line of at most 200 characters"):
            ask(place, case_id, **{what: text})
    assert ask(place, case_id, purpose="x" * MAX_TEXT).purpose == "x" * 200


def test_a_request_holds_for_thirty_days_at_most(place: Place, case_id: str) -> None:
    for days in (0, -1, MAX_DAYS + 1):
        with pytest.raises(VaultError, match=rf"{days} days: .* holds for 1 to 30 days"):
            ask(place, case_id, days=days)
    asked = ask(place, case_id, days=MAX_DAYS)
    assert asked.expires == "2026-03-31T12:00:00Z"
    with pytest.raises(VaultError, match="31 days"):
        agree(place, case_id, asked.id, "bob", days=31)


def test_nothing_counts_before_its_time_or_after_its_end(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    first, end = NOW - SKEW, NOW + 7 * DAY
    for now in (first, NOW, end - SECOND):
        assert look(place, case_id, request_id, now).state == "approved"
    early, late = (look(place, case_id, request_id, n) for n in (first - SECOND, end))
    assert (early.state, late.state) == ("void", "void")
    assert early.why == "is of 2026-03-01T12:00:00Z, which has not come yet"
    assert late.why == "expired on 2026-03-08T12:00:00Z"
    assert early.approvals == late.approvals == ()
    with pytest.raises(VaultError, match=f"request {request_id}: expired on 2026-03-08"):
        check(place, case_id, request_id, now=end)
    with pytest.raises(VaultError, match="expired on"):
        agree(place, case_id, request_id, "dan", now=end)


def test_an_approval_has_an_end_of_its_own_and_can_be_given_anew(
    place: Place, case_id: str
) -> None:
    asked = ask(place, case_id)
    agree(place, case_id, asked.id, "bob", days=1)
    agree(place, case_id, asked.id, "cid")
    assert look(place, case_id, asked.id, NOW + DAY).state == "requested"
    again = agree(place, case_id, asked.id, "bob", days=1, now=NOW + DAY)
    assert again.state == "approved"
    assert look(place, case_id, asked.id, NOW + 2 * DAY).state == "requested"


def test_a_clock_set_back_is_told(place: Place, case_id: str) -> None:
    newest = place.log.newest()
    assert newest is not None
    at = datetime.datetime.strptime(newest["time"], "%Y-%m-%dT%H:%M:%SZ")
    at = at.replace(tzinfo=datetime.timezone.utc)
    check_clock(place.vault(), at - SKEW)
    with pytest.raises(
        VaultError, match=r"the clock says .*, and the log of the vault has"
    ) as told:
        check_clock(place.vault(), at - SKEW - SECOND)
    assert told.value.hint == "set the clock of this machine; approvals are held against it"
    check_clock(Place(place.root / "new").vault(), NOW - 3650 * DAY)


def test_a_request_of_another_ciphertext_is_void(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    vault = place.vault()
    everybody = choose_recipients((), vault.recipients(), now=NOW)
    identities = load_identities(place.identity)
    rewrite(vault, case_id, identities, everybody, how=REWRAP, now=NOW)
    found = look(place, case_id, request_id)
    assert (found.state, found.why) == (
        "void", "the case was rewrapped or rotated since; ask again",
    )  # fmt: skip
    with pytest.raises(VaultError, match="rewrapped or rotated since"):
        check(place, case_id, request_id)
    assert check(place, case_id, place.asked(case_id)).state == "approved"


def test_a_request_is_found_by_its_id_alone(place: Place, case_id: str) -> None:
    for bad in ("", "..", "../x", "0" * 31, "0" * 31 + "G", NO_ID + "\n"):
        with pytest.raises(VaultError, match="not a request id: it has 32 characters of 0-9a-f"):
            look(place, case_id, bad)
    with pytest.raises(VaultError, match=f"request {NO_ID}: there is none of this case") as caught:
        look(place, case_id, NO_ID)
    assert caught.value.hint == f"`gatekeeper quarantine show {case_id}` lists them"


def requests(place: Place, case_id: str) -> Path:
    return place.vault().layout.case(case_id) / "requests"


def test_a_request_copied_to_another_place_is_none(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    other = place.store(place.write({"b": b"other"})).id
    folder = requests(place, case_id)
    shutil.copytree(folder, requests(place, other))
    shutil.copytree(folder / request_id, folder / NO_ID)
    for case, name in ((other, request_id), (case_id, NO_ID)):
        with pytest.raises(VaultError, match=f"{name}: it is another one, or of another case"):
            look(place, case, name)
    said = asked_of(place.vault(), case_id, NOW)
    assert [type(a) for a in said] == [str, Asked]
    assert said[0] == f"request {NO_ID}: it is another one, or of another case"


def test_an_approval_of_another_request_counts_for_nothing(place: Place, case_id: str) -> None:
    first, second = place.asked(case_id), ask(place, case_id).id
    folder = requests(place, case_id)
    for path in (folder / first).glob("*.approval.dsse"):
        shutil.copy(path, folder / second)
    assert look(place, case_id, second).approvals == ()
    assert look(place, case_id, first).state == "approved"


def test_what_the_log_does_not_know_counts_for_nothing(place: Place, case_id: str) -> None:
    """Somebody who can write to the vault, and has an enrolled key, is not enough."""
    asked = ask(place, case_id)
    folder = requests(place, case_id)
    for name in ("bob", "cid"):
        key = place.person(name)
        approval = Approval(asked, asked.time, asked.expires, key.id)
        (folder / asked.id / f"{key.id}.approval.dsse").write_bytes(key.seal(approval.statement()))
    assert look(place, case_id, asked.id).approvals == ()
    ann = place.person("ann")
    forged = Request(NO_ID, case_id, DESTROY, "p", "d", asked.ciphertext, asked.time, asked.expires,
                     ann.id)  # fmt: skip
    (folder / NO_ID).mkdir()
    (folder / NO_ID / "request.dsse").write_bytes(ann.seal(forged.statement()))
    found = look(place, case_id, NO_ID)
    assert (found.state, found.why) == ("void", "the log of the vault does not know it")


def test_a_signature_made_for_too_long_counts_for_nothing(place: Place, case_id: str) -> None:
    asked = ask(place, case_id)
    folder = requests(place, case_id) / asked.id
    long = "2026-03-31T12:00:01Z"
    for name, ends in (("bob", long), ("cid", "2026-03-31T12:00:00Z")):
        key = place.person(name)
        approval = Approval(asked, asked.time, ends, key.id)
        (folder / f"{key.id}.approval.dsse").write_bytes(key.seal(approval.statement()))
        digest = digest_of_statement(approval.statement())
        place.log.append("approval", {"case": case_id, "request": asked.id, "statement": digest,
                                      "person": key.id})  # fmt: skip
    assert [a.person for a in look(place, case_id, asked.id).approvals] == [place.person("cid").id]


def test_every_damaged_byte_of_a_signature_is_detected(place: Place, case_id: str) -> None:
    request_id = place.asked(case_id)
    paths = sorted((requests(place, case_id) / request_id).iterdir())
    assert len(paths) == 3
    passed = []
    for path in paths:
        whole = path.read_bytes()
        for at in range(len(whole)):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
            if not refused(lambda: check(place, case_id, request_id)):
                passed.append((path.name, at))
        for end in range(0, len(whole), 7):
            path.write_bytes(whole[:end])
            if not refused(lambda: check(place, case_id, request_id)):
                passed.append((path.name, -end))
        path.write_bytes(whole)
    assert passed == []
    assert check(place, case_id, request_id).state == "approved"


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except VaultError:
        return True
    return False


@pytest.mark.parametrize("name", ["request.dsse", "approval"])
def test_a_link_is_no_signature(place: Place, case_id: str, name: str) -> None:
    request_id = place.asked(case_id)
    folder = requests(place, case_id) / request_id
    (path,) = [p for p in folder.iterdir() if name in p.name][:1]
    path.rename(place.root / "elsewhere")
    path.symlink_to(place.root / "elsewhere")
    with pytest.raises(VaultError, match=r"symbolic link|1 of 2 approvals missing"):
        check(place, case_id, request_id)


def malformed(asked: Request, **changes: object) -> bytes:
    said: dict[str, object] = {
        "request": asked.id, "case": asked.case_id, "action": asked.action,
        "purpose": asked.purpose, "destination": asked.destination, "time": asked.time,
        "expires": asked.expires, **changes,
    }  # fmt: skip
    return make_statement(REQUEST_TYPE, said, [("ciphertext", asked.ciphertext)])


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"more": "x"}, "request: malformed"),
        ({"purpose": 7}, "request: malformed"),
        ({"action": "sell"}, "request: malformed"),
        ({"time": "today"}, "a time is malformed"),
        ({"expires": "2026-3-8T12:00:00Z"}, "a time is malformed"),
    ],
)
def test_a_malformed_request_is_none(
    place: Place, case_id: str, change: dict[str, object], why: str
) -> None:
    asked = ask(place, case_id)
    path = requests(place, case_id) / asked.id / "request.dsse"
    path.write_bytes(place.person("ann").seal(malformed(asked, **change)))
    with pytest.raises(VaultError, match=why):
        look(place, case_id, asked.id)
    path.write_bytes(place.person("ann").seal(malformed(asked)))
    assert look(place, case_id, asked.id).request == asked


def test_a_request_of_another_type_or_subject_is_none(place: Place, case_id: str) -> None:
    asked = ask(place, case_id)
    path = requests(place, case_id) / asked.id / "request.dsse"
    said = {"request": asked.id, "case": case_id, "action": RELEASE, "purpose": "p",
            "destination": "d", "time": asked.time, "expires": asked.expires}  # fmt: skip
    both = [("ciphertext", asked.ciphertext), ("more", asked.ciphertext)]
    for kind, subjects, why in (
        (APPROVAL_TYPE, both[:1], "request: .*not of type"),
        (REQUEST_TYPE, both, "request: malformed"),
        (REQUEST_TYPE, both[1:], "request: malformed"),
    ):
        path.write_bytes(place.person("ann").seal(make_statement(kind, said, subjects)))
        with pytest.raises(VaultError, match=why):
            look(place, case_id, asked.id)


def test_requests_are_listed_oldest_first(place: Place, case_id: str) -> None:
    made = [ask(place, case_id, now=NOW + n * SECOND).id for n in (2, 0, 1)]
    found = asked_of(place.vault(), case_id, NOW)
    assert [a.request.id for a in found if isinstance(a, Asked)] == [made[1], made[2], made[0]]
    assert asked_of(place.vault(), NO_ID, NOW) == ()


def test_a_case_that_is_damaged_is_not_asked_for(place: Place, case_id: str) -> None:
    asked = ask(place, case_id)
    (place.vault().layout.case(case_id) / "data.age").unlink()
    for act in (lambda: ask(place, case_id), lambda: agree(place, case_id, asked.id, "bob")):
        with pytest.raises(VaultError, match="its ciphertext is missing"):
            act()


def test_a_request_put_in_the_place_of_the_one_on_record_counts_for_nothing(
    place: Place, case_id: str
) -> None:
    """Its author can write there and sign; but the log has the digest of what was asked."""
    asked, ann = ask(place, case_id), place.person("ann")
    elsewhere = dataclasses.replace(asked, destination="somewhere else")
    path = requests(place, case_id) / asked.id / "request.dsse"
    path.write_bytes(ann.seal(elsewhere.statement()))
    found = look(place, case_id, asked.id)
    assert (found.state, found.why) == ("void", "the log of the vault does not know it")


def test_an_approval_made_longer_counts_for_nothing(place: Place, case_id: str) -> None:
    asked, bob = ask(place, case_id), place.person("bob")
    agree(place, case_id, asked.id, "bob", days=1)
    longer = Approval(asked, asked.time, "2026-03-20T12:00:00Z", bob.id)
    path = requests(place, case_id) / asked.id / f"{bob.id}.approval.dsse"
    path.write_bytes(bob.seal(longer.statement()))
    assert look(place, case_id, asked.id).approvals == ()


def test_an_approval_of_other_words_is_of_another_request(place: Place, case_id: str) -> None:
    asked, bob = ask(place, case_id), place.person("bob")
    other = dataclasses.replace(asked, destination="somewhere else")
    with refused_to_the_letter("approval: it is of another request"):
        read_approval(
            bob.seal(Approval(other, asked.time, asked.expires, bob.id).statement()),
            asked,
            {bob.id: bob.public},
        )


def test_what_is_signed_can_be_read_without_the_vault(place: Place, case_id: str) -> None:
    asked = ask(place, case_id)
    statement = json.loads(Approval(asked, "then", "later", "somebody").statement())
    assert statement["predicateType"] == "https://gatekeeper.dev/approval/v1"
    assert [s["name"] for s in statement["subject"]] == ["ciphertext", "request"]
    assert statement["predicate"] == {
        "request": asked.id, "case": case_id, "action": "release", "purpose": "why",
        "destination": "where", "time": "then", "expires": "later",
    }  # fmt: skip
    with refused_to_the_letter("not a request id: it has 32 characters of 0-9a-f"):
        look(place, case_id, "x")
    path = requests(place, case_id) / asked.id / "request.dsse"
    path.write_bytes(place.person("ann").seal(malformed(asked, action="sell")))
    with refused_to_the_letter("request: malformed"):
        look(place, case_id, asked.id)
    path.write_bytes(b"{}")
    with refused_to_the_letter("request: envelope: its payload is not base64"):
        look(place, case_id, asked.id)
