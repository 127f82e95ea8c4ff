"""gatekeeper.yaml and [tool.gatekeeper]: found, read, refused."""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path

import pytest

from gatekeeper.errors import ConfigError, PolicyError, UsageError
from gatekeeper.model import Agreement, NameList, NameModel, Waiver, Wrapper
from gatekeeper.policy import Config, load_config
from tests.policy.words import WORDS

RECIPIENT = "age1" + "q" * 58
FULL = f"""\
policies: [hipaa, internal, policies/ours.yaml]
datasets: [data, "training/**"]
destination: destinations/ours.yaml
state: .gk
vault: /srv/vault
recipients: [{RECIPIENT}]
agreements:
  - {{party: openai, kind: DPA, covers: [personal], from: 2026-02-01, until: 2027-01-31}}
waivers:
  - policy: internal
    rule: internal-hosts
    dataset: "data/docs/*"
    until: 2027-01-31
    owner: sec@example.com
    because: public host names
  - {{policy: policies/ours.yaml, rule: mine, dataset: "*", until: 2027-01-31, owner: a,
     because: b}}
recognizers: [recognizers.yaml]
lists: [lists/customers.gklist, {{file: ./codenames.gklist, key: /srv/codenames.key}}]
locales: [uk, in, us, gb]
names: {{kind: spacy, path: ./models/names}}
onprem: {{base_model: ./models/tiny}}
"""
OURS = """\
policy: our-own
version: 1
title: Ours
source: us
rules:
  - {id: mine, because: us, when: {any_of: [PERSON]}, route: on_prem}
"""
LATER = datetime.date(2027, 1, 31)

needs_toml = pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib is of Python 3.11")


def write(folder: Path, text: str, name: str = "gatekeeper.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def wrong(folder: Path, text: str, name: str = "gatekeeper.yaml") -> list[tuple[str, str]]:
    path = write(folder, text, name)
    with pytest.raises(ConfigError) as caught:
        load_config(path, vocabulary=WORDS)
    assert caught.value.exit_code == 2
    errors: list[UsageError] = [caught.value, *caught.value.others]
    return [(str(e).removeprefix(f"{folder}/"), e.hint) for e in errors]


def test_every_key(tmp_path: Path) -> None:
    write(tmp_path, OURS, "policies/ours.yaml")
    path = write(tmp_path, FULL)
    config = load_config(path, vocabulary=WORDS)
    assert config == Config(
        root=tmp_path,
        state=tmp_path / ".gk",
        vault=Path("/srv/vault"),
        policies=("hipaa", "internal", str(tmp_path / "policies/ours.yaml")),
        destination=str(tmp_path / "destinations/ours.yaml"),
        datasets=("data", "training/**"),
        recipients=(RECIPIENT,),
        agreements=(Agreement("openai", "DPA", ("personal",), datetime.date(2026, 2, 1), LATER),),
        waivers=(
            Waiver(
                "internal",
                "internal-hosts",
                "data/docs/*",
                LATER,
                "sec@example.com",
                "public host names",
                f"{path}:10:5",
            ),
            Waiver("our-own", "mine", "*", LATER, "a", "b", f"{path}:16:5"),
        ),
        recognizers=(tmp_path / "recognizers.yaml",),
        lists=(
            NameList(tmp_path / "lists/customers.gklist"),
            NameList(tmp_path / "codenames.gklist", Path("/srv/codenames.key")),
        ),
        locales=("gb", "in"),
        names=NameModel("spacy", tmp_path / "models/names"),
        base_model=str(tmp_path / "models/tiny"),
        names_policies=True,
        path=path,
    )
    assert config.receipts == tmp_path / ".gk/receipts"
    assert config.handoffs == tmp_path / ".gk/handoffs"


def test_no_configuration_means_all_shipped_policies(tmp_path: Path) -> None:
    config = Config.default(tmp_path)
    assert config.policies == ("gdpr", "hipaa", "internal", "legal", "pci")
    assert config.destination == "openai"
    assert config.vault == tmp_path / ".gatekeeper/vault"
    assert (config.waivers, config.agreements, config.path) == ((), (), None)


def test_what_is_not_said_is_the_default(tmp_path: Path) -> None:
    path = write(tmp_path, "datasets: [data]\n")
    config = load_config(path)
    assert config.policies == Config.default(tmp_path).policies
    assert config.datasets == ("data",)


def test_the_nearest_file_upwards_applies(tmp_path: Path) -> None:
    inner = tmp_path / "a/b/c"
    inner.mkdir(parents=True)
    write(tmp_path, "policies: [legal]\n")
    write(tmp_path, "[project]\nname = 'gatekeeper-user'\n", "a/b/pyproject.toml")
    assert load_config(start=inner).policies == ("legal",)
    write(tmp_path / "a", "policies: [hipaa]\n")
    config = load_config(start=inner)
    assert (config.policies, config.root) == (("hipaa",), tmp_path / "a")


@needs_toml
def test_a_table_in_pyproject_applies(tmp_path: Path) -> None:
    text = "[tool.gatekeeper]\npolicies = ['legal']\n[[tool.gatekeeper.waivers]]\n"
    text += "policy = 'legal'\nrule = 'sealed'\ndataset = '*'\nuntil = 2027-01-31\n"
    text += "owner = 'a'\nbecause = 'b'\n"
    path = write(tmp_path, text, "pyproject.toml")
    config = load_config(start=tmp_path)
    assert config.policies == ("legal",)
    assert config.waivers[0].at == f"{path}: tool.gatekeeper.waivers[0]"
    assert load_config(path) == config


@needs_toml
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[tool.gatekeeper]\nwaivers = [{policy = 'legal'}]\n",
            "pyproject.toml: tool.gatekeeper.waivers[0]: missing key `because`",
        ),
        (
            "[tool]\ngatekeeper = {polices = []}\n",
            "pyproject.toml: tool.gatekeeper.polices: unknown key `polices`",
        ),
        (
            "tool.gatekeeper.state = 5\n",
            "pyproject.toml: tool.gatekeeper.state: `state` must be text, not a whole number",
        ),
        (
            "[tool.gatekeeper]\nx = [\n",
            "pyproject.toml: not readable as TOML (at end of document)",
        ),
        (
            "[project]\nname = 'x'\n",
            "pyproject.toml: no table [tool.gatekeeper]",
        ),
    ],
)
def test_a_wrong_table(tmp_path: Path, text: str, message: str) -> None:
    assert wrong(tmp_path, text, "pyproject.toml")[0][0] == message


def test_a_pyproject_of_others_is_not_ours_to_judge(tmp_path: Path) -> None:
    write(tmp_path, "[project\nbroken, and uses gatekeeper", "pyproject.toml")
    assert load_config(start=tmp_path).path is None


@needs_toml
def test_two_configurations_in_one_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "policies: [legal]\n")
    write(tmp_path, "[tool.gatekeeper]\n", "pyproject.toml")
    with pytest.raises(ConfigError, match=r"\[tool.gatekeeper\] in pyproject.toml beside it"):
        load_config(start=tmp_path)


def test_a_file_that_cannot_be_read_is_no_missing_file(tmp_path: Path) -> None:
    (tmp_path / "gatekeeper.yaml").symlink_to("nowhere")
    with pytest.raises(ConfigError, match="no such file"):
        load_config(start=tmp_path)
    (tmp_path / "gatekeeper.yaml").unlink()
    os.mkfifo(tmp_path / "gatekeeper.yaml")
    with pytest.raises(ConfigError, match="not a regular file"):
        load_config(start=tmp_path)


WAIVER = "waivers: [{{policy: {0}, rule: {1}, dataset: x, until: {2}, owner: a, because: b}}]\n"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("policies: []\n", "1:11: `policies` may not be empty", ""),
        ("polices: [hipaa]\n", "1:1: unknown key `polices`", "did you mean `policies`?"),
        ("a: 1\na: 2\n", "2:1: key `a` is given twice, first on line 1", "keep one of them"),
        ("", "1:1: the file is empty", ""),
        (
            WAIVER.format("interal", "internal-hosts", "2027-01-31"),
            "1:20: unknown policy `interal`",
            "did you mean `internal`?",
        ),
        (
            WAIVER.format("internal", "internal-host", "2027-01-31"),
            "1:36: policy `internal` has no rule `internal-host`",
            "did you mean `internal-hosts`?",
        ),
        (
            WAIVER.format("hipaa", "name", "2027-01-31"),
            "1:33: policy `hipaa-safe-harbor` has no rule `name`",
            "did you mean `names`?",
        ),
        (
            WAIVER.format("gatekeeper", "destination-closed", "2027-01-31"),
            "1:20: unknown policy `gatekeeper`",
            "",
        ),
        (
            "names: {kind: flair, path: ./model}\n",
            "1:15: `kind` must be `spacy`, `transformers` or `gliner`, not `flair`",
            "",
        ),
        (
            "locales: [gb, xx]\n",
            "1:15: unknown locale `xx`",
            "known are au, ca, de, es, fi, gb, in, it, kr, ng, ph, pl, se, sg, th, tr, us, za",
        ),
        ("locales: [GB]\n", "1:11: unknown locale `GB`", "known are au, ca"),
        ("names: {kind: spacy}\n", "1:8: missing key `path`", ""),
        (
            WAIVER.format("legal", "sealed", "never"),
            "1:60: `until` must be a day like 2026-01-31, not text",
            "",
        ),
        (
            "waivers: [{policy: legal, rule: sealed, dataset: x, owner: a, because: b}]\n",
            "1:11: missing key `until`",
            "",
        ),
        (
            "waivers: [{policy: legal, rule: sealed, dataset: x, until: 2027-01-01, because: b}]\n",
            "1:11: missing key `owner`",
            "",
        ),
        (
            "agreements: [{party: x, kind: DPA, covers: [pfi], from: 2026-01-01, until: "
            "2026-02-01}]\n",
            "1:45: unknown class `pfi`",
            "did you mean `phi`?",
        ),
        (
            "agreements: [{party: x, kind: DPA, covers: [phi], from: 2026-01-02, until: "
            "2026-01-01}]\n",
            "1:76: `until` is before `from`",
            "",
        ),
        (
            "recipients: [ssh-ed25519 AAAA]\n",
            "1:14: not a recipient",
            "recipients start `age1` (`gatekeeper keys init`), or are `command:NAME`",
        ),
        (
            "recipients: [command:kms]\n",
            "1:14: `wrappers` has no command `kms`",
            "`wrappers` names what wraps and unwraps for it",
        ),
        (
            "recipients: [age1x, command:kmz]\nwrappers: {kms: {wrap: [x]}}\n",
            "1:21: `wrappers` has no command `kmz`",
            "did you mean `kms`?",
        ),
        ("wrappers: {kms: {unwrap: [x]}}\n", "1:17: missing key `wrap`", ""),
        ("wrappers: {kms: {wrap: x}}\n", "1:24: `wrap` must be a list, not text", ""),
        ("wrappers: {kms: {wrap: []}}\n", "1:24: `wrap` may not be empty", ""),
        ("wrappers: {kms: {wrap: [x], unwrap: []}}\n", "1:37: `unwrap` may not be empty", ""),
        (
            "wrappers: {K_S: {wrap: [x]}}\n",
            "1:17: `K_S` `K_S` does not match ^[a-z0-9][a-z0-9-]{0,63}$",
            "",
        ),
    ],
)
def test_a_wrong_file(tmp_path: Path, text: str, message: str, hint: str) -> None:
    said, help_ = wrong(tmp_path, text)[0]
    assert said == f"gatekeeper.yaml:{message}"
    assert help_.startswith(hint)


def test_commands_that_hold_keys(tmp_path: Path) -> None:
    text = (
        f"recipients: [{RECIPIENT}, 'command:kms']\n"
        "wrappers:\n"
        "  kms: {wrap: [kms-wrap, ./key], unwrap: [./bin/unwrap, ./key], post_quantum: true}\n"
        "  gate: {wrap: [/usr/bin/wrap]}\n"
    )
    config = load_config(write(tmp_path, text))
    assert config.recipients == (RECIPIENT, "command:kms")
    assert config.wrappers == {
        "kms": Wrapper(
            ("kms-wrap", "./key"), (str(tmp_path / "bin/unwrap"), "./key"), post_quantum=True
        ),
        "gate": Wrapper(("/usr/bin/wrap",), (), post_quantum=False),
    }
    assert Config.default(tmp_path).wrappers == {}


def test_a_secret_key_among_the_recipients_is_not_repeated(tmp_path: Path) -> None:
    secret = "AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"
    [(said, hint)] = wrong(tmp_path, f"recipients: [{secret}]\n")
    assert said == "gatekeeper.yaml:1:14: a secret key stands where a recipient belongs"
    assert not any(secret[i : i + 4] in hint + said for i in range(16, len(secret) - 3))


def test_a_waiver_takes_the_policy_s_id_whichever_name_it_gives(tmp_path: Path) -> None:
    for name in ("hipaa", "hipaa-safe-harbor"):
        path = write(tmp_path, WAIVER.format(name, "names", "2027-01-31"))
        assert load_config(path).waivers[0].policy == "hipaa-safe-harbor"


def test_a_policy_that_is_not_there_is_an_error_where_a_waiver_needs_it(tmp_path: Path) -> None:
    text = "policies: [ours.yaml]\n" + WAIVER.format("legal", "sealed", "2027-01-31")
    with pytest.raises(PolicyError, match=r"ours\.yaml: no such file"):
        load_config(write(tmp_path, text))
    text = "policies: [hippa]\n" + WAIVER.format("legal", "sealed", "2027-01-31")
    with pytest.raises(ConfigError, match="unknown policy `hippa`"):
        load_config(write(tmp_path, text))


def test_an_agreement_for_some_endpoints_in_one_region(tmp_path: Path) -> None:
    paper = "party: them, kind: RESIDENCY, covers: [personal], from: 2026-01-01, until: 2026-12-31"
    more = "region: eu, endpoints: [uploads, files, files]"
    config = load_config(write(tmp_path, f"agreements: [{{{paper}, {more}}}]\n"))
    (agreement,) = config.agreements
    assert (agreement.region, agreement.endpoints) == ("eu", ("files", "uploads"))
    [(what, hint)] = wrong(tmp_path, f"agreements: [{{{paper}}}]\n")
    assert what.endswith("a RESIDENCY addendum needs its `region`")
    assert hint == "as `region: eu`"


def test_whether_the_file_says_which_policies_apply(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "policies: [hipaa]\n")).names_policies
    assert not load_config(write(tmp_path, "datasets: [data]\n")).names_policies
    assert not Config.default(tmp_path).names_policies
