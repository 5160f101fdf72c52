"""My data: what I agreed to, everything as a file, and deleting the account. Only for who signed in just now."""

from typing import cast

from django import forms
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import erasing
from members.access import me
from members.exports import DataExport
from members.models import Consent
from members.proof import lately


class ErasureForm(forms.Form):
    sure = forms.BooleanField(
        label=_("I know that this cannot be taken back."),
        error_messages={"required": _("Please tick this if you are sure.")},
    )


@never_cache
@require_safe
def _my_data(request: HttpRequest) -> HttpResponse:
    """What I agreed to and when, the file if there is one, and the way out."""
    context = {
        "export": DataExport.objects.filter(member=me(request)).first(),
        "consents": Consent.objects.filter(member=me(request)).order_by("given_at", "pk"),
    }
    return render(request, "members/my_data.html", context)


@require_POST
def _data_file(request: HttpRequest) -> HttpResponse:
    """Please make it."""
    DataExport.objects.ask(me(request), now=timezone.now())
    return redirect("my_data")


@never_cache
@require_safe
def _data_zip(request: HttpRequest, code: str) -> HttpResponse:
    """The file, for its owner alone."""
    export = get_object_or_404(DataExport, code=code, member=me(request), made_at__isnull=False)
    response = FileResponse(export.file.open(), as_attachment=True, filename="asakai.zip")
    return cast("HttpResponse", response)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def _erasure(request: HttpRequest) -> HttpResponse:
    """What goes and what stays; then, for who is sure, all of it at once."""
    form = ErasureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            erasing.erase(me(request), now=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            logout(request)
            return render(request, "members/erased.html")
    return render(request, "members/erasure.html", {"form": form}, status=422 if form.errors else 200)


my_data = lately(_my_data)
data_file = lately(_data_file, back="my_data")
data_zip = lately(_data_zip, back="my_data")
erasure = lately(_erasure)
