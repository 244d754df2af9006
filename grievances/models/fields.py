from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models

from core.validators import validate_paragraphs, validate_sensible_date, validate_single_line

LONGEST_TEXT = 20_000
LONGEST_NOTE = 4_000


def paragraphs(label: Any, limit: int = LONGEST_TEXT, **options: Any) -> Any:
    """A text of several lines whose length the model holds too: TextField leaves that to the form."""
    validators: list[Any] = [MaxLengthValidator(limit), validate_paragraphs]
    return models.TextField(label, max_length=limit, validators=validators, **options)


def line(label: Any, limit: int = 200, **options: Any) -> Any:
    return models.CharField(label, max_length=limit, validators=[validate_single_line], **options)


def dated(label: Any, **options: Any) -> Any:
    return models.DateField(label, validators=[validate_sensible_date], **options)


def any_day(label: Any) -> Any:
    return dated(label, null=True, blank=True)


def person(label: Any, **options: Any) -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=label, **options)
