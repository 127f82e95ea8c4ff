"""`train`: the on-prem road, with the network closed."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("handoff", metavar="HANDOFF")
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="[TRL OPTIONS]...")
def train(handoff: str, options: tuple[str, ...]) -> int:
    """Fine-tune from a hand-off folder with TRL, offline and with the network closed.

    The data's digests and the receipt are checked first. Further options go to `trl` as they are.
    Needs `pip install 'gatekeeper[onprem]'` and a base model on this machine. Ends with the exit
    code of `trl`.
    """
    from gatekeeper.enforce.train import train as run

    return run(Path(handoff), extra_args=options)
