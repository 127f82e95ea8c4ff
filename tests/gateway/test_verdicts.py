"""What may go goes, what may not takes its route, and nothing else passes."""

import json
import time

import pytest

from gatekeeper.gateway.answers import STATED_5XX
from tests.gateway.kit import CANARY, KEYS, MAIL, Gate, chat, form


def test_what_is_allowed_arrives_byte_for_byte_under_another_name(running: Gate) -> None:
    data = chat(20)
    reply = running.send(data)
    assert reply.status == 200, reply.body
    made = json.loads(reply.body)
    stored, sent = running.upstream.files[made["id"]]
    assert sent == data
    assert made["bytes"] == len(data)
    assert made["purpose"] == "fine-tune"
    assert made["filename"] == stored["filename"]
    assert CANARY not in stored["filename"]
    listed = json.loads(running.ask("GET", "/v1/files").body)
    assert made["id"] in [f["id"] for f in listed["data"]]
    assert json.loads(running.ask("GET", f"/v1/files/{made['id']}").body) == made


def test_the_same_dataset_again_is_the_same_file(running: Gate) -> None:
    data = chat(21)
    first, second = running.send(data), running.send(data)
    assert json.loads(first.body) == json.loads(second.body)
    assert running.sent().count(data) == 1


def test_on_prem_is_handed_off_and_said(running: Gate) -> None:
    before = len(running.upstream.requests)
    reply = running.send(MAIL)
    assert reply.status == 403
    error = reply.error
    assert error["code"] == "gatekeeper_on_prem"
    assert reply.headers["x-should-retry"] == "false"
    told = error["gatekeeper"]
    assert [r["rule"] for r in told["reasons"]] == ["mail"]
    assert told["receipt"] in error["message"]
    assert told["carried_out"] is True
    assert CANARY not in reply.body.decode()
    (folder,) = (running.world.root / ".gatekeeper").rglob("handoff.json")
    assert (folder.parent / "data/train.jsonl").read_bytes() == MAIL
    assert len(running.upstream.requests) == before
    assert running.send(MAIL).body == reply.body
    receipts = [p for p in running.world.receipts() if told["receipt"] in p.name]
    running.world.run("verify", str(receipts[0]), str(folder.parent / "data"), expect=10)


def test_quarantine_becomes_a_case_that_opens(running: Gate) -> None:
    reply = running.send(KEYS)
    assert reply.status == 403
    assert reply.error["code"] == "gatekeeper_quarantine"
    case = reply.error["gatekeeper"]["case"]
    running.world.run("quarantine", "verify", case, expect=0)
    running.world.release(case, "opened")
    (opened,) = (running.world.root / "opened").rglob("upload.jsonl")
    assert opened.read_bytes() == KEYS
    opened.unlink()


def test_a_broken_line_is_not_clean(running: Gate) -> None:
    reply = running.send(chat(3) + b'{"messages": [' + CANARY.encode() + b"\n")
    assert (reply.status, reply.error["code"]) == (403, "gatekeeper_quarantine")
    assert reply.error["gatekeeper"]["unscanned"] == 1


@pytest.mark.parametrize("purpose", ["assistants", "batch", "vision", "user_data", "evals", ""])
def test_another_purpose_is_refused(running: Gate, purpose: str) -> None:
    before = len(running.upstream.requests)
    reply = running.send(chat(4), purpose)
    assert (reply.status, reply.error["code"]) == (403, "gatekeeper_purpose")
    assert len(running.upstream.requests) == before


def test_a_purpose_said_twice_is_refused(running: Gate) -> None:
    kind, body = form(chat(4), {"purpose": "fine-tune"})
    mark = kind.partition("boundary=")[2]
    more = f'--{mark}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    reply = running.ask("POST", "/v1/files", more.encode() + body, content_type=kind)
    assert (reply.status, reply.error["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/chat/completions", 404),
        ("POST", "/v1/responses", 404),
        ("POST", "/v1/embeddings", 404),
        ("GET", "/v1/models", 404),
        ("POST", "/v1/batches", 404),
        ("POST", "/v1/vector_stores", 404),
        ("POST", "/v1/fine_tuning/alpha/graders/run", 404),
        ("POST", "/v1/fine_tuning/jobs/ftjob-1/pause", 404),
        ("POST", "/v1/files/..%2fchat/completions", 404),
        ("POST", "/v1//files", 404),
        ("PUT", "/v1/files", 405),
        ("PATCH", "/v1/files/file-1", 405),
        ("GET", "/v1/files/file-1/content", 403),
        ("GET", "/v1/files/file-nobody", 404),
        ("DELETE", "/v1/files/file-nobody", 404),
        ("GET", "/v1/fine_tuning/jobs/ftjob-nobody", 404),
        ("POST", "/v1/fine_tuning/jobs/ftjob-nobody/cancel", 404),
        ("POST", "/v1/uploads/upload_nobody/cancel", 404),
    ],
)
def test_what_is_not_on_the_list_is_refused(
    running: Gate, method: str, path: str, status: int
) -> None:
    before = [r for r in running.upstream.requests if r.method != "GET"]
    reply = running.ask(method, path, b"" if method != "GET" else None)
    assert reply.status == status, reply.body
    assert reply.error["code"].startswith("gatekeeper_")
    assert [r for r in running.upstream.requests if r.method != "GET"] == before


def test_files_of_others_are_neither_shown_nor_touched(running: Gate) -> None:
    running.upstream.files["file-theirs"] = (
        {"id": "file-theirs", "object": "file", "bytes": 4, "purpose": "fine-tune",
         "created_at": 1, "filename": "theirs.jsonl", "status": "processed"},
        b"them",
    )  # fmt: skip
    assert b"file-theirs" not in running.ask("GET", "/v1/files").body
    assert running.ask("GET", "/v1/files/file-theirs").status == 404
    assert running.ask("DELETE", "/v1/files/file-theirs").status == 404
    assert "file-theirs" in running.upstream.files
    reply = running.post(
        "/v1/fine_tuning/jobs", {"model": "gpt-4o-mini", "training_file": "file-theirs"}
    )
    assert (reply.status, reply.error["code"]) == (403, "gatekeeper_no_allow")
    assert not running.upstream.jobs


def test_no_token_no_answer(running: Gate) -> None:
    for said in ("", "Bearer", "Bearer gkt-wrong", "Basic " + running.token, running.token):
        reply = running.ask("GET", "/v1/files", Authorization=said)
        assert (reply.status, reply.error["code"]) == (401, "invalid_api_key")
    reply = running.ask("GET", "/v1/files", OpenAI_Organization="org-elsewhere")
    assert (reply.status, reply.error["code"]) == (403, "gatekeeper_account")


def test_a_deleted_file_is_gone_and_carries_no_job(running: Gate) -> None:
    made = json.loads(running.send(chat(22)).body)
    done = json.loads(running.ask("DELETE", f"/v1/files/{made['id']}").body)
    assert done == {"id": made["id"], "object": "file", "deleted": True}
    assert made["id"] not in running.upstream.files
    reply = running.post(
        "/v1/fine_tuning/jobs", {"model": "gpt-4o-mini", "training_file": made["id"]}
    )
    assert (reply.status, reply.error["code"]) == (403, "gatekeeper_no_allow")


def test_a_job_carries_nothing_unscanned(running: Gate) -> None:
    made = json.loads(running.send(chat(23)).body)
    job = {"model": "gpt-4o-mini", "training_file": made["id"]}
    grader = {"type": "python", "name": "g", "source": f"# {CANARY}@example.com"}
    refused = [
        ({"suffix": "aws_access_key_id = AKIAIOSFODNN7QXAMPLQ"}, 403, "gatekeeper_quarantine"),
        ({"metadata": {"who": f"{CANARY}@example.com"}}, 403, "gatekeeper_on_prem"),
        ({"metadata": {f"{CANARY}@example.com": "who"}}, 403, "gatekeeper_on_prem"),
        ({"method": {"type": "reinforcement", "reinforcement": {"grader": grader}}}, 403,
         "gatekeeper_on_prem"),
        ({"integrations": [{"type": "wandb", "wandb": {"project": "p"}}]}, 400, "invalid_request"),
        ({"training_file": "../x"}, 400, "invalid_request"),
        ({"validation_file": made["id"]}, 400, "invalid_request"),
        ({"validation_file": "file-theirs"}, 403, "gatekeeper_no_allow"),
        ({"note": "unknown"}, 400, "invalid_request"),
        ({"hyperparameters": {"n_epochs": -1}}, 400, "invalid_request"),
    ]  # fmt: skip
    before = dict(running.upstream.jobs)
    for change, status, code in refused:
        reply = running.post("/v1/fine_tuning/jobs", {**job, **change})
        assert (reply.status, reply.error["code"]) == (status, code), (change, reply.body)
        assert CANARY not in reply.body.decode()
    assert running.upstream.jobs == before
    kept = running.post("/v1/fine_tuning/jobs", {**job, "suffix": "ours", "seed": 7})
    assert kept.status == 200, kept.body
    asked = json.loads(
        next(r for r in reversed(running.upstream.requests) if r.method == "POST").body
    )
    assert asked["suffix"] == "ours"
    assert asked["training_file"] == made["id"]


def test_a_file_that_changed_its_purpose_or_size_carries_no_job(running: Gate) -> None:
    for change in ({"purpose": "assistants"}, {"bytes": 3}):
        made = json.loads(running.send(chat(24, start=len(str(change)))).body)
        running.upstream.files[made["id"]][0].update(change)
        reply = running.post(
            "/v1/fine_tuning/jobs", {"model": "gpt-4o-mini", "training_file": made["id"]}
        )
        assert (reply.status, reply.error["code"]) == (409, "gatekeeper_changed")


def test_an_allow_without_its_receipt_carries_no_job(running: Gate) -> None:
    made = json.loads(running.send(chat(25)).body)
    receipt = running.world.receipts()[-1]
    kept = receipt.read_bytes()
    receipt.unlink()
    job = {"model": "gpt-4o-mini", "training_file": made["id"]}
    try:
        reply = running.post("/v1/fine_tuning/jobs", job)
        assert (reply.status, reply.error["code"]) == (403, "gatekeeper_stale")
        receipt.write_bytes(kept.replace(b"signatures", b"signaturen"))
        reply = running.post("/v1/fine_tuning/jobs", job)
        assert (reply.status, reply.error["code"]) == (403, "gatekeeper_stale")
    finally:
        receipt.write_bytes(kept)
    assert running.post("/v1/fine_tuning/jobs", job).status == 200


def test_uploads_in_parts_are_judged_as_one(running: Gate) -> None:
    bad = chat(8, text="one two") + KEYS
    for data, status in ((chat(40), 200), (bad, 403)):
        begun = json.loads(
            running.post(
                "/v1/uploads",
                {"bytes": len(data), "filename": f"{CANARY}.jsonl", "purpose": "fine-tune",
                 "mime_type": "text/jsonl"},
            ).body
        )  # fmt: skip
        cut = data.index(b"AKIA") + 2 if status == 403 else len(data) // 3
        parts = []
        for piece in (data[cut:], data[:cut]):
            kind, body = form(piece, {}, "data")
            path = f"/v1/uploads/{begun['id']}/parts"
            parts.append(json.loads(running.ask("POST", path, body, content_type=kind).body)["id"])
        wrong = running.post(f"/v1/uploads/{begun['id']}/complete", {"part_ids": parts[:1]})
        assert (wrong.status, wrong.error["code"]) == (400, "invalid_request")
        order = {"part_ids": parts[::-1]}
        reply = running.post(f"/v1/uploads/{begun['id']}/complete", order)
        assert reply.status == status, reply.body
        if status == 200:
            file_id = json.loads(reply.body)["file"]["id"]
            assert running.upstream.files[file_id][1] == data
            again = running.post(f"/v1/uploads/{begun['id']}/complete", order)
            assert json.loads(again.body)["file"]["id"] == file_id
        else:
            assert reply.error["code"] == "gatekeeper_quarantine"


def test_no_plaintext_in_any_log_or_file(running: Gate) -> None:
    running.send(chat(26))
    running.ask("GET", f"/v1/files/{CANARY}", X_Note=CANARY)
    running.ask("GET", f"/v1/{CANARY}?purpose={CANARY}")
    running.post("/v1/fine_tuning/jobs", {"model": CANARY, "training_file": CANARY})
    lines = running.lines()
    assert CANARY not in json.dumps(lines)
    assert "AKIAIOSFODNN7QXAMPLQ" not in json.dumps(lines)
    assert running.token not in json.dumps(lines)
    assert "sk-upstream" not in json.dumps(lines)
    in_hand_offs = running.world.root / ".gatekeeper/handoffs"
    assert [p for p in running.held() if in_hand_offs not in p.parents] == []
    assert {line["event"] for line in lines} >= {"listening", "desk_ready", "request"}
    assert [line for line in lines if line["event"] == "error"] == []


def test_health_and_metrics_say_no_more_than_they_should(running: Gate) -> None:
    assert running.plain("/healthz").status == 200
    assert running.plain("/readyz").status == 200
    text = running.plain("/metrics").body.decode()
    assert 'gatekeeper_gateway_verdicts_total{route="allow"}' in text
    assert 'gatekeeper_gateway_verdicts_total{route="quarantine"}' in text
    assert "gatekeeper_gateway_spool_bytes 0\n" in text
    assert CANARY not in text
    codes = set()
    for line in text.splitlines():
        if line.startswith("gatekeeper_gateway_requests_total{") and "readyz" not in line:
            status, code = line.split('status="')[1].split('"')[0], line.split('code="')[1]
            if status >= "500":
                codes.add(code.split('"')[0])
    assert codes <= STATED_5XX


def test_a_removed_token_is_good_for_nothing_within_moments(running: Gate) -> None:
    token = running.world.run("gateway", "token", "add", "bob", expect=0).stdout.strip()
    asked = {"Authorization": f"Bearer {token}"}
    deadline = time.monotonic() + 20
    while running.ask("GET", "/v1/files", **asked).status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    running.world.run("gateway", "token", "remove", "bob", expect=0)
    while running.ask("GET", "/v1/files", **asked).status != 401:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert running.ask("GET", "/v1/files").status == 200
