"""Headers that every answer carries, the error pages and the files included."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# No nonce: nothing is inline, and a nonce would make every page different and a 304 impossible.
CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
)


def policy() -> str:
    """The policy of this installation: a form that leads to a provider's sign-in page is redirected there."""
    places = [urlsplit(one["authorize_url"]) for one in settings.SIGN_IN_BY.values()]
    origins = "".join(f" {place.scheme}://{place.netloc}" for place in places)
    return CONTENT_SECURITY_POLICY.replace("form-action 'self'", f"form-action 'self'{origins}")


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Add the content security policy; keep signed-in pages out of shared caches."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy())
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=()")
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    return middleware
