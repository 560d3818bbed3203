"""No module imports another in a circle, and imports stand at the top of their module, where circles show."""

import ast
from collections.abc import Iterator
from importlib.util import resolve_name
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("carebase", "registry", "visits", "pairing", "activities")
# Modules that may import inside a function, and why. An AppConfig's `ready` may too: there are no models before it.
LATE = {
    "carebase.management.benchmark.probe": "a process of its own, which measures what is imported, before Django is up",
    "carebase.management.benchmark.server": "a process of its own, started without Django",
    "carebase.management.demo_server": "making the application builds its middleware, which only who serves wants",
}


def name_of(path: Path, root: Path = ROOT) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Return the product's modules by name; migrations name each other as data."""
    paths = (path for app in APPS for path in (root / app).rglob("*.py") if "migrations" not in path.parts)
    return {name_of(path, root): path for path in paths}


def imported(path: Path, name: str, known: dict[str, Path]) -> Iterator[str]:
    """Yield the modules of ours that are named in import statements, wherever in the file they stand."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                submodule = f"{source}.{alias.name}"
                yield submodule if submodule in known else source


def graph(root: Path = ROOT) -> dict[str, set[str]]:
    known = modules(root)
    return {name: {*imported(path, name, known)} & set(known) - {name} for name, path in known.items()}


def circles(edges: dict[str, set[str]]) -> list[list[str]]:
    """Return the modules that remain when those are taken away, again and again, that import none of the others."""
    left = {name: set(targets) for name, targets in edges.items()}
    while loose := {name for name, targets in left.items() if not targets & set(left)}:
        left = {name: targets for name, targets in left.items() if name not in loose}
    while unused := set(left) - {target for targets in left.values() for target in targets}:
        left = {name: targets for name, targets in left.items() if name not in unused}
    return sorted([name, *sorted(targets & set(left))] for name, targets in left.items())


def test_no_module_imports_another_in_a_circle():
    edges = graph()
    assert len(edges) > 200
    assert circles(edges) == []


@pytest.mark.parametrize("late", [False, True])
def test_a_circle_is_found_inside_functions_too(tmp_path, late):
    for name, other in (("one", "two"), ("two", "three"), ("three", "one"), ("above", "one"), ("below", "")):
        line = f"from registry.{other} import name" if other else ""
        (tmp_path / "registry").mkdir(exist_ok=True)
        text = f"def act():\n    {line or 'pass'}\n" if late else f"{line}\n"
        (tmp_path / "registry" / f"{name}.py").write_text(text)
    assert [circle[0] for circle in circles(graph(tmp_path))] == ["registry.one", "registry.three", "registry.two"]


def late_imports(path: Path) -> set[int]:
    """Return the lines of import statements inside functions, but for those of an AppConfig."""
    functions = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]
    inside = (node for function in functions for node in ast.walk(function))
    return {node.lineno for node in inside if isinstance(node, ast.Import | ast.ImportFrom) and path.name != "apps.py"}


def test_imports_stand_at_the_top_but_for_those_with_a_reason():
    assert {name for name, path in modules().items() if late_imports(path)} == set(LATE)
