"""How a kept photo is answered, once somebody has been found to be allowed to see it."""

from django.db.models.fields.files import FieldFile
from django.http import Http404, HttpResponse

# A photo that was changed or hidden is gone from a reader's own cache this soon.
SECONDS = 300


# A picture for everybody whose address changes with it.
FOR_EVER = "public, max-age=31536000, immutable"


def answer(photo: FieldFile | None, *, is_public: bool = False) -> HttpResponse:
    """The photo as it lies there, for this reader alone or for everybody; 404 where there is none."""
    if not photo:
        raise Http404
    try:
        with photo.open() as stored:
            response = HttpResponse(stored.read(), content_type="image/jpeg")
    except FileNotFoundError as gone:
        raise Http404 from gone
    if is_public:
        response.headers["Cache-Control"] = FOR_EVER
    else:
        response.headers["Cache-Control"] = f"private, max-age={SECONDS}"
        response.headers["X-Robots-Tag"] = "noindex"
    return response
