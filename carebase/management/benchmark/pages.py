"""The measured pages, and their limits as multiples of the processor time of a baseline view, the floor."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from django.utils.translation import gettext_lazy as _

from carebase.management.benchmark.client import CHILD_LINK, Browser, FormParser, UnexpectedResponse
from carebase.management.benchmark.urls import FLOOR
from carebase.models import Demonstration

LIST_TIMES, PAGE_TIMES, FORM_TIMES = 3.5, 3.5, 8.0  # times the floor
LIST_QUERIES, PAGE_QUERIES = 8, 12
WARMUP_REQUESTS = 5  # before the first measured request, to compile templates and read catalogues


@dataclass(frozen=True)
class MeasuredPage:
    """A page for one role; `{child}` in its path is a child that the role sees. `saves`: post the form."""

    label: str
    role: str
    path: str
    most_times: float
    most_queries: int | None
    saves: bool = False


TEACHER, COORDINATOR = "teacher", "coordinator"
NEW_VISIT = "/visits/new/?child={child}"
PAGES = (
    MeasuredPage(_("Children"), COORDINATOR, "/children/", LIST_TIMES, LIST_QUERIES),
    MeasuredPage(_("Children"), TEACHER, "/children/", LIST_TIMES, LIST_QUERIES),
    MeasuredPage(_("Visits"), COORDINATOR, "/visits/", LIST_TIMES, LIST_QUERIES),
    MeasuredPage(_("Home"), COORDINATOR, "/", PAGE_TIMES, PAGE_QUERIES),
    MeasuredPage(_("Home"), TEACHER, "/", PAGE_TIMES, PAGE_QUERIES),
    MeasuredPage(_("The child's file"), COORDINATOR, "/children/{child}/", PAGE_TIMES, PAGE_QUERIES),
    MeasuredPage(_("The child's file"), TEACHER, "/children/{child}/", PAGE_TIMES, PAGE_QUERIES),
    MeasuredPage(_("Form of a visit"), TEACHER, NEW_VISIT, FORM_TIMES, PAGE_QUERIES),
    MeasuredPage(_("Form of a child"), COORDINATOR, "/children/{child}/edit/", FORM_TIMES, PAGE_QUERIES),
    MeasuredPage(_("Form of a child"), TEACHER, "/children/{child}/edit/", FORM_TIMES, PAGE_QUERIES),
    MeasuredPage(_("Saving a visit"), TEACHER, NEW_VISIT, PAGE_TIMES, None, saves=True),
)


@dataclass(frozen=True)
class Cost:
    """The cost of a page: SQL statements, and the median processor time of a request in seconds."""

    queries: int
    seconds: float


def measure(port: int, requests: int) -> tuple[Cost, list[Cost]]:
    """Return the cost of the floor and of each of PAGES; by turns, so that noise hits all of them alike."""
    runs = [floor_run(signed_in(port, COORDINATOR)), *(page_run(page, port) for page in PAGES)]
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
class PageRun:
    """The measurement of one page. `prepare` returns a callable that sends the request, and is not measured itself."""

    browser: Browser
    prepare: Callable[[], Callable]

    def __post_init__(self):
        self.costs: list[float] = []

    def warm(self) -> None:
        for _request in range(WARMUP_REQUESTS):
            self.prepare()()

    def measure(self) -> None:
        self.costs.append(self.browser.cost(self.prepare()))

    def result(self) -> Cost:
        return Cost(self.browser.count_queries(self.prepare()), median(self.costs))


def floor_run(browser: Browser) -> PageRun:
    return PageRun(browser, lambda: lambda: browser.get(f"/{FLOOR}"))


def page_run(page: MeasuredPage, port: int) -> PageRun:
    """Return the run of a page in a session of its own, so that messages do not appear on other pages."""
    browser = signed_in(port, page.role)
    link = CHILD_LINK.search(browser.get("/children/"))
    if not link:
        raise UnexpectedResponse(f"/children/: {page.role}")
    path = page.path.format(child=link[1])
    if not page.saves:
        return PageRun(browser, lambda: lambda: browser.get(path))

    def prepare_post():
        values = FormParser(browser.get(path)).values | {"observed": "房屋整洁，作业按时完成。"}
        return lambda: browser.post(path, values)

    return PageRun(browser, prepare_post)
