"""Keeping away from somebody, and telling the hosts. The other is never told."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.access import joined_required, me
from members.blocks import Block
from members.concerns import KEPT_FOR, Concern
from members.forms_safety import ConcernForm
from members.models import Member


def _known(request: HttpRequest) -> QuerySet[Member]:
    """Whom this member sees here, and those they keep away from."""
    seen = Member.objects.seen_by(me(request)).exclude(pk=me(request).pk)
    return Member.objects.joined().filter(Q(pk__in=seen.values("pk")) | Q(blocked_by__member=me(request)))


@joined_required
@require_safe
def apart(request: HttpRequest) -> HttpResponse:
    """From whom I keep away, for me alone."""
    blocks = Block.objects.filter(member=me(request)).select_related("other").order_by("-created_at")
    return render(request, "members/apart.html", {"blocks": blocks})


@joined_required
@require_POST
def distance(request: HttpRequest, code: str) -> HttpResponse:
    """We do not see each other here any more."""
    other = get_object_or_404(_known(request), code=code)
    Block.objects.keep_away(me(request), other, now=timezone.now())
    return redirect("apart")


@joined_required
@require_POST
def distance_removal(request: HttpRequest, code: str) -> HttpResponse:
    """As before."""
    block = get_object_or_404(Block.objects.select_related("other"), member=me(request), other__code=code)
    Block.objects.let_near(me(request), block.other)
    messages.success(request, _("As before."))
    return redirect("apart")


@joined_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def concern(request: HttpRequest, code: str = "") -> HttpResponse:
    """Tell the hosts something, about somebody I see here or somebody I can name."""
    about = get_object_or_404(_known(request), code=code) if code else None
    form = ConcernForm(request.POST if request.method == "POST" else None, chosen=about is not None)
    if request.method == "POST" and form.is_valid() and _tell(request, form, about):
        return redirect("concerns_mine")
    context = {"form": form, "about": about}
    return render(request, "members/concern.html", context, status=422 if form.errors else 200)


def _tell(request: HttpRequest, form: ConcernForm, about: Member | None) -> bool:
    said, now = form.cleaned_data, timezone.now()
    values = {"kind": said["kind"], "who": said.get("who", ""), "named": said["named"] == "yes"}
    try:
        Concern.objects.tell(me(request), about, said["text"], **values, now=now)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    if about and said.get("apart"):
        Block.objects.keep_away(me(request), about, now=now)
    return True


@joined_required
@never_cache
@require_safe
def concerns_mine(request: HttpRequest) -> HttpResponse:
    """What I told the hosts, and whether one has looked. No message says so beforehand: it would lie in the session."""
    told = Concern.objects.told_by(me(request), since=timezone.localdate() - KEPT_FOR)
    return render(request, "members/concerns_mine.html", {"told": told})
