"""Password rules beside Django's own."""

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext


class MaximumLengthValidator:
    """Refuses a password so long that hashing it would be an attack."""

    def __init__(self, max_length: int = 128):
        self.max_length = max_length

    def validate(self, password, user=None):
        if len(password) > self.max_length:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self):
        return (
            ngettext(
                "Your password may hold at most %d character.",
                "Your password may hold at most %d characters.",
                self.max_length,
            )
            % self.max_length
        )
