from django.urls import path

from archive import feeds, sitemaps, views, views_exports
from archive.bulletins import views as letters

urlpatterns = [
    path("archive/", views.archive, name="archive"),
    path("archive/suggestions/", views.suggestions, name="suggestions"),
    path("feed.atom", feeds.club, name="feed"),
    path("series/<slug:slug>/feed.atom", feeds.series, name="series_feed"),
    path("series/<slug:slug>/exports/", views_exports.series_exports, name="series_exports"),
    path("series/<slug:slug>/exports/<slug:kind>/", views_exports.series_export, name="series_export"),
    path("sitemap.xml", sitemaps.sitemap, name="sitemap"),
    path("robots.txt", sitemaps.robots, name="robots"),
    path("bulletins/", letters.bulletins, name="bulletins"),
    path("bulletins/<slug:code>/", letters.bulletin, name="bulletin"),
    path("sessions/<slug:code>/bulletin/", letters.session_bulletin, name="session_bulletin"),
    path("sessions/<slug:code>/bulletin/mail/", letters.session_bulletin_mail, name="session_bulletin_mail"),
]
