from django.urls import path

from records import views, views_keepsakes, views_words

urlpatterns = [
    path("sessions/<slug:code>/report/", views.report, name="report"),
    path("sessions/<slug:code>/words/", views_words.session_words, name="session_words"),
    path("sessions/<slug:code>/takeaway/", views.takeaway, name="takeaway"),
    path("sessions/<slug:code>/takeaway/removal/", views.takeaway_removal, name="takeaway_removal"),
    path("sessions/<slug:code>/intention/", views.intention, name="intention"),
    path("intentions/<str:token>/", views.intention_by_mail, name="intention_by_mail"),
    path("sessions/<slug:code>/takeaway/<int:pk>/hiding/", views.takeaway_hiding, name="takeaway_hiding"),
    path("sessions/<slug:code>/pictures/", views_keepsakes.pictures, name="pictures"),
    path("sessions/<slug:code>/pictures/kept/", views_keepsakes.pictures_kept, name="pictures_kept"),
    path("pictures/<slug:code>/", views_keepsakes.picture, name="picture"),
    path("pictures/<slug:code>/small/", views_keepsakes.picture_small, name="picture_small"),
    path("pictures/<slug:code>/hiding/", views_keepsakes.picture_hiding, name="picture_hiding"),
    path("sessions/<slug:code>/handouts/kept/", views_keepsakes.handouts_kept, name="handouts_kept"),
    path("handouts/<slug:code>/", views_keepsakes.handout, name="handout"),
]
