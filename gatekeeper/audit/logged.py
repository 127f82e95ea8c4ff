"""Whether the audit log holds a receipt: receipt and log name each other."""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.audit.chain import Chain
from gatekeeper.audit.head import NOTHING
from gatekeeper.audit.receipt import Receipt
from gatekeeper.errors import ReceiptError
from gatekeeper.model import canonical_bytes, digest_of


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log says of a receipt: a word, the number of the record, and what is wrong."""

    word: str
    """`recorded`, `missing` (the log holds no such receipt), `none` (there is no log) or
    `damaged`."""
    seq: int = 0
    why: str = ""

    def __str__(self) -> str:
        return {
            "recorded": f"the audit log holds it as record {self.seq}",
            "missing": "the audit log does not hold it",
            "none": "there is no audit log here",
        }.get(self.word, f"the audit log is damaged: {self.why}")


def find_receipt(receipt: Receipt, chain: Chain) -> Logged:
    """Look for the record of `receipt`, from the end of the log back to where the receipt says it
    ended when it was written: what lay before that must lie there still.
    """
    after = receipt.log_head or NOTHING
    wanted = {
        "receipt": receipt.id,
        "statement": receipt.digest,
        "decision": digest_of(receipt.decision),
    }
    found = Logged("missing")
    try:
        if chain.head() == NOTHING and not chain.path.exists():
            return Logged("none")
        for record in chain.newest_first(canonical_bytes({"receipt": receipt.id})[1:-1], after):
            if wanted.items() <= record["data"].items():
                found = Logged("recorded", record["seq"])
    except ReceiptError as e:
        return Logged("damaged", why=str(e))
    return found
