from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchWord(models.Model):
    """A word of some name, and the same word with one letter left out: how a slip of the finger is forgiven.

    Two words one slip apart share a variant, so the lookup is an equality on an index on both databases.
    """

    variant = models.CharField(max_length=40)
    word = models.CharField(max_length=40)

    class Meta:
        verbose_name = _("search word")
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["variant", "word"], name="search_word_variant")]

    def __str__(self) -> str:
        return self.word
