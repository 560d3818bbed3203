"""`manage.py work`: a worker process for background jobs."""

import signal

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from carebase.jobs.worker import Worker

POLL_SECONDS = 1  # short, since no request wakes this process


class Command(BaseCommand):
    help = _(
        "Run long work such as imports in a separate process, for JOBS=process; several can run side by "
        "side. Ctrl-C or SIGTERM ends it, and the next process takes over unfinished work."
    )

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help=_("exit when the queue is empty"))

    def handle(self, *, once: bool, **options):
        worker = Worker(POLL_SECONDS)
        if once:
            while worker.work():
                pass
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: worker.stop())
        worker.loop()
