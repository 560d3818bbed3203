"""Closing a file: what is proposed and why, the decision with its reason, and the way back."""

from registry.closing.proposals import proposals
from registry.closing.services import close_file, closing_obstacles, keep_open, reopen_file

__all__ = ["close_file", "closing_obstacles", "keep_open", "proposals", "reopen_file"]
