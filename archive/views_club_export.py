"""The whole club as a file, for operators. Taking one in is a command: the page says why."""

from __future__ import annotations

from typing import cast

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from archive import club_exports
from archive.club_exports import ClubExport
from members.access import me
from members.models import Activity
from members.views_operator import operator_only


@operator_only
@require_http_methods(["GET", "HEAD", "POST"])
def club_export(request: HttpRequest) -> HttpResponse:
    """What is in it, how far it is; POST asks for it."""
    if request.method == "POST":
        ClubExport.objects.ask(now=timezone.now(), actor=me(request))
        return redirect("club_export")
    export = ClubExport.objects.first()
    progress = club_exports.progress() if export and export.is_coming else None
    return render(request, "archive/club_export.html", {"export": export, "progress": progress})


@operator_only
@require_POST
def club_export_file(request: HttpRequest) -> HttpResponse:
    """The file. Each time it is taken is on record: that is why it is no GET."""
    export = ClubExport.objects.filter(made_at__isnull=False).first()
    if export is None:
        raise Http404
    Activity.record(me(request), "club.export.taken", "club", now=timezone.now())
    name = f"club-{timezone.localdate(export.made_at).isoformat()}.zip"
    response = FileResponse(export.file.open(), as_attachment=True, filename=name, content_type="application/zip")
    return cast("HttpResponse", response)


@operator_only
@require_POST
def club_export_removal(_request: HttpRequest) -> HttpResponse:
    """Throw it away before its time."""
    for export in ClubExport.objects.all():
        export.discard()
    return redirect("club_export")
