"""What somebody without an account types: name and address, and then the code out of the mail."""

from django import forms
from django.utils.translation import gettext_lazy as _

from events.models import Visit
from members.fields_typed import MailedCodeField
from members.mail_field import MailField


class VisitForm(forms.ModelForm[Visit]):
    """A name and a mail address are enough."""

    email = MailField()

    class Meta:
        model = Visit
        fields = ["name", "email", "wants_more"]
        labels = {"name": _("Your name"), "wants_more": _("Tell me of the next mornings, too")}
        help_texts = {"wants_more": _("One mail before each; every mail has a link that ends it.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
        error_messages = {"name": {"required": _("Please write your name.")}}


class VisitCodeForm(forms.Form):
    """The code out of the mail."""

    code = MailedCodeField()
