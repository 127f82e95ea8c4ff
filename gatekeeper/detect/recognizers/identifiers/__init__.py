"""Numbers of a person: government, health care, accounts, licences, vehicles, devices, codes.

Most of them have no form of their own, so a label (or the key they stand under) is required.
"""

from __future__ import annotations

from gatekeeper.detect.recognizers.identifiers import (
    accounts,
    care,
    codes,
    devices,
    documents,
    handles,
    social,
)

RECOGNIZERS = tuple(
    r
    for part in (social, documents, care, codes, accounts, devices, handles)
    for r in part.RECOGNIZERS
)
