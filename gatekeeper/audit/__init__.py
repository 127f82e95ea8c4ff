"""Receipts of decisions, and the append-only log of what was done."""

from gatekeeper.audit.chain import Chain, Checked, marker_of
from gatekeeper.audit.events import EVENTS
from gatekeeper.audit.head import Head
from gatekeeper.audit.log import AuditLog, audit_chain, audit_log, log_decision, log_path
from gatekeeper.audit.logged import Logged, find_receipt
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
    "EVENTS",
    "AuditLog",
    "Chain",
    "Checked",
    "Head",
    "Logged",
    "Receipt",
    "Signer",
    "audit_chain",
    "audit_log",
    "find_receipt",
    "load_signer",
    "load_trusted_keys",
    "log_decision",
    "log_path",
    "make_receipt",
    "marker_of",
    "parse_receipt",
    "prepare_state",
    "read_receipt",
    "write_receipt",
]
