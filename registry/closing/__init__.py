"""Closing a file: the proposals, the decision with its reason, and reopening."""
