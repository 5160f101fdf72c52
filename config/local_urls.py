"""Addresses that exist in local mode and in tests alone: the mailbox, the style guide, one-click sign-in."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
