"""Who our guests are: speakers and their books. A speaker is a record without an account."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members import photos
from members.fields import CodeField, LineField, ProseField
from speakers import covers


class Speaker(models.Model):
    """A guest of the club, shown as ゲスト. Contact details are for hosts only."""

    class Honorific(models.TextChoices):
        SAN = "san", "さん"
        SENSEI = "sensei", "先生"

    code = CodeField()
    name = LineField(_("name"), max_length=120)
    yomi = LineField(_("reading"), max_length=120, blank=True)
    romaji = LineField(_("name in Latin letters"), max_length=120, blank=True)
    honorific = models.CharField(_("form of address"), max_length=10, choices=Honorific, default=Honorific.SAN)
    title = LineField(_("who they are, in one line"), max_length=160, blank=True)
    bio = ProseField(_("about them"), max_length=5000, blank=True)
    links = ProseField(_("links"), max_length=600, blank=True)
    photo = models.FileField(upload_to=photos.random_name, max_length=200, blank=True, editable=False)
    language = models.CharField(_("language"), max_length=8, default="ja")
    email = models.EmailField(_("mail address"), max_length=254, blank=True)
    contact_name = LineField(_("contact person (editor, secretary)"), max_length=120, blank=True)
    contact_email = models.EmailField(_("the contact person's mail address"), max_length=254, blank=True)
    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="speaker"
    )
    # Where an imported guest came from: group and folded name. The same name elsewhere is another person.
    source = models.CharField(max_length=300, null=True, blank=True, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("guest")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("speaker", args=[self.code])

    @property
    def photo_url(self) -> str:
        """Where the photo is, if there is one."""
        return photo_url(self.code, str(self.photo))

    @property
    def addresses(self) -> list[str]:
        """The links one by one."""
        return self.links.split()

    @property
    def display_name(self) -> str:
        return (self.romaji if get_language() == "en" else "") or self.name

    @property
    def san(self) -> str:
        """What follows the name in Japanese."""
        return str(self.get_honorific_display()) if get_language() == "ja" else ""


def photo_url(code: str, stored: str) -> str:
    """Where the photo of this guest is; another photo is another address, so that no browser shows the old one."""
    return f"{reverse('speaker_photo', args=[code])}?{stored.rpartition('/')[2][:8]}" if stored else ""


class Book(models.Model):
    """A book of a guest."""

    code = CodeField()
    speaker = models.ForeignKey(Speaker, on_delete=models.CASCADE, related_name="books")
    title = LineField(_("title"), max_length=200)
    subtitle = LineField(_("subtitle"), max_length=200, blank=True)
    publisher = LineField(_("publisher"), max_length=120, blank=True)
    isbn = models.CharField(_("ISBN"), max_length=13, blank=True)
    published_on = models.DateField(_("published"), null=True, blank=True)
    cover = models.FileField(upload_to=covers.file_name, max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("book")
        ordering = ["-published_on", "pk"]
        constraints = [models.UniqueConstraint(fields=["speaker", "title"], name="book_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def picture(self) -> covers.Shown | None:
        """The cover somebody gave; None, and it is drawn from the title."""
        return covers.shown(self.code, str(self.cover))
