"""Settings: one file for every place the product runs; what differs comes from the environment (config/env.py)."""

from datetime import timedelta
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from config import env
from config.embedded import runtime

BASE_DIR = env.ROOT
VAR_DIR = env.VAR_DIR

# Servers: our own embedded ones unless the environment names others.
DATABASE_URL = env.server("DATABASE_URL", "postgres", "postgresql") or runtime.database_url(VAR_DIR)
REDIS_URL = env.server("REDIS_URL", "redis", "rediss", "unix") or runtime.redis_url(VAR_DIR)
EMBEDDED = runtime.is_embedded()

DEBUG = env.boolean("DEBUG")
SECRET_KEY = env.text("SECRET_KEY") or runtime.secret_key(VAR_DIR)
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set; it is made up only beside the embedded servers")
if len(SECRET_KEY.encode()) < 32 and not DEBUG:
    raise ImproperlyConfigured("SECRET_KEY must have at least 32 bytes: it signs sessions and tokens (HS256)")
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")
USE_X_FORWARDED_HOST = False
BEHIND_TLS_PROXY = env.boolean("BEHIND_TLS_PROXY")
if BEHIND_TLS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "simple_history",
    "import_export",
    "django_tasks_db",
    "django_htmx",
    "config.apps.ConfigConfig",
    "accounts",
    "masterdata",
    "projects",
    "scenarios",
]

MIDDLEWARE = [
    "config.http.middleware.RequestMiddleware",
    "config.http.compression.CompressionMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.http.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "config.http.middleware.CsrfViewMiddleware",
    "accounts.middleware.AuthenticationMiddleware",
    "config.http.limits.RateMiddleware",
    "config.http.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.http.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

# Pages of these sites may call the API, with a token: the browser's session is never theirs to use. Without any there
# is nothing to ask of a request.
CORS_ALLOWED_ORIGINS = env.origins("CORS_ALLOWED_ORIGINS")
if CORS_ALLOWED_ORIGINS:
    MIDDLEWARE.insert(1, "corsheaders.middleware.CorsMiddleware")
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID"]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = env.integer("MAX_BODY_BYTES", 1_000_000, minimum=1)
FILE_UPLOAD_HANDLERS = ["config.http.uploads.BoundedUploadHandler"]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "masterdata.currencies.shown_currency",
            ],
        },
    },
]

# Connections are kept, one a thread: psycopg2 has no pool of its own, and CONN_MAX_AGE with threads is one.
# Transactions are READ COMMITTED, PostgreSQL's default: what must not be decided twice is decided under a row's lock or
# by one UPDATE that compares what it replaces. jit off: it compiles for longer than these statements run.
_database = env.database(DATABASE_URL)
DATABASE_APPLICATION = env.text("APPLICATION_NAME", "safapac")
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": env.integer("CONN_MAX_AGE", 3600),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "OPTIONS": {
            **_database["OPTIONS"],
            "application_name": DATABASE_APPLICATION,
            "connect_timeout": 5,
            "options": (
                f"-c statement_timeout={env.integer('DB_QUERY_TIMEOUT', 60) * 1000}"
                " -c idle_in_transaction_session_timeout=60000 -c jit=off"
            ),
        },
    },
}
# Off behind a pooler that gives each transaction another connection (config/database/prepared.py).
PREPARED_STATEMENTS = env.boolean("PREPARED_STATEMENTS", True)
# Statements that take longer are logged (config/database/slow.py); 0: none is.
SLOW_QUERY_MS = env.integer("SLOW_QUERY_MS", 1000)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHE_TTL = env.integer("CACHE_TTL", 3600, minimum=1)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "safapac",
        "TIMEOUT": CACHE_TTL,
        "OPTIONS": {
            "CLIENT_CLASS": "django_redis.client.DefaultClient",
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 1,
            "SOCKET_TIMEOUT": 1,
        },
    },
}
DJANGO_REDIS_LOG_IGNORED_EXCEPTIONS = True

# How long answers take up memory; what a change outdates is not looked up again, however long it is kept.
LIST_TTL = env.integer("CACHE_LIST_TTL", 300, minimum=1)
COMPRESSION_MIN_SIZE = env.integer("COMPRESSION_MIN_SIZE", 1024, minimum=1)
COMPRESSION_LEVEL = env.integer("COMPRESSION_LEVEL", 6, minimum=1, maximum=9)
USE_BROTLI = env.boolean("USE_BROTLI", True)

# Tasks only wake a worker: what a run is and how it stands is in its row (docs/decisions/0006-runs-and-tasks.md).
TASKS_BACKEND = env.choice("TASKS_BACKEND", "database", ("database", "celery"))
TASKS = {"default": {"BACKEND": "config.tasks.DatabaseBackend", "OPTIONS": {}}}
if TASKS_BACKEND == "celery":
    if find_spec("celery") is None or find_spec("django_tasks_celery") is None:
        raise ImproperlyConfigured("TASKS_BACKEND=celery needs: .venv/bin/pip install -r requirements-celery.txt")
    TASKS["default"] = {
        "BACKEND": "django_tasks_celery.CeleryBackend",
        "OPTIONS": {"CELERY_APP": "config.celery.app"},
    }
    CELERY_BROKER_URL = env.broker(env.text("CELERY_BROKER_URL") or REDIS_URL)

AUTH_USER_MODEL = "accounts.User"
# An address is unique without case, by an index on lower(email), which the first check does not see; and Celery is not
# asked for results, what came of a run being in its row. To have a browser know a domain for https before it was ever
# asked (W021) is for the domain's owner to ask; and the check for forged forms is there, by a name of ours (W003).
SILENCED_SYSTEM_CHECKS = [
    "auth.E003",
    "django_tasks_celery.W001",
    "django_tasks_celery.W002",
    "security.W003",
    "security.W021",
]
# Links in mails lead here, whatever host a request named.
SITE_URL = env.site("SITE_URL", f"http://127.0.0.1:{env.integer('PORT', 8000)}")
MAILERS = {"default": env.mailer("MAIL_URL", "console:")}
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "SAFAPAC <no-reply@localhost>")

AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "accounts.hashers.LeanArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validators = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_validators}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": f"{_validators}.MinimumLengthValidator"},
    {"NAME": f"{_validators}.CommonPasswordValidator"},
    {"NAME": f"{_validators}.NumericPasswordValidator"},
]
LOGIN_URL = "session-login"
LOGIN_REDIRECT_URL = "projects"
LOGOUT_REDIRECT_URL = LOGIN_URL
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.integer("REFRESH_TOKEN_DAYS", 14, minimum=1) * 86_400

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "config.stack.static.StaticFiles"},
}

MAX_PAGE_SIZE = env.integer("MAX_PAGE_SIZE", 100, minimum=1)
if MAX_PAGE_SIZE > 1000:
    raise ImproperlyConfigured(f"MAX_PAGE_SIZE may be at most 1000, not {MAX_PAGE_SIZE}")

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": [
        "config.http.rendering.OrjsonRenderer",
        "config.http.rendering.BrowsableRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["config.http.parsing.BoundedJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.AccessTokenAuthentication",
        "accounts.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.http.negotiation.ContentNegotiation",
    "DEFAULT_PAGINATION_CLASS": "config.http.pagination.PageNumberPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "config.http.filters.FilterBackend",
        "config.http.filters.SearchFilter",
        "config.http.filters.OrderingFilter",
    ],
    "DEFAULT_SCHEMA_CLASS": "config.http.schema.AutoSchema",
    "EXCEPTION_HANDLER": "config.http.problems.problem_exception_handler",
    "PAGE_SIZE": 20,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.integer("ACCESS_TOKEN_MINUTES", 60, minimum=1)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.integer("REFRESH_TOKEN_DAYS", 14, minimum=1)),
    "ALGORITHM": "HS256",
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "sub",
    "UPDATE_LAST_LOGIN": False,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "SAFAPAC",
    "DESCRIPTION": "Techno-economics and carbon of sustainable aviation fuel plants.",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {"Role": "accounts.choices.Role", "Confidence": "masterdata.choices.Confidence"},
}

# Rates of one user (or address, before sign-in); RATELIMIT_ENABLE=0 switches them off for a benchmark.
RATELIMIT_ENABLE = env.boolean("RATELIMIT_ENABLE", True)
RATELIMIT_FAIL_OPEN = True
# All requests come from a proxy's own address: counted under it, five sign-ins a minute would serve everybody.
RATELIMIT_IP_META_KEY = "config.http.limits.client_address"
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", int(BEHIND_TLS_PROXY))
SIGNED_IN = "accounts.authentication.is_signed_in"
RATES = {
    "calculate": env.rate("RATE_CALCULATE", "10/m"),
    "preview": env.rate("RATE_PREVIEW", "120/m"),
    "typing": env.rate("RATE_TYPING", "300/m"),
    "login": env.rate("RATE_LOGIN", "5/m"),
    "register": env.rate("RATE_REGISTER", "3/h"),
    "mail": env.rate("RATE_MAIL", "10/h"),
    "invite": env.rate("RATE_INVITE", "30/h"),
    "refresh": env.rate("RATE_REFRESH", "10/m"),
    "studies": env.rate("RATE_STUDIES", "10/m"),
    "streams": env.rate("RATE_STREAMS", "30/m"),
    "reports": env.rate("RATE_REPORTS", "30/m"),
    "anon": env.rate("RATE_ANON", "100/m"),
}

# Demo data only beside the embedded servers, or when asked for.
DEMO = env.boolean("DEMO", EMBEDDED)
DEMO_EMAIL = "demo@example.com"

IMPORT_EXPORT_USE_TRANSACTIONS = True
# A workbook cannot hold some characters that a note can: shown as such there, rather than no workbook at all.
IMPORT_EXPORT_ESCAPE_ILLEGAL_CHARS_ON_EXPORT = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"seldom": {"()": "config.health.logs.Seldom"}, "untold": {"()": "config.health.logs.Untold"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["untold"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # Anybody could fill the log with 401s and 404s, and with HEADs, whose bodies gunicorn drops one by one.
        "django.request": {"level": "ERROR"},
        "gunicorn.http.wsgi": {"level": "ERROR"},
        "django_redis.cache": {"filters": ["seldom"]},
    },
}
