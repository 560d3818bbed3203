"""Replace or remove the photo of a child; the stored files follow the committed row."""

from django.db import transaction

from carebase.audit.context import acting_as
from carebase.files import pictures, private
from registry.models import Child


def set_photo(*, child: Child, data: bytes, by) -> Child:
    """Make `data` the photo of the child in two sizes; raise ValidationError saying why it is none.

    Unpacked and written before the transaction, which is then short; the old photo goes when the new one is committed.
    """
    return replace_photo(child, private.store(**pictures.photo_sizes(data)), by)


def remove_photo(*, child: Child, by) -> Child:
    return replace_photo(child, "", by)


def replace_photo(child: Child, name: str, by) -> Child:
    with acting_as(by), transaction.atomic():
        current = Child.objects.lock_visible_to(by, child.pk)
        private.remove_on_commit(current.photo)
        current.photo = name
        current.save()
    return current
