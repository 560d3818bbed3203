"""Verification: the registry compared with another authority's list, and each difference settled."""
