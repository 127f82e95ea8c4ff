"""The gateway before the service's own API description, as Prism validates it: what is forwarded is
what the service takes, and clients get answers of the service's shape.
"""

from collections.abc import Iterator

import pytest

from tests.egress.test_prism import DATA, find_description, find_prism
from tests.egress.test_prism import prism as prism
from tests.gateway.kit import Gate
from tests.laws.worlds import World

pytest.importorskip("uvicorn", reason="the extra gatekeeper[gateway] is not installed")
openai = pytest.importorskip("openai", reason="the extra gatekeeper[openai] is not installed")

pytestmark = pytest.mark.slow


@pytest.fixture
def before_prism(tmp_path_factory: pytest.TempPathFactory, prism: str) -> Iterator[Gate]:
    world = World(tmp_path_factory.mktemp("gateway"), policies="house.yaml", base_url=prism)
    with Gate(world, None) as made:  # type: ignore[arg-type]
        yield made


def test_what_is_forwarded_is_what_the_service_takes(before_prism: Gate) -> None:
    assert find_prism()
    assert find_description()
    with openai.OpenAI(base_url=before_prism.base_url, api_key=before_prism.token) as client:
        made = client.files.create(
            file=("x.jsonl", DATA),
            purpose="fine-tune",
            expires_after={"anchor": "created_at", "seconds": 3600},
        )
        assert made.bytes == len(DATA)
        assert [f.id for f in client.files.list()] == [made.id]
        assert client.files.retrieve(made.id).id == made.id
        # Prism answers with its examples, in which every id is the same.
        job = client.fine_tuning.jobs.create(
            model="gpt-4o-mini",
            training_file=made.id,
            suffix="ours",
            seed=42,
            method={"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}},
        )
        assert client.fine_tuning.jobs.retrieve(job.id).training_file == made.id
        assert [j.id for j in client.fine_tuning.jobs.list(limit=2).data] == [job.id]
        assert client.fine_tuning.jobs.cancel(job.id).id == job.id
        assert client.fine_tuning.jobs.list_events(job.id, limit=2).data[0].level == "info"
        assert client.fine_tuning.jobs.checkpoints.list(job.id, limit=2).data
        assert client.files.delete(made.id).deleted
