"""What the product's modules may import and name: imports run one way, and time is asked of one clock."""

import ast
import importlib
import inspect
import re
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.views import View

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


@cache
def source(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(source(path))


@cache
def nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(tree(path)))


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
    for node in nodes(path):
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


def forbidden_imports(path: Path) -> list[str]:
    """Return "module: what it must not import" for each import that runs upwards or sideways."""
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
    return [f"{name_of(path)}: {module}" for module in sorted(wrong)]


def test_imports_run_one_way():
    assert not [fault for path in SOURCES for fault in forbidden_imports(path)]


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
    found = [name_of(path) for path in SOURCES if re.search(pattern, source(path))]
    if pattern in OF_COMMANDS:
        found = [name for name in found if package(name) != "carebase.management"]
    assert not found, FORBIDDEN[pattern]


MANAGERS = {"objects", "_base_manager", "_default_manager"}
SHORTCUTS = {"get_object_or_404", "get_list_or_404"}
# Readings in modules with views that name no user, each with the reason why they show nobody's rows.
NAMES = "names of places and classes, of those that a scoped queryset holds"
NARROWED = "ScopedForm narrows the field to the user"
TERM = "terms and definitions are everybody's"
TOKEN = "found by the secret token of a form"
SUBQUERY = "within a query over children who are the user's"
UNSCOPED = {
    "carebase.accounts.views": {"Demonstration.objects.exists": "whether this is a demonstration"},
    "carebase.reports.term.views": {"Term.objects.current": TERM}
    | {"Division.objects.filter": "to tell a foreign place, which is 404, from one that does not exist"},
    "carebase.views": dict.fromkeys(
        ["Submission.objects.create", "Submission.objects.filter", "Submission.objects.get"], TOKEN
    ),
    "registry.duplicates.views": {"DuplicateSettlement.objects.select_related": "of two children who are the user's"},
    "registry.imports.views.columns": {"ImportFile.objects.filter": "of an import that is the user's"},
    "registry.imports.views.preview": {"ImportFile.objects.filter": "of an import that is the user's"},
    "registry.leftbehind.views": {"Definition.objects.in_force": TERM},
    "registry.rounds.views.surveys": {"Round.objects.running": "of a child who is the user's"},
    "registry.rounds.views.rounds": dict.fromkeys(
        ["Division.objects.villages", "SchoolClass.objects.for_choice"], NAMES
    ),
    "visits.views": {"Term.objects.current": TERM, "Visit.objects.filter": SUBQUERY},
}


def defines_a_view(module) -> set[str]:
    """Return the module, and those of the classes that its views are made of, if it has a view or a function of one."""
    found = set()
    for thing in vars(module).values():
        own = getattr(thing, "__module__", "") == module.__name__
        if own and isinstance(thing, type) and issubclass(thing, View):
            found |= {base.__module__ for base in thing.__mro__}
        elif own and inspect.isfunction(thing) and "request" in list(inspect.signature(thing).parameters)[:1]:
            found.add(module.__name__)
    return found


def modules_with_views() -> set[str]:
    """Import all but what starts by itself, and return where the views and what they are made of stand."""
    names = {name_of(path) for path in SOURCES} - {"carebase.wsgi"}
    names = [name for name in names if package(name) != "carebase.management"]
    return {found for name in names for found in defines_a_view(importlib.import_module(name)) if package(found)}


def chain_from(call: ast.AST, above: dict) -> list[ast.Call]:
    """Return the calls of `Model.objects.a().b().c()`, from the inner one `call` to the outer."""
    calls = [call]
    while isinstance(above.get(call), ast.Attribute) and isinstance(above.get(above[call]), ast.Call):
        call = above[above[call]]
        calls.append(call)
    return calls


def is_for_a_user(call: ast.Call) -> bool:
    """Return whether a call narrows what is read to a user, or to a queryset that was narrowed before."""
    if getattr(call.func, "attr", "") in {"visible_to", "permitted_to"}:
        return True
    given = [ast.unparse(value) for value in (*call.args, *(keyword.value for keyword in call.keywords))]
    return bool(re.search(r"\buser\b|\bget_queryset\(\)", " ".join(given)))


def unscoped(path: Path) -> set[str]:
    """Return the readings of a module that name no user, as "Model.objects.method" or the name of a shortcut."""
    above = {child: node for node in nodes(path) for child in ast.iter_child_nodes(node)}
    found = set()
    for call in nodes(path):
        if not isinstance(call, ast.Call):
            continue
        func = call.func
        reads = isinstance(func, ast.Attribute) and getattr(func.value, "attr", "") in MANAGERS
        reads = reads or getattr(func, "id", "") in SHORTCUTS
        if reads and not any(is_for_a_user(each) for each in chain_from(call, above)):
            found.add(ast.unparse(func))
    return found


def test_every_row_is_read_through_its_scope_where_views_are():
    """A view that reads `objects.all()` or gets a row by its key shows other offices' rows."""
    views = modules_with_views()
    assert {"carebase.views", "visits.views", "carebase.reports.home.views", "registry.photos.views"} <= views
    found = {name_of(path): unscoped(path) for path in SOURCES if name_of(path) in views}
    loose = {f"{name}: {reading}" for name, readings in found.items() for reading in readings}
    known = {f"{name}: {reading}" for name, readings in UNSCOPED.items() for reading in readings}
    new, gone = sorted(loose - known), sorted(known - loose)
    assert not new, "read without visible_to(user), or not listed in UNSCOPED with a reason"
    assert not gone, "listed in UNSCOPED, and no longer there"


# Modules with a view, or with a part that views are made of, which are not called views.
NOT_CALLED_VIEWS = {
    "carebase.audit.context": "who is acting is read from the request",
    "carebase.health": "one function, which asks nothing of ours",
    "carebase.navigation": "a context processor is a function of the request",
}


def test_a_view_stands_in_a_module_called_views():
    elsewhere = {name for name in modules_with_views() if "views" not in name.split(".")[1:]}
    assert elsewhere == set(NOT_CALLED_VIEWS)


def test_a_module_is_short_and_says_what_it_is():
    assert not [name_of(path) for path in SOURCES if source(path).count("\n") >= 400], "400 lines are refused"
    mute = [name_of(path) for path in SOURCES if holds_rules(path) and not ast.get_docstring(tree(path))]
    assert not mute, "one line on what the module holds"


def holds_rules(path: Path) -> bool:
    if path.name in {"apps.py", "__init__.py"} or "commands" in path.parts:
        return False
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in tree(path).body)


def test_no_function_is_longer_than_forty_lines():
    functions = ast.FunctionDef | ast.AsyncFunctionDef
    long = [
        f"{name_of(path)}.{node.name}"
        for path in SOURCES
        for node in nodes(path)
        if isinstance(node, functions) and node.end_lineno - node.lineno >= 40
    ]
    assert not long


FOREIGN = re.compile(r"<script(?! src=\"{% static)|<style|\sstyle=|\son[a-z]+=|javascript:|(src|href)=\"(https?:)?//")
UNSAFE = re.compile(r"\{\{[^}]*\|safe[^}]*\}\}|\{% autoescape")


def faults_of_template(path: Path) -> list[str]:
    text, found = source(path), []
    if text.count("\n") >= 60:
        found.append("60 lines are refused")
    if FOREIGN.search(text):
        found.append("holds a script, a style or a foreign address")
    if [unsafe for unsafe in UNSAFE.findall(text) if "fields|safe" not in unsafe]:
        found.append("only crispy's own rendered fields are safe")
    return found


def test_a_template_is_short_and_holds_no_script_style_or_foreign_address():
    found = {str(path.relative_to(ROOT / "templates")): faults_of_template(path) for path in TEMPLATES}
    assert not {name: faults for name, faults in found.items() if faults}


TRANSLATED = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext"}


def inside_f_strings(path: Path) -> list[str]:
    """Return the marked strings that stand inside an f-string, where the catalogue's reader does not see them."""
    return [
        call.args[0].value
        for text in nodes(path)
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in TRANSLATED
        if call.args and isinstance(call.args[0], ast.Constant)
    ]


def test_no_string_is_hidden_from_the_catalogue():
    found = {words for path in SOURCES for words in inside_f_strings(path)}
    assert found <= {": "}, "which is marked elsewhere too"
