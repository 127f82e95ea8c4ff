"""Gatekeeper: a data-privacy gatekeeper and policy engine for LLM training data."""

__version__ = "0.1.0"
