"""Tasks, figures and lists of the home page that concern the registry, the reports, or several apps."""

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from carebase.accounts.models import Notice, User
from carebase.accounts.roles import Reach
from carebase.display import display
from carebase.reports.home.figures import task_entry
from carebase.reports.home.first_steps import next_step
from carebase.views import record_table
from registry.hooks import home_figure, home_list, home_task
from registry.models import Child, ImportBatch, Posting, Term
from visits.models import Visit

MAX_ROWS = 10  # of a list on the home page


@home_task(order=5)
def password_set_by_others(office) -> dict | None:
    """Return whom a user must ask who did not want a new password."""
    own = office.user.notices.recent().filter(kind=Notice.Kind.PASSWORD) if office.user.wait_started_at else ()
    if not own:
        return None
    title = _("Somebody else set your password")
    text = _(
        "%(who)s. If you did not ask for that, change your password now and tell your head, coordinator or "
        "system administrator."
    )
    setters = "、".join(f"{notice.by.name} ({notice.by.username}) {display(notice.at)}" for notice in own)
    url, label = reverse("password-change"), _("Change password")
    return task_entry(title, text % {"who": setters}, url, label, kind="warn")


@home_list(order=5, permission="accounts.supervise_user")
def notices_of_accounts(office) -> dict | None:
    """Return what others did to accounts below, or did unusually with theirs, for those who supervise them."""
    user = office.user
    accounts = User.objects.visible_to(user).exclude(pk=user.pk).order_by()
    notices = Notice.objects.recent().filter(account__in=accounts).exclude(by=user)[:MAX_ROWS]
    columns = (_("Account"), _("What happened"), _("By"), _("Time"))
    rows = [
        {
            "url": "",
            "cells": [notice.account.choice_label, notice.get_kind_display(), notice.by.name, display(notice.at)],
        }
        for notice in notices
    ]
    return {"title": _("Recent news of accounts"), "columns": columns, "rows": rows} if rows else None


@home_task(order=10, permission="registry.import_child")
def waiting_imports(office) -> dict | None:
    """Return the task of the previews that the user uploaded; only they decide on them."""
    waiting = ImportBatch.objects.previews_of(office.user)
    text = _("The rows have been read and await your confirmation; nothing has been saved yet.")
    title, url = _("Imports awaiting your confirmation"), f"{reverse('import-list')}?status=preview"
    return office.task_of_rows(waiting, title, text, url, _("Show the imports"))


@home_task(order=20, permission="registry.enrol_child")
def see_unplaced(office) -> dict | None:
    return office.task_of(
        "unplaced", _("Pupils without a class"), _("The class teacher sees a child only once it is placed in a class.")
    )


@home_task(order=50, permission="registry.add_term")
def missing_term(office) -> dict | None:
    if Term.objects.on(timezone.localdate()).exists():
        return None
    text = _("Today is not in any term. Until you add one, nobody can see which children are without contact.")
    title, url = _("The current term is missing"), reverse("admin:registry_term_add")
    return task_entry(title, text, url, _("Add the term"), kind="warn")


@home_task(order=55, permission="registry.add_division", unless="registry.view_child")
def first_steps(office) -> dict | None:
    return next_step()


@home_task(order=60, permission="registry.approve_posting")
def waiting_postings(office) -> dict | None:
    waiting = Posting.objects.visible_to(office.user).awaiting_approval()
    text = _("A posting gives no rights until a second person has approved it.")
    url = f"{reverse('admin:registry_posting_changelist')}?approved_by__isempty=1"
    return office.task_of_rows(waiting, _("Postings awaiting approval"), text, url, _("Show the postings"))


# Users who place pupils in classes work from the lists above.
@home_task(order=70, permission="registry.view_child", unless="registry.enrol_child")
def see_children(office) -> dict:
    text = _("Open a file, or find a child by name or pinyin initials.")
    return task_entry(_("Children"), text, reverse("child-list"), _("Show the children"))


@home_task(order=80, permission="registry.import_child")
def import_a_sheet(office) -> dict:
    text = _("Upload the registration form or a list of children. You see every row before anything is saved.")
    return task_entry(_("Import a sheet"), text, reverse("import-upload"), _("Import a sheet"))


@home_task(order=90, permission="reports.export_term")
def term_report(office) -> dict:
    text = _("One row for each child, with visits, talks, carer and goods, as a file for Excel or WPS.")
    return task_entry(_("Term report"), text, reverse("report-list"), _("Download the report"))


@home_task(order=100, permission="audit.view_event")
def audit_trail(office) -> dict:
    text = _("Who viewed, changed or exported what, in the places you audit.")
    return task_entry(_("Audit trail"), text, reverse("event-list"), _("Open the audit trail"))


@home_task(order=110, permission="registry.change_child", unless="accounts.view_user")
def files_in_admin(office) -> dict | None:
    return admin_task(
        office.user, _("The committee's admin site"), _("Manage files, guardianship, activities and donations there.")
    )


@home_task(order=110, permission="accounts.view_user", unless="registry.view_child")
def accounts_in_admin(office) -> dict | None:
    return admin_task(office.user, _("Admin site"), _("Accounts, places, schools, terms and postings."))


def admin_task(user, title: str, text: str) -> dict | None:
    return task_entry(title, text, reverse("admin:index"), _("Open the admin site")) if user.is_staff else None


@home_figure(order=10, permission="registry.close_child")
def count_own_files(office) -> dict:
    return {"label": _("children on file"), "value": office.total, "url": reverse("child-list")}


@home_figure(order=10, permission="reports.view_term", unless="registry.view_child")
def count_files(office) -> dict:
    return {"label": _("children on file"), "value": office.total}


@home_list(order=10, permission="pairing.view_pairing", unless="pairing.add_pairing")
def own_children(office) -> dict:
    own = Child.objects.reached_by(office.user, Reach.PAIRED)
    return by_last_contact(own, _("Children paired with you"), _("No child has been paired with you yet."))


@home_list(order=10, permission="registry.view_referral", unless="registry.add_referral")
def referred_children(office) -> dict:
    referred = Child.objects.reached_by(office.user, Reach.REFERRED)
    actions = [{"label": _("All referrals"), "url": reverse("referral-list"), "icon": "list"}]
    empty_text = _("No child has been referred to you yet.")
    return by_last_contact(referred, _("Children referred to you"), empty_text, actions=actions)


def by_last_contact(children, title: str, empty_text: str, **more) -> dict:
    """Return a table of `children`, those without contact for the longest time first."""
    last = Visit.objects.filter(child=OuterRef("pk")).order_by("-made_on").values("made_on")[:1]
    children = children.open().select_related("village").annotate(last_contact=Subquery(last))
    children = children.order_by(F("last_contact").asc(nulls_first=True), "pinyin", "pk")[:MAX_ROWS]
    columns = ((_("Name"), "name"), (_("Village"), "village"), (_("Last contact"), last_contact_text))
    return record_table(title, columns, children, empty_text=empty_text, **more)


def last_contact_text(child) -> str:
    return child.last_contact.isoformat() if child.last_contact else _("none yet")
