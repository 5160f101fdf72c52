"""Addresses that exist in local mode and in tests alone: the mailbox, the style guide, one-click sign-in."""

from django.urls import path

from config import mailbox, samples, styleguide

urlpatterns = [
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", mailbox.mail, name="mail"),
    path("mailbox/<int:pk>/page/", mailbox.mail_page, name="mail_page"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("accounts/sample/<slug:code>/", samples.sign_in_as, name="sign_in_as"),
]
