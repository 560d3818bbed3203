"""Transfers of a child between villages and schools: offered by one side, accepted by the other."""
