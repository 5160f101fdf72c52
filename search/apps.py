from django.apps import AppConfig


class SearchConfig(AppConfig):
    """One findable document is one row."""

    name = "search"
    default_auto_field = "django.db.models.BigAutoField"
