from django.urls import path, re_path

from archive.api import pages, views

urlpatterns = [
    path("profile/tokens/", pages.tokens, name="api_tokens"),
    path("profile/tokens/<slug:code>/end/", pages.token_end, name="api_token_end"),
    path("api/v1/openapi.json", views.description, name="api_document"),
    path("api/v1/series", views.all_series, name="api_all_series"),
    path("api/v1/series/<slug:slug>", views.one_series, name="api_series"),
    path("api/v1/sessions", views.sessions, name="api_sessions"),
    path("api/v1/sessions/<slug:code>", views.one_session, name="api_session"),
    path("api/v1/guests/<slug:code>", views.one_guest, name="api_guest"),
    path("api/v1/me/answers", views.my_answers, name="api_my_answers"),
    path("api/v1/me/attendances", views.my_attendances, name="api_my_attendances"),
    path("api/v1/hosted/sessions", views.hosted_sessions, name="api_hosted_sessions"),
    # A line break is part of a path too, and no converter takes one.
    re_path(r"^api/(?P<rest>[\s\S]*)\Z", views.nothing, name="api_nothing"),
]
