"""Clients as they are, unchanged: the service's SDK, sync and async, curl, httpx2 and node."""

import asyncio
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.gateway.kit import CANARY, KEYS, MAIL, Gate, chat

openai = pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

NODE = """
const base = process.env.OPENAI_BASE_URL, headers = {authorization: `Bearer ${process.env.KEY}`};
const form = new FormData();
form.append('purpose', 'fine-tune');
form.append('file', new Blob([process.env.DATA]), 'día "uno".jsonl');
const reply = await fetch(`${base}/files`, {method: 'POST', body: form, headers});
console.log(JSON.stringify({status: reply.status, body: await reply.json()}));
"""


def test_the_sdk_sends_files_and_jobs(running: Gate, tmp_path: Path) -> None:
    data = chat(30)
    path = tmp_path / f"{CANARY}.jsonl"
    path.write_bytes(data)
    with openai.OpenAI(base_url=running.base_url, api_key=running.token) as client:
        with path.open("rb") as stream:
            made = client.files.create(
                file=stream,
                purpose="fine-tune",
                expires_after={"anchor": "created_at", "seconds": 7200},
            )
        assert running.upstream.files[made.id][1] == data
        assert client.files.wait_for_processing(made.id).status == "processed"
        assert client.files.retrieve(made.id).bytes == len(data)
        assert made.id in [f.id for f in client.files.list(purpose="fine-tune", limit=3)]
        valid = client.files.create(file=("v.jsonl", chat(11, start=500)), purpose="fine-tune")
        job = client.fine_tuning.jobs.create(
            model="gpt-4o-mini-2024-07-18",
            training_file=made.id,
            validation_file=valid.id,
            suffix="ours",
            seed=42,
            metadata={"team": "seven"},
            method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
        )
        assert job.training_file == made.id
        assert client.fine_tuning.jobs.retrieve(job.id).id == job.id
        assert job.id in [j.id for j in client.fine_tuning.jobs.list(limit=5)]
        events = client.fine_tuning.jobs.list_events(job.id, limit=10).data
        assert [e.message for e in events]
        checkpoints = client.fine_tuning.jobs.checkpoints.list(job.id)
        assert [c.step_number for c in checkpoints] == [1]
        running.upstream.jobs[job.id]["status"] = "queued"  # each look moves it on
        assert client.fine_tuning.jobs.cancel(job.id).status == "cancelled"
        with pytest.raises(openai.BadRequestError) as caught:
            client.fine_tuning.jobs.cancel(job.id)
        assert caught.value.code == "upstream_refused"
        assert client.files.delete(valid.id).deleted
        with pytest.raises(openai.NotFoundError):
            client.files.retrieve(valid.id)
        with pytest.raises(openai.PermissionDeniedError):
            client.files.content(made.id)


def test_the_sdk_is_told_why_and_does_not_try_again(running: Gate) -> None:
    asked = len([line for line in running.lines() if line["event"] == "request"])
    with openai.OpenAI(base_url=running.base_url, api_key=running.token) as client:
        for data, code in ((MAIL, "gatekeeper_on_prem"), (KEYS, "gatekeeper_quarantine")):
            with pytest.raises(openai.PermissionDeniedError) as caught:
                client.files.create(file=("x.jsonl", data), purpose="fine-tune")
            assert caught.value.code == code
            assert caught.value.body["gatekeeper"]["receipt"]
        with pytest.raises(openai.NotFoundError):
            client.chat.completions.create(model="gpt-4o", messages=[])
    assert len([line for line in running.lines() if line["event"] == "request"]) == asked + 3


def test_the_sdk_sends_in_parts(running: Gate, tmp_path: Path) -> None:
    data = chat(200, start=1000)
    with openai.OpenAI(base_url=running.base_url, api_key=running.token) as client:
        made = client.uploads.upload_file_chunked(
            file=data,
            filename="big.jsonl",
            bytes=len(data),
            mime_type="text/jsonl",
            purpose="fine-tune",
            part_size=5000,
        )
        assert made.status == "completed"
        assert made.file is not None
        assert running.upstream.files[made.file.id][1] == data
        begun = client.uploads.create(
            bytes=10, filename="x.jsonl", mime_type="text/jsonl", purpose="fine-tune"
        )
        assert client.uploads.cancel(begun.id).status == "cancelled"
        with pytest.raises(openai.BadRequestError):
            client.uploads.parts.create(begun.id, data=b"0123456789")


def test_the_async_client_sends_many_at_once(running: Gate) -> None:
    async def all_of_them() -> list[str]:
        async with openai.AsyncOpenAI(
            base_url=running.base_url, api_key=running.token, max_retries=0
        ) as client:

            async def one(number: int) -> str:
                data = KEYS if number % 4 == 3 else chat(10, start=2000 + number)
                try:
                    made = await client.files.create(file=("x.jsonl", data), purpose="fine-tune")
                except openai.PermissionDeniedError as error:
                    return str(error.code)
                assert running.upstream.files[made.id][1] == data
                return "sent"

            return await asyncio.gather(*[one(n) for n in range(12)])

    assert asyncio.run(all_of_them()) == (["sent"] * 3 + ["gatekeeper_quarantine"]) * 3


def test_curl(running: Gate, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    for name, data in (("good", chat(31)), ("bad", MAIL)):
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(data)
        for more in ([], ["-H", "Transfer-Encoding: chunked"], ["-H", "Expect: 100-continue"]):
            done = subprocess.run(
                ["curl", "-sS", f"{running.base_url}/files", "-w", "\n%{http_code}",
                 "-H", f"Authorization: Bearer {running.token}", *more,
                 "-F", f"file=@{path}", "-F", "purpose=fine-tune"],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            body, status = done.stdout.rsplit("\n", 1)
            assert status == ("200" if name == "good" else "403"), body
            if name == "good":
                assert running.upstream.files[json.loads(body)["id"]][1] == data
    assert running.sent().count(chat(31)) == 1


def test_httpx_and_node(running: Gate) -> None:
    import httpx2

    data = chat(32)
    reply = httpx2.post(
        f"{running.base_url}/files",
        headers={"Authorization": f"Bearer {running.token}"},
        data={"purpose": "fine-tune"},
        files={"file": ("x.jsonl", data)},
        timeout=60,
    )
    assert running.upstream.files[reply.json()["id"]][1] == data
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    settings = {"OPENAI_BASE_URL": running.base_url, "KEY": running.token}
    for text, status in ((chat(33), 200), (KEYS, 403)):
        done = subprocess.run(
            [node, "--input-type=module", "-e", NODE],
            env={**os.environ, **settings, "DATA": text.decode()},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        said = json.loads(done.stdout)
        assert said["status"] == status
        if status == 200:
            assert running.upstream.files[said["body"]["id"]][1] == text
