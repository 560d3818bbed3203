"""The addresses of the site, and the floor that its pages are measured against."""

from django.http import HttpResponse
from django.urls import path

from carebase.urls import urlpatterns as site
from registry.models import Child

FLOOR = "bench/floor/"
ROWS = 25


def floor(request):
    """A bare view of a signed-in user: one indexed query, no template."""
    rows = Child.objects.order_by("village_id", "pinyin").values_list("code", "name", "village_id")[:ROWS]
    return HttpResponse("\n".join(" ".join(row) for row in rows))


urlpatterns = [path(FLOOR, floor), *site]
