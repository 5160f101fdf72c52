"""Pages about the club and its people."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views import i18n
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.access import joined_required, me
from members.forms import ProfileForm
from members.models import Member


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the club is, and its rules."""
    return render(request, "members/about.html")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """My own profile. Sending it for the first time is joining."""
    member = Member.objects.get(pk=me(request).pk)
    target = request.POST.get("next") or request.GET.get("next") or ""
    form = ProfileForm(request.POST or None, instance=member)
    if request.method == "POST" and form.is_valid():
        joining = not member.has_profile
        form.join(now=timezone.now())
        messages.success(request, _("Welcome to the club.") if joining else _("Your profile is saved."))
        if url_has_allowed_host_and_scheme(target, allowed_hosts=None):
            return redirect(target)
        return redirect("front" if joining else "profile")
    return render(request, "members/profile.html", {"form": form, "next": target})


@joined_required
@require_safe
def member(request: HttpRequest, code: str) -> HttpResponse:
    """A member as the others see them."""
    seen = Member.objects.joined().visible_to(me(request))
    return render(request, "members/member.html", {"member": get_object_or_404(seen, code=code)})


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
