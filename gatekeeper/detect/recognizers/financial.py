"""Bank accounts, routing numbers, wallets."""

from __future__ import annotations

from gatekeeper.detect.recognizers.spec import (
    digits_of,
    dull,
    labelled,
    one,
)


def _aba(text: str, start: int, end: int, score: float) -> float:
    """The 3-7-1 check of ABA routing numbers."""
    digits = digits_of(text, start, end)
    total = sum(int(d) * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True))
    return score if total % 10 == 0 and digits != "000000000" else 0.0


def _bank(text: str, start: int, end: int, score: float) -> float:
    return 0.0 if dull(text[start:end]) else score


def _ethereum(text: str, start: int, end: int, score: float) -> float:
    """Not the zero address, nor one of the addresses that tokens are burnt to."""
    digits = text[start + 2 : end].lower()
    return 0.0 if dull(digits) or len(set(digits[4:])) < 6 else score


RECOGNIZERS = (
    one("UsBankRecognizer", "US_BANK_NUMBER", labelled(r"(?:bank|checking|chequing|savings?|deposit|direct[ _-]deposit)[ _-]?(?:accounts?|accts?|a/c)", r"\d(?:[ -]?\d){5,16}"), 0.85, check=_bank),
    one("UsBankShortRecognizer", "US_BANK_NUMBER", labelled(r"(?:accounts?|accts?|a/c)(?=[ _-]{0,2}(?:n(?:o|um|br)|\#|:|=))", r"\d(?:[ -]?\d){5,16}"), 0.3, "bank", "checking", "savings", "routing", "aba", "deposit", check=_bank),
    one("AbaRoutingRecognizer", "ABA_ROUTING_NUMBER", labelled(r"(?:aba|routing|rtn|transit)(?:[ _-](?:routing|transit))?", r"[0-36-8]\d{3}-?\d{4}-?\d"), 0.95, check=_aba),
    one("EthereumRecognizer", "CRYPTO", r"(?<![\w])0x[0-9a-f]{40}(?![\w])", 0.45, "wallet", "eth", "ethereum", "usdt", "crypto", "address", check=_ethereum),
)  # fmt: skip
