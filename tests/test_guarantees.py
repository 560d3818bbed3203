"""What is guaranteed about rights, the trail and figures is held by tests that are there."""

import ast
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
LINES = [line for line in (TESTS / "guarantees.txt").read_text(encoding="utf-8").splitlines() if line.strip()]
GUARANTEES = [line for line in LINES if line[0].isdigit()]
HELD_BY = [line.strip() for line in LINES if line.startswith(" ")]


@cache
def names_of_tests(file: str) -> set[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_each_guarantee_is_numbered_in_order_and_held_by_a_test_that_is_there():
    assert [int(line.split()[0]) for line in GUARANTEES] == list(range(1, len(GUARANTEES) + 1))
    followers = dict(zip(LINES, LINES[1:], strict=False))
    assert all(followers[line].startswith("  ") for line in GUARANTEES)
    assert not [name for name in HELD_BY if name.partition("::")[2] not in names_of_tests(name.partition("::")[0])]
