from django.urls import include, path

from archive import (
    feeds,
    sitemaps,
    views,
    views_activity,
    views_exports,
    views_figures,
    views_intakes,
    views_record,
)
from archive.bulletins import views as letters

urlpatterns = [
    path("", include("archive.api.urls")),
    path("archive/", views.archive, name="archive"),
    path("archive/figures/", views_figures.figures, name="figures"),
    path("archive/suggestions/", views.suggestions, name="suggestions"),
    path("archive/suggestions/guests/", views.guest_suggestions, name="guest_suggestions"),
    path("feed.atom", feeds.club, name="feed"),
    path("series/<slug:slug>/feed.atom", feeds.series, name="series_feed"),
    path("series/<slug:slug>/activity/", views_activity.series_activity, name="series_activity"),
    path("series/<slug:slug>/exports/", views_exports.series_exports, name="series_exports"),
    path("series/<slug:slug>/exports/<slug:kind>/", views_exports.series_export, name="series_export"),
    path("series/<slug:slug>/imports/", views_intakes.intakes, name="intakes"),
    path("series/<slug:slug>/imports/fetching/", views_intakes.fetch, name="intake_fetch"),
    path("series/<slug:slug>/imports/<slug:code>/", views_intakes.intake, name="intake"),
    path("series/<slug:slug>/imports/<slug:code>/columns/", views_intakes.columns, name="intake_columns"),
    path("series/<slug:slug>/imports/<slug:code>/taking/", views_intakes.taking, name="intake_taking"),
    path("series/<slug:slug>/imports/<slug:code>/undoing/", views_intakes.undoing, name="intake_undoing"),
    path("series/<slug:slug>/imports/<slug:code>/removal/", views_intakes.removal, name="intake_removal"),
    path("series/<slug:slug>/imports/<slug:code>/refused.csv", views_intakes.refused, name="intake_refused"),
    path("operator/record/", views_record.operator_record, name="operator_record"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("bulletins/", letters.bulletins, name="bulletins"),
    path("bulletins/<slug:code>/", letters.bulletin, name="bulletin"),
    path("sessions/<slug:code>/bulletin/", letters.session_bulletin, name="session_bulletin"),
    path("sessions/<slug:code>/bulletin/mail/", letters.session_bulletin_mail, name="session_bulletin_mail"),
]
