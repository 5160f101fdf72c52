"""Trades: the divisions A–T of the Japan Standard Industrial Classification (日本標準産業分類), in plain words."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Industry(models.TextChoices):
    FARMING = "A", pgettext_lazy("industry", "Farming and forestry")
    FISHING = "B", pgettext_lazy("industry", "Fishing")
    MINING = "C", pgettext_lazy("industry", "Mining and quarrying")
    CONSTRUCTION = "D", pgettext_lazy("industry", "Construction")
    MANUFACTURING = "E", pgettext_lazy("industry", "Manufacturing")
    UTILITIES = "F", pgettext_lazy("industry", "Power, gas and water")
    INFORMATION = "G", pgettext_lazy("industry", "IT, media and publishing")
    TRANSPORT = "H", pgettext_lazy("industry", "Transport and post")
    TRADE = "I", pgettext_lazy("industry", "Wholesale and retail")
    FINANCE = "J", pgettext_lazy("industry", "Finance and insurance")
    REAL_ESTATE = "K", pgettext_lazy("industry", "Real estate and leasing")
    PROFESSIONS = "L", pgettext_lazy("industry", "Research and professions")
    HOSPITALITY = "M", pgettext_lazy("industry", "Food and lodging")
    PERSONAL = "N", pgettext_lazy("industry", "Personal services and leisure")
    EDUCATION = "O", pgettext_lazy("industry", "Education")
    CARE = "P", pgettext_lazy("industry", "Health and care")
    COOPERATIVES = "Q", pgettext_lazy("industry", "Post offices and cooperatives")
    SERVICES = "R", pgettext_lazy("industry", "Other services")
    GOVERNMENT = "S", pgettext_lazy("industry", "Public service")
    OTHER = "T", pgettext_lazy("industry", "Something else")
