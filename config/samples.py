"""One-click sign-in as one of the sample people: local mode and tests, nowhere else."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from members.adapter import sign_in
from members.models import Member


@require_POST
def sign_in_as(request: HttpRequest, code: str) -> HttpResponse:
    """Refuses by itself in production, should the address ever be wired there by mistake."""
    if not (settings.LOCAL or settings.TEST):
        raise Http404
    sign_in(request, get_object_or_404(Member.objects.joined(), code=code, email__endswith="@example.com"))
    target = request.POST.get("next", "")
    return redirect(target if url_has_allowed_host_and_scheme(target, allowed_hosts=None) else "front")
