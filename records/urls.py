from django.urls import path

from records import views, views_words

urlpatterns = [
    path("sessions/<slug:code>/report/", views.report, name="report"),
    path("sessions/<slug:code>/words/", views_words.session_words, name="session_words"),
    path("sessions/<slug:code>/takeaway/", views.takeaway, name="takeaway"),
    path("sessions/<slug:code>/takeaway/removal/", views.takeaway_removal, name="takeaway_removal"),
    path("sessions/<slug:code>/takeaway/<int:pk>/hiding/", views.takeaway_hiding, name="takeaway_hiding"),
]
