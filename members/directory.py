"""Finding members by what they know, their trade, or their name: who lets this reader see it, and nobody else."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from members import audiences
from members.access import joined_required, me
from members.industries import Industry
from members.models import Member, MemberQuerySet
from members.profile import Occupation

# The second visit is the one that counts: from then on one may look around.
OPEN_FROM = 2
PER_PAGE = 48


class DirectoryForm(forms.Form):
    """Words, a trade, a kind of work; what is none of them is left out."""

    q = forms.CharField(
        label=_("What or whom are you looking for?"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    industry = forms.ChoiceField(label=_("trade"), choices=[("", _("any")), *Industry.choices], required=False)
    occupation = forms.ChoiceField(
        label=_("kind of work"), choices=[("", _("any")), *Occupation.choices], required=False
    )

    def people(self, viewer: Member) -> MemberQuerySet:
        """Those who match, as this reader may see them, in the order of the fifty sounds."""
        asked = self.cleaned_data if self.is_valid() else {}
        found = Member.objects.seen_by(viewer).shown_around().exclude(pk=viewer.pk)
        for line in ("industry", "occupation"):
            if value := asked.get(line):
                found = found.being(line, value)
        return found.saying(asked.get("q", "")).by_reading()


def is_open_to(viewer: Member) -> bool:
    """From the second morning on; for operators always. One query."""
    return viewer.is_staff or audiences.attended(viewer) >= OPEN_FROM


@joined_required
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """Faces, names and what one may ask them."""
    if not is_open_to(me(request)):
        return render(request, "members/directory_later.html", status=403)
    form = DirectoryForm(request.GET or None)
    page = Paginator(form.people(me(request)), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "form": form,
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number),
        "query": _query(request),
    }
    return render(request, "members/directory.html", context)


def _query(request: HttpRequest) -> str:
    """What the pages of the same list carry on."""
    asked = request.GET.copy()
    asked.pop("page", None)
    return f"{asked.urlencode()}&" if asked else ""
