"""Replace or remove the photo of a child; the stored files follow the committed row."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext

from carebase.audit.context import acting
from carebase.files import pictures, private
from registry.models import Child


def locked(child: Child, by) -> Child:
    """Return the child's row anew, locked; raise ValidationError when `by` no longer sees the child."""
    current = Child.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=child.pk).first()
    if current is None:
        raise ValidationError(gettext("You no longer see this child; its class, school or village has changed."))
    return current


def set_photo(*, child: Child, data: bytes, by) -> Child:
    """Make `data` the photo of the child in two sizes; raise ValidationError saying why it is none.

    Unpacked and written before the transaction, which is then short; the old photo goes when the new one is committed.
    """
    return replace_photo(child, private.store(**pictures.photo_sizes(data)), by)


def remove_photo(*, child: Child, by) -> Child:
    return replace_photo(child, "", by)


def replace_photo(child: Child, name: str, by) -> Child:
    with acting(by), transaction.atomic():
        current = locked(child, by)
        private.drop(current.photo)
        current.photo = name
        current.save()
    return current
