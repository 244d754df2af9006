from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext_lazy as _

from core.enums import NoticeWay
from core.models import SiteSettings
from core.web.forms import VersionedModelForm

LOGO_BYTES = 512 * 1024
SIGNATURES = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg"}
# Zones of the United States first; the rest of the world by name.
USUAL_ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
]


def zone_choices() -> list[tuple[str, str]]:
    others = sorted(name for name in available_timezones() if "/" in name and not name.startswith(("Etc", "SystemV")))
    return [(name, name.replace("_", " ")) for name in [*USUAL_ZONES, *(set(others) - set(USUAL_ZONES))]]


class NoticeChoicesForm(forms.Form):
    """One field for each kind of notice that can reach the person."""

    def __init__(self, data: Any = None, *, kinds: Sequence[models.TextChoices], chosen: Mapping[str, str]) -> None:
        super().__init__(data)
        for kind in kinds:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=NoticeWay.choices, initial=chosen.get(kind.value, NoticeWay.AT_ONCE)
            )


class SiteSettingsForm(VersionedModelForm):
    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("Deadlines and dates follow this clock."))
    working_week = forms.TypedMultipleChoiceField(
        label=_("Working days"), coerce=int, choices=list(WEEKDAYS.items()), widget=forms.CheckboxSelectMultiple
    )
    fiscal_year_start = forms.TypedChoiceField(
        label=_("First month of the fiscal year"), coerce=int, choices=list(MONTHS.items())
    )

    class Meta:
        model = SiteSettings
        fields = ["name", "number", "address", "logo", "time_zone", "clock", "working_week", "fiscal_year_start"]
        widgets = {"address": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rest = sorted(zone_choices()[len(USUAL_ZONES) :])
        self.fields["time_zone"].choices = [*zone_choices()[: len(USUAL_ZONES)], *rest]  # type: ignore[attr-defined]
        self.fields["logo"].help_text = _("PNG or JPEG, at most 512 kB.")
        self.fields["logo"].widget = forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg"})

    def clean_logo(self) -> Any:
        """Known by its first bytes, not by its name; stored under a name of ours."""
        logo = self.cleaned_data["logo"]
        if not isinstance(logo, UploadedFile):
            return logo or ""
        if logo.size > LOGO_BYTES:  # type: ignore[operator]
            raise ValidationError(_("This file is larger than 512 kB. Make the picture smaller."))
        start = logo.read(8)
        logo.seek(0)
        suffix = next((suffix for signature, suffix in SIGNATURES.items() if start.startswith(signature)), "")
        if not suffix:
            raise ValidationError(_("This is not a PNG or JPEG picture. Save it as one of these and try again."))
        logo.name = f"logo{suffix}"
        return logo

    def facts(self, site: SiteSettings) -> list[tuple[Any, Any]]:
        """The settings in words, for those who may not change them."""
        days = dict(WEEKDAYS)
        return [
            (_("Name"), site.name),
            (_("Number"), site.number),
            (_("Address"), site.address),
            (_("Time zone"), site.time_zone.replace("_", " ")),
            (_("Times"), site.get_clock_display()),
            (_("Working days"), ", ".join(str(days[day]) for day in site.working_week)),
            (_("Fiscal year starts in"), MONTHS[site.fiscal_year_start]),
        ]
