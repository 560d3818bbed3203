"""Closing a file: what is proposed and why, the decision with its reason, and the way back."""

from registry.closing.proposals import proposals
from registry.closing.services import close, keep, obstacles, reopen

__all__ = ["close", "keep", "obstacles", "proposals", "reopen"]
