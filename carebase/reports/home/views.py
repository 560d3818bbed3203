"""The home page: what the signed-in person may do next, put together from what the apps register for it."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from carebase.reports.home.figures import Office
from registry.hooks import home_figure, home_list, home_task


def home(request):
    """Show what the signed-in person does next."""
    user = request.user
    office = Office.of(user)
    context = {
        "title": _("Home"),
        "greeting": _("Welcome, %(name)s") % {"name": user.name},
        "notice": explain_missing_posting(user),
        "tasks": home_task.results_for(user, office),
        "figures": home_figure.results_for(user, office),
        "lists": home_list.results_for(user, office),
    }
    return render(request, "home.html", context)


def explain_missing_posting(user) -> str:
    """Return why somebody sees nothing yet; "" for those who need no posting for what they see.

    Who registers children or reads figures does so for an office. A carer and a counsellor are given single children.
    """
    for_an_office = user.has_perm("registry.add_child") or user.has_perm("reports.view_term")
    if not for_an_office or user.reach:
        return ""
    return _("No posting of yours is in force, so you see nothing yet. A second person approves it; please ask them.")
