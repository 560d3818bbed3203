"""`manage.py work`: a worker process for background jobs."""

import signal

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from carebase.jobs.worker import Worker

POLL_SECONDS = 1  # short, since no request wakes this process


class Command(BaseCommand):
    help = _(
        "Do long work such as imports in a process of its own, for JOBS=process; as many as wanted may run side by "
        "side. Ctrl-C or SIGTERM ends it, and what it was doing is taken up by the next."
    )

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help=_("end when nothing waits any more"))

    def handle(self, *, once: bool, **options):
        worker = Worker(POLL_SECONDS)
        if once:
            while worker.work():
                pass
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: worker.stop())
        worker.loop()
