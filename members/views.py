"""Pages about the club and its people."""

from email.utils import parseaddr

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import panels, photo_views, portraits
from members.access import joined_required, me
from members.carriers import CARRIERS
from members.forms import PRESETS, NewsForm, ProfileForm
from members.levels import WHO, Level
from members.models import Member
from members.news import News
from outbox import by_line
from outbox.models import Suppression

UNPROCESSABLE = 422


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the club is, and its rules."""
    return render(request, "members/about.html")


@require_safe
def mail_help(request: HttpRequest) -> HttpResponse:
    """What to do when our mails do not arrive: above all, letting our domain through a phone carrier's filter."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    context = {"sender": sender, "domain": sender.rpartition("@")[2], "carriers": CARRIERS}
    return render(request, "members/mail_help.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """My own profile. Sending it for the first time is joining."""
    member = Member.objects.get(pk=me(request).pk)
    target = request.POST.get("next") or request.GET.get("next") or ""
    preset = request.POST.get("preset", "")
    form = ProfileForm(
        ProfileForm.preset(request.POST, preset) or None, request.FILES or None, instance=member, sender=member
    )
    photo_said = form.settle_photo() if request.method == "POST" else ""
    if request.method == "POST" and not preset and not form.takes_photo_away and form.is_valid():
        joining = not member.has_profile
        form.join(now=timezone.now())
        messages.success(request, _("Welcome to the club.") if joining else _("Your profile is saved."))
        if url_has_allowed_host_and_scheme(target, allowed_hosts=None):
            return redirect(target)
        return redirect("front" if joining else "profile")
    if photo_said:
        messages.success(request, photo_said)
    context = {"form": form, "next": target, "presets": PRESETS, "line_is_on": by_line.is_on()}
    context["mails_return"] = Suppression.objects.holds(member.email)
    is_refused = request.method == "POST" and not preset and not form.takes_photo_away and bool(form.errors)
    return render(request, "members/profile.html", context, status=UNPROCESSABLE if is_refused else 200)


@require_safe
def member(request: HttpRequest, code: str) -> HttpResponse:
    """A member as this reader may see them; whoever made the name public has a page for everybody."""
    public = Member.objects.seen_by(AnonymousUser()).filter(code=code).first()
    if public and not request.user.is_authenticated:
        return render(request, "members/member.html", {"member": public})
    return _member(request, code)


@joined_required
def _member(request: HttpRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Member.objects.seen_by(me(request)), code=code)
    news = News.objects.seen_by(me(request)).filter(member=found.pk).first()
    told = panels.of(me(request), found, now=timezone.now())
    return render(request, "members/member.html", {"member": found, "news": news, "panels": told})


@login_required
@require_safe
def member_photo(request: HttpRequest, code: str, size: str) -> HttpResponse:
    """The photo of a member, for whoever may see it now; one's own always."""
    found = portraits.shown_by(code, me(request))
    if found is None:
        raise Http404
    return photo_views.answer({"large": found.photo, "small": found.photo_small}.get(size))


@joined_required
@require_http_methods(["GET", "HEAD", "POST"])
def news(request: HttpRequest) -> HttpResponse:
    """What is new with me, in one line; saying it anew replaces it."""
    mine = News.objects.filter(member=me(request)).first()
    form = NewsForm(request.POST if request.method == "POST" else None, instance=mine)
    if request.method == "POST" and form.is_valid():
        News.objects.tell(me(request), **form.cleaned_data, now=timezone.now())
        messages.success(request, _("Your line is kept."))
        return redirect("news")
    return render(
        request, "members/news.html", {"form": form, "mine": mine}, status=UNPROCESSABLE if form.errors else 200
    )


@joined_required
@require_POST
def news_removal(request: HttpRequest) -> HttpResponse:
    """I want my line gone, from the letters too."""
    News.objects.filter(member=me(request)).delete()
    messages.success(request, _("Your line is gone."))
    return redirect("news")


@joined_required
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """My own page as each of the others sees it."""
    myself = Member.objects.get(pk=me(request).pk)
    chosen = next((level for level in WHO if str(level.value) == request.GET.get("as")), Level.MORNING)
    is_hidden = myself.name_level < chosen
    seen = myself.as_oneself.as_seen_at(chosen)
    context = {"member": seen, "levels": WHO.items(), "chosen": chosen, "is_hidden": is_hidden}
    return render(request, "members/preview.html", context)


# Without a token, so that pages do not differ from view to view; from another site no session cookie comes along
# (SameSite), and then only a language cookie is set.
@csrf_exempt
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Japanese or English, from now on."""
    language = request.POST.get("language")
    if isinstance(request.user, Member) and language in dict(settings.LANGUAGES):
        Member.objects.filter(pk=request.user.pk).update(language=language)
    return i18n.set_language(request)
