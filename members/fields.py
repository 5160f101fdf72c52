"""Model fields that keep what people type fit for pages, headers and calendars, whichever code writes it."""

from typing import Any

from django.db import models

from members.names import clean_line, clean_text, new_code


class LineField(models.CharField[str, str]):
    """A single line: no control characters (a vertical tab in a title breaks a mail's headers)."""

    def to_python(self, value: Any) -> Any:
        return clean_line(value) if isinstance(value, str) else super().to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return clean_line(value) if isinstance(value, str) else value


class ProseField(models.TextField[str, str]):
    """Several lines."""

    def to_python(self, value: Any) -> Any:
        return clean_text(value) if isinstance(value, str) else super().to_python(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return clean_text(value) if isinstance(value, str) else value


class CodeField(models.CharField[str, str]):
    """The code that names a row in its address: unique, never reused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"max_length": 10, "unique": True, "default": new_code, "editable": False}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        for known in ("max_length", "unique", "default", "editable"):
            kwargs.pop(known, None)
        return name, path, args, kwargs
