# Asakai for production. docker-compose.yml runs it, docs/operating.md says how; health checks are the compose file's.
FROM python:3.13-slim AS base
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ASAKAI_MODE=production DATA_DIR=/data
WORKDIR /app

FROM base AS build
COPY requirements/base.txt /requirements.txt
RUN python -m venv /venv && pip install --no-cache-dir --no-deps --require-hashes --only-binary=:all: -r /requirements.txt
COPY . .
# Settings must know these to be read at all; nothing of them stays, and nothing is connected to.
RUN export SITE_URL=https://build.invalid SECRET_KEY=only-for-the-build DATABASE_URL=postgresql://build.invalid/asakai \
      REDIS_URL=redis://build.invalid EMAIL_URL=smtp://build.invalid MAIL_FROM=build@build.invalid \
    && python -m config.messages compile \
    && python manage.py collectstatic --no-input --verbosity 0 \
    && python -m compileall -q .

FROM base
# A number that no account of the host has; its folder for uploads is a volume, the rest may be read-only.
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent asakai && install -d -o asakai /data/media
COPY --from=build /venv /venv
COPY --from=build /data/static /data/static
COPY --from=build /app /app
USER asakai
CMD ["gunicorn", "--config", "python:config.gunicorn", "config.wsgi"]
