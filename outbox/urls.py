from django.urls import path

from outbox import views

urlpatterns = [
    path("operator/mail/", views.mail_health, name="mail_health"),
    path("operator/mail/limits/", views.limits, name="mail_limits"),
    path("operator/mail/test/", views.test_mail, name="mail_test"),
    path("operator/mail/<int:pk>/retry/", views.retry, name="mail_retry"),
    path("operator/mail/addresses/<int:pk>/release/", views.release, name="mail_release"),
]
