from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.folding import digits, sort_key
from core.models import FollowsParent, SoftDelete, SoftDeleteQuerySet, TimeStamped, Versioned
from core.permissions import may
from core.search import Searchable, named_from, searchable
from core.validators import validate_paragraphs, validate_single_line
from members import permissions as p
from members.enums import OrganizationType
from members.folding import name_key, place_key
from members.models.address import Address
from members.validators import validate_phone


class OrganizationQuerySet(SoftDeleteQuerySet):
    def visible_to(self, user):
        """Everybody who may see organizations sees all of them; deleted ones only those who may restore."""
        rows = self.ever_visible_to(user)
        return rows if may(user, p.RESTORE_ORGANIZATIONS) else rows.alive()

    def ever_visible_to(self, user):
        """Also the deleted rows that `user` would see alive: no more is told of them than that they are gone."""
        if may(user, (p.VIEW_ORGANIZATIONS, p.RESTORE_ORGANIZATIONS)):
            return self.all()
        return self.none()


class Organization(SoftDelete, Versioned, TimeStamped, Address, Searchable):
    name = models.CharField(_("name"), max_length=200, validators=[validate_single_line])
    org_type = models.CharField(
        _("type"), max_length=20, choices=OrganizationType.choices, default=OrganizationType.EMPLOYER
    )
    website = models.URLField(_("website"), blank=True, validators=[validate_single_line])
    sort_name = models.CharField(max_length=200, editable=False)
    name_key = models.CharField(max_length=200, editable=False)
    place_key = models.CharField(max_length=120, editable=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged_records"
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        permissions = [
            (p.RESTORE_ORGANIZATIONS.codename, "Can restore organizations"),
            (p.MERGE_ORGANIZATIONS.codename, "Can merge organizations"),
            (p.EXPORT_ORGANIZATIONS.codename, "Can export organizations"),
        ]
        indexes = [
            models.Index(fields=["sort_name", "id"], name="organization_sort", condition=Q(deleted_at=None)),
            models.Index(fields=["created_at", "id"], name="organization_created", condition=Q(deleted_at=None)),
            models.Index(fields=["updated_at", "id"], name="organization_changed"),
            models.Index(fields=["name_key", "place_key"], name="organization_match"),
            GinIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="organization_search"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization_detail", args=[self.pk])

    def fill_keys(self) -> None:
        """Columns computed from others; called before every save and by the bulk writer."""
        self.sort_name = sort_key(self.name) or "~"
        self.name_key = name_key(self.name)
        self.place_key = place_key(self.city, self.state)
        self.search_text = searchable(
            self.name, self.city, self.get_state_display(), self.state, self.email, digits(self.phone)
        )

    @staticmethod
    def of_short_word(word: str) -> Q:
        return named_from(word)


class ContactQuerySet(FollowsParent):
    parent = "organization"


class OrganizationContact(Versioned, TimeStamped):
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="contacts", verbose_name=_("organization")
    )
    first_name = models.CharField(_("first name"), max_length=100, validators=[validate_single_line])
    last_name = models.CharField(_("last name"), max_length=100, validators=[validate_single_line])
    title = models.CharField(_("title"), max_length=100, blank=True, validators=[validate_single_line])
    phone = models.CharField(_("phone"), max_length=30, blank=True, validators=[validate_phone])
    email = models.EmailField(_("e-mail address"), blank=True)
    is_primary = models.BooleanField(_("main contact"), default=False)
    notes = models.TextField(_("notes"), max_length=4000, blank=True, validators=[validate_paragraphs])

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["-is_primary", "last_name", "first_name", "id"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(is_primary=True),
                name="contact_one_primary",
                violation_error_message=_("This organization already has a main contact."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}"
