"""How a kept photo is answered, once somebody has been found to be allowed to see it."""

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse

from members.photos import stored

# A photo that was changed or hidden is gone from a reader's own cache this soon.
SECONDS = 300


# A picture for everybody whose address changes with it.
FOR_EVER = "public, max-age=31536000, immutable"


def answer(photo: FieldFile | None, *, is_public: bool = False) -> HttpResponse:
    """The photo as it lies there, for this reader alone or for everybody; 404 where there is none."""
    body = stored(photo)
    if not body:
        raise Http404
    response = HttpResponse(body, content_type="image/jpeg")
    if is_public:
        response.headers["Cache-Control"] = FOR_EVER
    else:
        response.headers["Cache-Control"] = f"private, max-age={SECONDS}"
        response.headers["X-Robots-Tag"] = "noindex"
    return response
