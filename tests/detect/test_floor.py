"""No entity is found less often than it was: the in-repo gold set, at `likely`."""

from bench.eval.floor import floor, recalls


def test_no_entity_falls_below_its_floor() -> None:
    now = recalls()
    fallen = {
        label: (now.get(label), least)
        for label, least in floor().items()
        if label in now and now[label] < least
    }
    assert not fallen, "raise it again; `python -m bench.eval.floor` shows all"
