"""The home page: tasks, figures and lists that the apps register for the signed-in user."""

from django.shortcuts import render
from django.utils.translation import gettext as _

from carebase.reports.home.figures import Office
from registry.hooks import home_figure, home_list, home_task


def home(request):
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
    """Return why the user sees nothing yet; "" for roles that see no child and no figures anyway."""
    needs_posting = user.has_perm("registry.view_child") or user.has_perm("reports.view_term")
    if not needs_posting or user.reach:
        return ""
    return _("You have no posting in force, so you see nothing yet. A second person must approve it; please ask them.")
