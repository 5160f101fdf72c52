"""Addresses that exist in local mode and in tests alone: the mailbox, the style guide, one-click sign-in."""

from django.urls import path

from config import gallery, mailbox, samples, styleguide

urlpatterns = [
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", mailbox.mail, name="mail"),
    path("mailbox/<int:pk>/page/", mailbox.mail_page, name="mail_page"),
    path("mailbox/gallery/", gallery.gallery, name="gallery"),
    path("mailbox/gallery/<str:kind>/<str:language>/", gallery.gallery_mail, name="gallery_mail"),
    path("mailbox/gallery/<str:kind>/<str:language>/page/", gallery.gallery_page, name="gallery_page"),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("accounts/sample/<slug:code>/", samples.sign_in_as, name="sign_in_as"),
]
