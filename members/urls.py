from django.urls import path
from django.views.generic import RedirectView

from members import directory, entrance, views, views_address, views_line, views_safety

urlpatterns = [
    path("about/", views.about, name="about"),
    path("mail-help/", views.mail_help, name="mail_help"),
    path("profile/", views.profile, name="profile"),
    path("profile/news/", views.news, name="news"),
    path("profile/news/removal/", views.news_removal, name="news_removal"),
    path("profile/address/", views_address.address, name="address"),
    path("profile/address/code/", views_address.address_code, name="address_code"),
    path("profile/preview/", views.preview, name="profile_preview"),
    path("profile/apart/", views_safety.apart, name="apart"),
    path("profile/apart/<slug:code>/removal/", views_safety.distance_removal, name="distance_removal"),
    path("profile/told/", views_safety.concerns_mine, name="concerns_mine"),
    path("hosts/word/", views_safety.concern, name="concern"),
    path("hosts/word/<slug:code>/", views_safety.concern, name="concern_about"),
    path("members/<slug:code>/distance/", views_safety.distance, name="distance"),
    path("members/", directory.directory, name="directory"),
    path("members/<slug:code>/", views.member, name="member"),
    path("profile/line/", views_line.my_line, name="line"),
    path("profile/line/removal/", views_line.line_removal, name="line_removal"),
    path("line/webhook/", views_line.line_webhook, name="line_webhook"),
    path("operator/line/", views_line.line_health, name="line_health"),
    path("language/", views.set_language, name="set_language"),
    path("accounts/login/", entrance.sign_in, name="account_login"),
    path("accounts/login/", entrance.sign_in, name="account_request_login_code"),
    path("accounts/login/code/", entrance.sign_in_code, name="account_confirm_login_code"),
    path("accounts/login/passkey/", entrance.sign_in_by_passkey, name="mfa_login_webauthn"),
    path("accounts/signup/", entrance.sign_up, name="account_signup"),
    path("accounts/signup/code/", entrance.sign_up_code, name="account_email_verification_sent"),
    path("accounts/logout/", entrance.sign_out, name="account_logout"),
    path("accounts/again/", entrance.again, name="account_reauthenticate"),
    path("accounts/inactive/", entrance.inactive, name="account_inactive"),
    path("accounts/passkeys/", entrance.my_passkeys, name="mfa_index"),
    path("accounts/passkeys/", entrance.my_passkeys, name="mfa_list_webauthn"),
    path("accounts/passkeys/add/", entrance.add_passkey, name="mfa_add_webauthn"),
    path("accounts/passkeys/<int:pk>/remove/", entrance.remove_passkey, name="mfa_remove_webauthn"),
    # Where allauth's pages would send somebody to their addresses; there is one, on the profile.
    path("accounts/email/", RedirectView.as_view(pattern_name="profile"), name="account_email"),
]
