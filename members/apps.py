from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
from django.forms import ChoiceField, Field
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        from members import devices, line_accounts, mails  # noqa: PLC0415 - the models are ready only now
        from outbox import by_line, kinds  # noqa: PLC0415

        for kind in mails.KINDS:
            kinds.register(kind)
        kinds.register(line_accounts.KIND)
        user_logged_in.connect(devices.note_sign_in)
        by_line.register_accounts(line_accounts.accounts)
        # Every form of the house: Django's own words are those of a manual.
        Field.default_error_messages["required"] = _("This is still empty. Please fill it in.")
        ChoiceField.default_error_messages["required"] = _("Nothing is chosen yet. Please choose.")
        autodiscover_modules("personal")
