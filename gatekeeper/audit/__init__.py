"""Receipts of decisions, and the append-only log of what was done."""

from gatekeeper.audit.log import AuditLog, Head, audit_log, log_decision, verify_log
from gatekeeper.audit.receipt import (
    Receipt,
    make_receipt,
    parse_receipt,
    prepare_state,
    read_receipt,
    write_receipt,
)
from gatekeeper.audit.signing import Signer, load_signer, load_trusted_keys

__all__ = [
    "AuditLog",
    "Head",
    "Receipt",
    "Signer",
    "audit_log",
    "load_signer",
    "load_trusted_keys",
    "log_decision",
    "make_receipt",
    "parse_receipt",
    "prepare_state",
    "read_receipt",
    "verify_log",
    "write_receipt",
]
