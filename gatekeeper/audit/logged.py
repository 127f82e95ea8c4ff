"""Whether the audit log holds a receipt: receipt and log name each other."""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.audit.chain import Chain, marker_of
from gatekeeper.audit.head import NOTHING, OtherLogError
from gatekeeper.audit.receipt import Receipt
from gatekeeper.errors import ReceiptError
from gatekeeper.model import digest_of


@dataclass(frozen=True, slots=True)
class Logged:
    """What the log says of a receipt: a word, the number of the record, and what is wrong."""

    word: str
    """`recorded`; `missing`: the log does not hold it; `other`: the log is not the one that the
    receipt was written beside; `none`: there is no log; `damaged`.
    """
    seq: int = 0
    why: str = ""

    def __str__(self) -> str:
        said = {
            "recorded": f"the audit log holds the receipt as record {self.seq}",
            "missing": "the audit log does not hold the receipt",
            "other": "the audit log is of another gate, or it was written anew",
            "none": "there is no audit log to hold the receipt against",
            "damaged": "the audit log is damaged",
        }[self.word]
        return f"{said}: {self.why}" if self.why else said

    def to_json(self) -> dict[str, str | int]:
        """As the command line prints it: `record` is 0 where there is none."""
        return {"state": self.word, "record": self.seq, "why": self.why}


def find_receipt(receipt: Receipt, chain: Chain) -> Logged:
    """Look for the record of `receipt`, from the end of the log back to where the receipt says it
    ended when it was written: all that lay before that must lie there still.
    """
    wanted = {"receipt": receipt.id, "statement": receipt.digest}
    if not receipt.names_withheld:  # the log has the digest of the decision with its names
        wanted["decision"] = digest_of(receipt.decision)
    marker = marker_of("decision", {"receipt": receipt.id})
    found = Logged("missing")
    try:
        if chain.head() == NOTHING and not chain.path.exists():
            return Logged("none")
        for record in chain.newest_first(marker, receipt.log_head or NOTHING):
            if wanted.items() <= record["data"].items():
                found = Logged("recorded", record["seq"])
    except OtherLogError as e:
        return Logged("other" if found.word == "missing" else "damaged", why=str(e))
    except ReceiptError as e:
        return Logged("damaged", why=str(e))
    return found
