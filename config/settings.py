"""Settings: one file, safe for production unless the environment says otherwise (config/env.py, .env.example)."""

from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import env

django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env.mode()
LOCAL = MODE == "local"
TEST = MODE == "test"
PRODUCTION = MODE == "production"
DATA_DIR = Path(env.read("DATA_DIR", str(BASE_DIR / "var")))

# Addresses. Links in mails come from SITE_URL, never from a request's Host header.
SITE_URL = env.read("SITE_URL", None if PRODUCTION else "http://localhost:8000").rstrip("/")
SITE = urlsplit(SITE_URL)
if PRODUCTION and SITE.scheme != "https":
    raise ImproperlyConfigured("SITE_URL must begin with https:// in production.")
ALLOWED_HOSTS = [SITE.hostname or ""] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL] if PRODUCTION else []
TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 0)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = True

# Keys. Links in mails have keys of their own, so that a new SECRET_KEY does not kill links already mailed.
SECRET_KEY = env.read("SECRET_KEY", None if PRODUCTION else "only for local use and tests " + "x" * 40)
SECRET_KEY_FALLBACKS = [key for key in env.read("SECRET_KEY_FALLBACKS", "").split(",") if key]
LINK_KEYS = [key for key in env.read("LINK_KEYS", "").split(",") if key] or [
    SECRET_KEY,
    *SECRET_KEY_FALLBACKS,
]

INSTALLED_APPS = [
    "outbox",
    "search",
    "members",
    "speakers",
    "events",
    "records",
    "purse",
    "invitations",
    "introductions",
    "archive",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "config.middleware.security_headers",
    "config.busy.Busy",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.devices.note_seen",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "members.context.club",
                "events.context.standing",
            ],
        },
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# PostgreSQL. READ COMMITTED must stay: under REPEATABLE READ the row lock of a session overbooks.
DATABASES = {
    "default": env.database(env.read("DATABASE_URL", None if PRODUCTION else "postgresql://postgres@localhost/asakai"))
    | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Redis: the broker wakes the worker (the truth is in PostgreSQL), the cache holds rate limits and the club's card.
REDIS = env.redis(env.read("REDIS_URL", None if PRODUCTION else "redis://localhost:6379"))
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS.cache,
        "TIMEOUT": 300,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    },
}

# How long a page shown to somebody who is not signed in is kept for the next stranger (events/views/kept.py).
KEPT_SECONDS = 0 if TEST else 5

# Sessions live in the database alone: cached_db fails with Redis. They end after thirty days without a visit, and after
# members.devices.AT_MOST in any case (docs/decisions/0040).
SESSION_ENGINE = "members.devices"
SESSION_COOKIE_NAME = "__Host-sid" if PRODUCTION else "sid"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "csrf"
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = "lang"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PRODUCTION
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Accounts: a code by mail, or a passkey; nobody has a password.
AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = ["members.adapter.Backend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "members.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
# An address is proved by the code that was typed (members/by_code.py), or by where it came from.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Beside those of allauth: a seat asked for without an account, another mail address, a wrong secret of a calendar feed.
ACCOUNT_RATE_LIMITS = {"visit": "20/h/ip,5/h/key", "move": "20/h/ip,5/h/key", "feed": "60/m/ip"}
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE.scheme
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "members.second_factor.SecondFactorAdapter"
# Recovery codes go with the app alone, so they are ours (members/second_factor.py).
MFA_SUPPORTED_TYPES = ["webauthn", "totp"]
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_PASSKEY_LOGIN_ENABLED = True
# A passkey cannot be guessed, and a whole breakfast signs in from behind one address.
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# Signing in by Google or LINE, each off unless its id and secret are set (members/openid.py). LINE is right about who
# somebody is, not about their mail address.
SIGN_IN_BY = env.sign_in_by()

# Languages.
LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", _("Japanese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "config.formats"
USE_TZ = True
TIME_ZONE = env.read("TIME_ZONE", "Asia/Tokyo")

# Mail: every mail is a row of the outbox first (outbox/sending.py).
DEFAULT_FROM_EMAIL = env.read("MAIL_FROM", None if PRODUCTION else "asakai@localhost.localdomain")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_TIMEOUT = 30
EMAIL_URL = env.read("EMAIL_URL", None if PRODUCTION else "")
if EMAIL_URL:
    EMAIL_BACKEND = "outbox.smtp.Backend"
    globals().update(env.smtp(EMAIL_URL))
else:
    EMAIL_BACKEND = "outbox.mailbox.Backend"
# How long a worker may hold a mail before another takes it over: longer than outbox.sending works on one batch.
MAIL_LEASE_SECONDS = env.number("MAIL_LEASE_SECONDS", 180)
MAIL_ATTEMPTS = env.number("MAIL_ATTEMPTS", 8)
# How many mails a minute the mail server is given, at most; 0 is as many as it takes.
MAIL_PER_MINUTE = env.number("MAIL_PER_MINUTE", 0)
# Where mail servers report what does not arrive: bounces@club.example, which also takes bounces+anything@club.example.
BOUNCE_ADDRESS = env.read("BOUNCE_ADDRESS", "")

# A mail service may post what comes back to /inbound/<secret>/; off without one.
INBOUND_SECRET = env.read("INBOUND_SECRET", "")
if INBOUND_SECRET and len(INBOUND_SECRET) < 20:
    raise ImproperlyConfigured("INBOUND_SECRET must have 20 characters or more.")

# LINE, off unless both are set: the evening before and what is urgent goes there as well as by mail (outbox/line.py).
LINE_TOKEN = env.read("LINE_CHANNEL_TOKEN", "")
LINE_SECRET = env.read("LINE_CHANNEL_SECRET", "")
# The account's name as people search it (@…), for the link that adds it.
LINE_ACCOUNT = env.read("LINE_ACCOUNT", "")
LINE_API = env.read("LINE_API_URL", "https://api.line.me")
if PRODUCTION and not LINE_API.startswith("https://"):
    raise ImproperlyConfigured("LINE_API_URL must begin with https:// in production.")

# Past mornings fetched where they were announced, off without a key (archive/importing/fetching.py).
CONNPASS_KEY = env.read("CONNPASS_KEY", "")
CONNPASS_URL = env.read("CONNPASS_URL", "https://connpass.com")
DOORKEEPER_TOKEN = env.read("DOORKEEPER_TOKEN", "")
DOORKEEPER_URL = env.read("DOORKEEPER_URL", "https://api.doorkeeper.jp")
if PRODUCTION and not (CONNPASS_URL.startswith("https://") and DOORKEEPER_URL.startswith("https://")):
    raise ImproperlyConfigured("CONNPASS_URL and DOORKEEPER_URL must begin with https:// in production.")

# Where the title of a book is looked up by its ISBN (speakers/openbd.py): https://api.openbd.jp, or nowhere; and from
# where alone the cover it names is fetched: https://cover.openbd.jp, or from nowhere.
BOOK_LOOKUP_URL = env.read("BOOK_LOOKUP_URL", "")
BOOK_COVER_URL = env.read("BOOK_COVER_URL", "")
if PRODUCTION and not all(url.startswith("https://") for url in (BOOK_LOOKUP_URL, BOOK_COVER_URL) if url):
    raise ImproperlyConfigured("BOOK_LOOKUP_URL and BOOK_COVER_URL must begin with https:// in production.")

# Files.
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Production serves what collectstatic joined, hashed and compressed; elsewhere files are read where they stand.
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "media"},
    },
    "staticfiles": {
        "BACKEND": "config.storage.JoinedStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}
STATICFILES_FINDERS = [
    *([] if PRODUCTION else ["config.storage.JoinedStylesheetFinder"]),
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = not PRODUCTION
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

# Headers. The content security policy is in config/middleware.py.
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
X_FRAME_OPTIONS = "DENY"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"secrets": {"()": "config.logs.MaskSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Every font that is cut to size tells forty lines about it.
    "loggers": {"django": {"handlers": [], "level": "INFO"}, "fontTools": {"level": "WARNING"}},
}
