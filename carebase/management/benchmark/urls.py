"""The URLs of the site, and the floor that its pages are compared with."""

from django.http import HttpResponse
from django.urls import path

from carebase.urls import urlpatterns as site
from registry.models import Child

FLOOR = "bench/floor/"
ROWS = 25


def floor(request):
    """A bare view for a signed-in user: one indexed query for 25 records, no template."""
    children = Child.objects.order_by("village_id", "pinyin")[:ROWS]
    return HttpResponse("\n".join(f"{child.code} {child.name} {child.village_id}" for child in children))


urlpatterns = [path(FLOOR, floor), *site]
