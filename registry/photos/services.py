"""Replacing or removing the photo of a child."""

from django.db import transaction

from carebase.audit.context import acting_as
from carebase.files import pictures, private
from registry.models import Child


def set_photo(*, child: Child, data: bytes, by) -> Child:
    """Store the photo in two sizes; raise ValidationError when `data` is not a usable picture.

    The files are written before the transaction, to keep it short; the old ones are deleted after its commit.
    """
    return replace_photo(child, private.store(**pictures.photo_sizes(data)), by)


def remove_photo(*, child: Child, by) -> Child:
    return replace_photo(child, "", by)


def replace_photo(child: Child, name: str, by) -> Child:
    with acting_as(by), transaction.atomic():
        current = Child.objects.lock_visible_to(by, child.pk, "registry.change_photo")
        private.remove_on_commit(current.photo)
        current.photo = name
        current.save()
    return current
