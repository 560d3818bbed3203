"""What the product's modules may import and name: imports run one way, and time is asked of one clock."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("carebase", "registry", "visits", "pairing", "activities")
# Who stands lower is imported by who stands higher, never the other way.
LEVELS = {
    "carebase.audit": 0,
    "carebase": 1,
    "carebase.accounts": 2,
    "carebase.jobs": 3,
    "registry": 4,
    "visits": 5,
    "pairing": 5,
    "activities": 5,
    "carebase.reports": 6,
    "carebase.urls": 9,  # where the pages of all are put together
    "carebase.management": 9,  # commands may use everything; nobody imports them
}
# Whole modules, that stand beside the others on level 5.
BESIDE = ("visits", "pairing", "activities")
SOURCES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def package(module: str) -> str:
    """Return the entry of LEVELS that a module belongs to, "" for what is not ours."""
    if ".management" in module:
        return "carebase.management"
    return next((name for name in sorted(LEVELS, key=len, reverse=True) if f"{module}.".startswith(f"{name}.")), "")


def imported(path: Path) -> set[str]:
    """Return the absolute names of the modules that a file imports, inside functions too."""
    found, own = set(), name_of(path).split(".")
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            depth = node.level - (1 if path.name == "__init__.py" else 0)
            base = ".".join(own[: len(own) - depth]) if node.level else ""
            stem = ".".join(part for part in (base, node.module) if part)
            found |= {stem, *(f"{stem}.{alias.name}" for alias in node.names)}
    return found


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 60 and len(TEMPLATES) > 30


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_one_way(path):
    own = package(name_of(path))
    wrong = set()
    for module in imported(path):
        other = package(module)
        if not other or other == own or own == "carebase.management":
            continue
        upwards = LEVELS[other] > LEVELS[own]
        beside = own in BESIDE and other in BESIDE
        if upwards or beside:
            wrong.add(module)
    assert not wrong


def test_the_audit_trail_leans_on_nothing_of_ours():
    files = [path for path in SOURCES if package(name_of(path)) == "carebase.audit"]
    assert files
    ours = {module for path in files for module in imported(path) if package(module) not in {"", "carebase.audit"}}
    assert not ours


# The benchmark starts servers and prints; the pages never do.
OF_COMMANDS = {PRINTS := r"\bprint\(|\bbreakpoint\(|\bpdb\b", RUNS := r"\b(eval|exec)\(|\bpickle\b|subprocess\."}
FORBIDDEN = {
    r"\bdate\.today\(|datetime\.(now|today|utcnow)\(": "django.utils.timezone knows the day in Shanghai",
    r"\bmark_safe\b|\bSafeString\b|autoescape": "format_html escapes",
    r"\bcsrf_exempt\b": "every form proves where it comes from",
    r"\braw_id_fields\s*=": "autocomplete_fields tells no names of other offices",
    r"fields\s*=\s*[\"']__all__": "forms list their fields",
    PRINTS: "left over",
    r"except Exception:\s*\n\s*pass": "a swallowed error",
    RUNS: "no code from data",
    r"\brandom\.(choice|random|randint)\(": "secrets for codes, a seeded Random for invented people",
}


@pytest.mark.parametrize("pattern", FORBIDDEN, ids=lambda pattern: pattern[:20])
def test_nothing_forbidden_is_named(pattern):
    found = [name_of(path) for path in SOURCES if re.search(pattern, path.read_text(encoding="utf-8"))]
    if pattern in OF_COMMANDS:
        found = [name for name in found if package(name) != "carebase.management"]
    assert not found, FORBIDDEN[pattern]


def test_every_row_is_read_through_its_scope_in_views():
    """A view that reads `objects.all()` or gets a row by its key shows other offices' rows."""
    views = [path for path in SOURCES if path.name in {"views.py", "donations.py", "enrolment.py"}]
    loose = re.compile(r"\.objects\.(get|filter)\(|get_object_or_404\((?!self\.get_queryset)")
    allowed = {
        "carebase.views",
        "registry.imports.views.upload",
        "carebase.reports.term.views",
    }  # tokens, names of places
    allowed |= {"visits.views"}  # a subquery on children who were scoped before
    assert not [name_of(path) for path in views if loose.search(path.read_text()) and name_of(path) not in allowed]


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_module_is_short_and_says_what_it_is(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 450
    tree = ast.parse(text)
    rules = any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree.body)
    if rules and path.name not in {"apps.py", "__init__.py"} and "commands" not in path.parts:
        assert ast.get_docstring(tree), "one line on what the module holds"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_function_is_longer_than_forty_lines(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [node.name for node in functions if node.end_lineno - node.lineno >= 40]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_is_short_and_holds_no_script_style_or_foreign_address(path):
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") < 60
    assert not re.search(
        r"<script(?! src=\"{% static)|<style|\sstyle=|\son[a-z]+=|javascript:|(src|href)=\"(https?:)?//", text
    )
    unsafe = re.findall(r"\{\{[^}]*\|safe[^}]*\}\}|\{% autoescape", text)
    assert not [found for found in unsafe if "fields|safe" not in found], "only crispy's own rendered fields"


TRANSLATED = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}


def inside_f_strings(path: Path) -> list[str]:
    """Return the marked strings that stand inside an f-string, where the catalogue's reader does not see them."""
    return [
        call.args[0].value
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in TRANSLATED
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def test_no_string_is_hidden_from_the_catalogue():
    found = {words for path in SOURCES for words in inside_f_strings(path)}
    assert found <= {": "}, "which is marked elsewhere too"
