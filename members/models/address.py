from django.db import models
from django.utils.translation import gettext_lazy as _

from core.validators import validate_single_line
from members.enums import State
from members.validators import validate_phone, validate_zip_code


class Address(models.Model):
    address = models.CharField(_("street address"), max_length=200, blank=True, validators=[validate_single_line])
    city = models.CharField(_("city"), max_length=100, blank=True, validators=[validate_single_line])
    state = models.CharField(_("state"), max_length=2, blank=True, choices=State.choices)
    zip_code = models.CharField(_("ZIP code"), max_length=10, blank=True, validators=[validate_zip_code])
    phone = models.CharField(_("phone"), max_length=30, blank=True, validators=[validate_phone])
    email = models.EmailField(_("e-mail address"), blank=True)

    class Meta:
        abstract = True
