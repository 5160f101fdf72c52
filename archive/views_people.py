"""Somebody whom a list names says yes or no, without signing in: the mail is the key."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from archive import people_mails
from archive.people import Answer
from members.access import private
from members.adapter import sign_in

UNPROCESSABLE = 422


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def listed_person(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what the list says and changes nothing; POST says yes or no. A new account is signed in at once."""
    now = timezone.now()
    person = people_mails.of(token, now=now)
    if person is None:
        raise Http404
    if request.method == "POST" and person.answered_at is None:
        said = request.POST.get("answer")
        if said not in {Answer.YES, Answer.NO}:
            return _page(request, token, status=UNPROCESSABLE)
        if said == Answer.NO:
            person.refuse(now=now)
        elif (found := person.agree(now=now)) is not None and found[1]:
            # Nothing is theirs yet but these mornings; from now on a code by mail opens the account.
            sign_in(request, found[0])
            return private(redirect("profile"))
        return private(redirect(request.path))
    return _page(request, token)


def _page(request: HttpRequest, token: str, *, status: int = 200) -> HttpResponse:
    person = people_mails.of(token, now=timezone.now())
    if person is None:
        raise Http404
    sign_in_url = f"{reverse('account_login')}?{urlencode({'next': person.series.get_absolute_url()})}"
    context = people_mails.told(person) | {"sign_in_url": sign_in_url, "agreed": person.answer == Answer.YES}
    return private(render(request, "archive/listed_person.html", context, status=status))
