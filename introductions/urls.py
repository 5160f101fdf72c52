from django.urls import path

from introductions import hosting, views, views_cards, views_circle, views_followup, views_policy, views_tables

urlpatterns = [
    path("introductions/", views.introductions, name="introductions"),
    path("introductions/consent/", views.agreement, name="introductions_consent"),
    path("introductions/pause/", views.pause, name="introductions_pause"),
    path("introductions/answer/<str:token>/", views.by_mail, name="introduction_by_mail"),
    path("introductions/afterwards/<str:token>/", views_followup.followup, name="introduction_followup"),
    path("series/<slug:slug>/stories/", views_followup.stories, name="series_stories"),
    path("introductions/<slug:code>/answer/", views.answer, name="introduction_answer"),
    path("introductions/<slug:code>/drop/", hosting.drop, name="introduction_drop"),
    path("introductions/<slug:code>/keeping/", hosting.keeping, name="introduction_keeping"),
    path("introductions/<slug:code>/lock/", hosting.lock, name="introduction_lock"),
    path("introductions/<slug:code>/unlocking/", hosting.unlocking, name="introduction_unlocking"),
    path("introductions/<slug:code>/swap/", hosting.swap, name="introduction_swap"),
    path("met/<slug:code>/", views_cards.memory, name="memory"),
    path("met/<slug:code>/cards/", views_cards.exchange, name="exchange"),
    path("met/<slug:code>/card.vcf", views_cards.vcf, name="vcard"),
    path("badge/", views_cards.badge, name="badge"),
    path("badge/<slug:code>/<str:token>/", views_cards.badge_scan, name="badge_scan"),
    path("sessions/<slug:code>/cards/", views_cards.cards, name="cards"),
    path("circle/", views_circle.circle, name="circle"),
    path("sessions/<slug:code>/tables/", views_tables.tables, name="tables"),
    path("sessions/<slug:code>/tables/plan/", views_tables.table_plan, name="table_plan"),
    path("sessions/<slug:code>/tables/seats/", views_tables.table_seat, name="table_seat"),
    path("sessions/<slug:code>/introductions/", hosting.proposals, name="session_introductions"),
    path("sessions/<slug:code>/introductions/matching/", hosting.matching, name="session_matching"),
    path("sessions/<slug:code>/introductions/time/", hosting.going, name="session_introductions_time"),
    path("series/<slug:slug>/introductions/", views_policy.policy, name="series_introductions"),
    path("sessions/<slug:code>/introductions/release/", hosting.release, name="session_release"),
]
