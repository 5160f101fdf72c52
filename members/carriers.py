"""Where the customers of each Japanese phone company find their mail settings. What menus there are called changes."""

from django.utils.translation import gettext_lazy as _

CARRIERS = [
    ("docomo", _("My docomo, or the settings of the docomo mail app")),
    ("au, UQ mobile", _("My au or My UQ mobile, or the settings of the mail app")),
    ("SoftBank, Y!mobile", _("My SoftBank or My Y!mobile")),
    (_("Rakuten Mobile"), _("my Rakuten Mobile, or the settings of the mail app")),
]
