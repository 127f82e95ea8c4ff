"""Lists of names kept as keyed hashes: what they find, what they hold, and what is refused."""

import re
import time
from pathlib import Path

import pytest

from gatekeeper.detect import load_catalogue, load_detector
from gatekeeper.detect.list_file import (
    CANARY,
    ListKey,
    make_list,
    new_key,
    normalised,
    read_names,
)
from gatekeeper.detect.lists import KeyedList, load_lists
from gatekeeper.errors import ConfigError, DetectorError
from gatekeeper.model import Confidence, NameList, Record, Text

NAMES = [
    "Quorvane Holdings",
    "Quorvane Holdings Nordtal",
    "AT&U Umbrix",
    "Straße Null",
    "brimtallow",
    "The Pellworth Group",
    "Vélodrane™",
]


@pytest.fixture(scope="module")
def key() -> ListKey:
    return new_key()[0]


def put(
    folder: Path, key: ListKey, names: list[str], entity: str = "CUSTOMER_NAME", *classes: str
) -> NameList:
    """A list and its key as files."""
    file, secret = folder / f"{entity}.gklist", folder / "lists.key"
    file.write_bytes(make_list(names, entity=entity, classes=classes or ("internal",), key=key)[0])
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(f"gatekeeper-list-key 1 {key.secret.hex()}\n")
    return NameList(file, secret)


def load(*sources: NameList) -> tuple[KeyedList, ...]:
    return load_lists(sources, default_key=Path("/nowhere/lists.key"))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory, key: ListKey) -> KeyedList:
    return load(put(tmp_path_factory.mktemp("lists"), key, NAMES))[0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("we met Quorvane Holdings today", ["Quorvane Holdings"]),
        ("QUORVANE\n   holdings, nordtal", ["QUORVANE\n   holdings"]),
        ("the Quorvane Holdings Nordtal deal", ["Quorvane Holdings Nordtal"]),
        ("at&u umbrix; AT&U  Umbrix's", ["at&u umbrix", "AT&U  Umbrix"]),
        ("STRASSE NULL", ["STRASSE NULL"]),
        ("project_brimtallow/v2 and Brimtallow’s", ["brimtallow", "Brimtallow"]),
        ("\uff22\uff32\uff29\uff2d\uff34\uff21\uff2c\uff2c\uff2f\uff37!", None),
        ("the the pellworth group", ["the pellworth group"]),
        ("ve\u0301lodrane and VÉLODRANE®", ["ve\u0301lodrane", "VÉLODRANE"]),
        ("Quorvane Holding, Quorvane-Holdings, xbrimtallow, brimtallows", []),
        ("velodrane, AT & U Umbrix, Pellworth Group, Holdings", []),
        ("brimtallow2 2brimtallow " + "brimtallow" * 40, []),
        ("Quorvane" + " " * 33 + "Holdings", []),
        ("", []),
        ("\ud800 brimtallow", ["brimtallow"]),
    ],
)
def test_entries_are_found_at_word_boundaries(
    held: KeyedList, text: str, found: list[str] | None
) -> None:
    spans = [text[a:b] for a, b, _ in held.find(text)]
    assert spans == ([text[:-1]] if found is None else found)


def test_the_detector_finds_and_proves_them(tmp_path: Path, key: ListKey) -> None:
    lists = load(
        put(tmp_path, key, NAMES),
        put(tmp_path, key, ["Night Fjordling", "Quorvane Holdings"], "PROJECT_CODENAME"),
    )
    entities = ["CUSTOMER_NAME", "PROJECT_CODENAME"]
    detector = load_detector(entities=entities, lists=lists)
    detector.attest(entities)
    text = "night fjordling for Quorvane Holdings; brim\u200btallow stays"
    ((_, findings),) = detector.detect([Record("s", 0, (Text("/t", text),), 0)])
    assert {(f.entity, text[f.start : f.end]) for f in findings} == {
        ("PROJECT_CODENAME", "night fjordling"),
        ("PROJECT_CODENAME", "Quorvane Holdings"),
        ("CUSTOMER_NAME", "Quorvane Holdings"),
        ("CUSTOMER_NAME", "brim\u200btallow"),
    }
    assert all(f.confidence >= Confidence.LIKELY for f in findings)
    assert {f.recognizer for f in findings} == {"ListRecognizer"}


def test_without_its_recognizer_the_known_answer_test_fails(tmp_path: Path, key: ListKey) -> None:
    lists = load(put(tmp_path, key, NAMES))
    detector = load_detector(entities=["CUSTOMER_NAME"], lists=lists, without=["ListRecognizer"])
    with pytest.raises(DetectorError, match="CUSTOMER_NAME"):
        detector.attest(["CUSTOMER_NAME"])


def test_their_entities_are_words_of_the_policies_only_with_a_list(
    tmp_path: Path, key: ListKey
) -> None:
    bare = load_catalogue().vocabulary()
    assert "CUSTOMER_NAME" not in bare.entities
    assert bare.classes["listed"] == frozenset()
    lists = load(put(tmp_path, key, NAMES, "CUSTOMER_NAME", "internal", "personal"))
    words = load_catalogue().vocabulary(lists=lists)
    assert words.classes["listed"] == {"CUSTOMER_NAME"}
    assert "CUSTOMER_NAME" in words.classes["internal"] & words.classes["personal"]
    assert words.digest != bare.digest


def test_list_and_key_are_part_of_the_fingerprint(tmp_path: Path, key: ListKey) -> None:
    def fingerprint(used: ListKey, names: list[str]) -> str:
        folder = tmp_path / f"{used.id}{len(names)}"
        folder.mkdir(exist_ok=True)
        lists = load(put(folder, used, names))
        return load_detector(entities=["CUSTOMER_NAME"], lists=lists).fingerprint

    one = fingerprint(key, NAMES)
    assert fingerprint(key, NAMES) == one
    assert fingerprint(key, NAMES[1:]) != one
    assert fingerprint(new_key()[0], NAMES) != one


def test_a_list_holds_no_name_and_tells_no_order(key: ListKey) -> None:
    made, count = make_list(NAMES, entity="CUSTOMER_NAME", classes=(), key=key)
    assert count == len(NAMES)
    assert make_list(NAMES[::-1], entity="CUSTOMER_NAME", classes=(), key=key)[0] == made
    text = made.decode().casefold()
    words = {w for name in [*NAMES, CANARY] for w in normalised(name).split() if len(w) > 3}
    assert not [w for w in words if w in text]
    assert key.secret.hex() not in text
    other, _ = make_list(NAMES, entity="CUSTOMER_NAME", classes=(), key=new_key()[0])
    digests = set(re.findall(r"^[0-9a-f]{32}$", text, re.MULTILINE))
    assert len(digests) == len(NAMES) + 1
    assert not digests & set(other.decode().split())
    assert repr(key) == f"ListKey({key.id})"


def test_the_same_name_twice_is_one_entry(key: ListKey) -> None:
    names = ["Brimtallow", "BRIMTALLOW", " brimtallow. ", CANARY]
    assert make_list(names, entity="CUSTOMER_NAME", classes=(), key=key)[1] == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no name in it"),
        (b"\n  \n", "no name in it"),
        (b"\xff\xfe", "not UTF-8"),
        (b"Brimtallow\nX\n", "names.txt:2: fewer than 2 letters"),
        (b"Brimtallow\n--\n", "names.txt:2: fewer than 2 letters"),
        (b"a1 b1 c1 d1 e1 f1 g1 h1 i1", "names.txt:1: more than 8 words"),
        (b"Brim" * 17, "names.txt:1: a word of more than 64"),
        (b"Brim" + b"-" * 33 + b"tallow", "names.txt:1: more than 32 characters between"),
    ],
)
def test_names_that_cannot_be_compared_are_refused_by_line(data: bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)) as caught:
        read_names(data, "names.txt")
    assert not re.search("brim|a1", f"{caught.value} {caught.value.hint}", re.IGNORECASE)


def lines_without(data: bytes, number: int) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join(lines[:number] + lines[number + 1 :])


def without_canary(key: ListKey) -> bytes:
    """A list that is whole but for the canary."""
    made = make_list(NAMES, entity="CUSTOMER_NAME", classes=(), key=key)[0]
    canary = key.entry(normalised(CANARY)).hex().encode() + b"\n"
    body = made[: made.index(b"seal ")].replace(canary, b"").replace(b"count 7", b"count 6")
    return body + f"seal {key.seal(body)}\n".encode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d, _: b"", "not a list of names"),
        (lambda d, _: b"Brimtallow\n", "not a list of names"),
        (lambda d, _: d.replace(b"list 1", b"list 2", 1), "version 2 of lists is not known"),
        (lambda d, _: d[:-20], "damaged or truncated"),
        (lambda d, _: d[:-1], "damaged or truncated"),
        (lambda d, _: d[:300], "damaged or truncated"),
        (lambda d, _: lines_without(d, 8), "damaged or truncated"),
        (lambda d, _: d.replace(b"count 7", b"count 8"), "damaged or truncated"),
        (lambda d, _: d.replace(b"words 3", b"words 0"), "damaged or truncated"),
        (lambda d, _: d.replace(b"words 3", b"words 2"), "its seal does not hold"),
        (lambda d, _: d.replace(b"CUSTOMER_NAME", b"CUSTOMER_NAMES"), "its seal does not hold"),
        (lambda d, _: lines_without(d, 8).replace(b"count 7", b"count 6"), "its seal does not"),
        (lambda _, key: without_canary(key), "no canary in it"),
    ],
)
def test_a_damaged_list_is_refused(tmp_path: Path, key: ListKey, change: object, said: str) -> None:
    assert callable(change)
    source = put(tmp_path, key, NAMES)
    source.file.write_bytes(change(source.file.read_bytes(), key))
    with pytest.raises(ConfigError, match=said) as caught:
        load(source)
    assert str(caught.value).startswith(f"{source.file}: ")
    assert "\n" not in str(caught.value)


def test_a_list_of_an_unknown_class_is_refused(tmp_path: Path, key: ListKey) -> None:
    with pytest.raises(ConfigError, match="unknown data class `customers`"):
        load(put(tmp_path, key, NAMES, "CUSTOMER_NAME", "customers"))


def test_a_wrong_key_is_refused(tmp_path: Path, key: ListKey) -> None:
    source = put(tmp_path, key, NAMES)
    assert source.key is not None
    other = new_key()
    source.key.write_bytes(other[1])
    with pytest.raises(ConfigError, match=f"made with key {key.id}, not {other[0].id}"):
        load(source)
    for content in (b"", b"gatekeeper-list-key 1 00\n", b"00" * 32, other[1] + b"00"):
        source.key.write_bytes(content)
        with pytest.raises(ConfigError, match="not the key of a list"):
            load(source)
    source.key.chmod(0o640)
    with pytest.raises(ConfigError, match="others can read it"):
        load(source)
    source.key.unlink()
    with pytest.raises(ConfigError, match="the key of a list is missing"):
        load(source)
    source.file.unlink()
    with pytest.raises(ConfigError, match="the list is missing"):
        load(source)


def test_no_text_makes_it_slow(held: KeyedList) -> None:
    for unit in ("the ", "the-", "Quorvane Holdings ", "brimtallow", "\u0301a", "x" * 70 + " "):
        text = (unit * 65536)[:65536]
        took = []
        for _ in range(3):
            began = time.process_time()
            held.find(text)
            took.append(time.process_time() - began)
        assert min(took) < 0.25, unit
