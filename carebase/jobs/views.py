"""The progress page of a job, which reloads itself, and the response of a view that has enqueued one."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import View

from carebase.jobs import progress, queue, services, worker
from carebase.jobs.models import Job
from carebase.jobs.tasks import TASKS
from carebase.views import ScopedView

RELOAD_SECONDS = 2  # seconds
CANCEL_WAIT_SECONDS = 2.0


def job_response(
    request: HttpRequest, job: Job, *, refused: Callable | None = None, seconds: float = 2.0
) -> HttpResponse:
    """Redirect to the result if it comes within `seconds`, or else to the progress page.

    A failed job redirects back with the reason, or returns `refused(message)`, where a form can keep the input.
    """
    job = services.wait_for(job, seconds)
    if job.state == Job.State.DONE:
        return HttpResponseRedirect(job.url)
    if job.state != Job.State.FAILED:
        return HttpResponseRedirect(job.get_absolute_url())
    if refused:
        return refused(job.message)
    messages.error(request, job.message)
    return HttpResponseRedirect(job.back)


class JobDetailView(ScopedView):
    """The progress of a job, for the user who started it; a POST cancels it."""

    model = Job

    def dispatch(self, request, *args, **kwargs):
        return View.dispatch(self, request, *args, **kwargs)  # no permission needed beyond having started it

    def get(self, request, code):
        job = self.get_object()
        if queue.is_dead(job):
            queue.requeue(job)
            job.refresh_from_db()
        if job.open:
            worker.wake_worker()
        else:
            progress.remove_files(job.code)
        if job.state == Job.State.DONE:
            return HttpResponseRedirect(job.url)
        return self.show(job, still="still" in request.GET)

    def post(self, request, code):
        job = self.get_object()
        services.cancel(job, by=self.user)
        job = services.wait_for(job, CANCEL_WAIT_SECONDS)
        if job.state == Job.State.CANCELLED:
            messages.info(request, _("Cancelled; nothing was saved."))
            return HttpResponseRedirect(job.back)
        return HttpResponseRedirect(job.get_absolute_url())

    def show(self, job: Job, *, still: bool) -> HttpResponse:
        done, total = progress.read_progress(job.code) if job.state == Job.State.RUNNING else (0, 0)
        task = TASKS.get(job.kind)
        context = {
            "title": str(task.title) if task else _("Background work"),
            "job": job,
            "done": done,
            "total": total,
            "percent": 100 * done // total if total else None,
            "ending": progress.cancel_requested(job.code),
            "still": still,
        }
        response = render(self.request, "jobs/job_detail.html", context)
        if job.open and not still:
            # A header instead of a <meta> tag, so that the page with `?still` can be the same template.
            response["Refresh"] = str(RELOAD_SECONDS)
        return response
