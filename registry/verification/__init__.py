"""Verification: the registry compared with the list of another authority, and each difference settled with a reason."""
