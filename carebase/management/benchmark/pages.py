"""Which pages are measured, as whom, and how much of the floor's processor time each may take."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from django.utils.translation import gettext_lazy as _

from carebase.management.benchmark.client import CHILD, Browser, Fields, Unexpected
from carebase.management.benchmark.urls import FLOOR
from carebase.models import Demonstration

LIST, PAGE, FORM = 3.5, 3.5, 8.0  # times the floor
LIST_QUERIES, QUERIES = 8, 12
WARMING = 5  # requests before the first that is measured: templates are compiled, catalogues are read


@dataclass(frozen=True)
class MeasuredPage:
    """A page as one role opens it; `{child}` in its path is a child that the role sees. `saves`: its form is sent."""

    label: str
    role: str
    path: str
    most_times: float
    most_queries: int | None
    saves: bool = False


TEACHER, COORDINATOR = "teacher", "coordinator"
NEW_VISIT = "/visits/new/?child={child}"
PAGES = (
    MeasuredPage(_("Children"), COORDINATOR, "/children/", LIST, LIST_QUERIES),
    MeasuredPage(_("Children"), TEACHER, "/children/", LIST, LIST_QUERIES),
    MeasuredPage(_("Visits"), COORDINATOR, "/visits/", LIST, LIST_QUERIES),
    MeasuredPage(_("Home"), COORDINATOR, "/", PAGE, QUERIES),
    MeasuredPage(_("Home"), TEACHER, "/", PAGE, QUERIES),
    MeasuredPage(_("The child's file"), COORDINATOR, "/children/{child}/", PAGE, QUERIES),
    MeasuredPage(_("The child's file"), TEACHER, "/children/{child}/", PAGE, QUERIES),
    MeasuredPage(_("Form of a visit"), TEACHER, NEW_VISIT, FORM, QUERIES),
    MeasuredPage(_("Form of a child"), COORDINATOR, "/children/{child}/edit/", FORM, QUERIES),
    MeasuredPage(_("Form of a child"), TEACHER, "/children/{child}/edit/", FORM, QUERIES),
    MeasuredPage(_("Saving a visit"), TEACHER, NEW_VISIT, PAGE, None, saves=True),
)


@dataclass(frozen=True)
class Cost:
    """What one page needed: statements, and the median processor time of a request in seconds."""

    queries: int
    seconds: float


def measure(port: int, requests: int) -> tuple[Cost, list[Cost]]:
    """Return the cost of the floor, and of each of PAGES in order; by turns, so that a noisy moment hits all alike."""
    runs = [floor_run(signed_in(port, COORDINATOR)), *(run_of(page, port) for page in PAGES)]
    for run in runs:
        run.warm()
    for _round in range(requests):
        for run in runs:
            run.measure()
    first, *others = [run.result() for run in runs]
    return first, others


def signed_in(port: int, role: str) -> Browser:
    return Browser(port).sign_in(role, Demonstration.PASSWORD)


@dataclass
class Run:
    """One page under measurement: `prepare` returns the request to be made, and is itself not counted."""

    browser: Browser
    prepare: Callable[[], Callable]

    def __post_init__(self):
        self.costs: list[float] = []

    def warm(self) -> None:
        for _request in range(WARMING):
            self.prepare()()

    def measure(self) -> None:
        self.costs.append(self.browser.cost(self.prepare()))

    def result(self) -> Cost:
        return Cost(self.browser.count(self.prepare()), median(self.costs))


def floor_run(browser: Browser) -> Run:
    return Run(browser, lambda: lambda: browser.get(f"/{FLOOR}"))


def run_of(page: MeasuredPage, port: int) -> Run:
    """Return the run of a page in a session of its own, so that no message of one is shown on another."""
    browser = signed_in(port, page.role)
    found = CHILD.search(browser.get("/children/"))
    if not found:
        raise Unexpected(f"/children/: {page.role}")
    path = page.path.format(child=found[1])
    if not page.saves:
        return Run(browser, lambda: lambda: browser.get(path))

    def new_record():
        values = Fields(browser.get(path)).values | {"observed": "房屋整洁，作业按时完成。"}
        return lambda: browser.post(path, values)

    return Run(browser, new_record)
