# Built and run on the same image. Before a release, write its digest after the name, so that it is the same tomorrow:
# docker buildx imagetools inspect python:3.11-slim-bookworm
ARG PYTHON=python:3.11-slim-bookworm

# hadolint ignore=DL3006
FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/obmin/.venv
WORKDIR /opt/obmin
# requirements-telemetry.lock has what SENTRY_DSN and OTEL_ENDPOINT need besides.
ARG LOCK=requirements.lock
COPY requirements.lock requirements-telemetry.lock ./
# Wheels only: nothing is compiled here, and no package runs code of its own while it is installed.
RUN .venv/bin/pip install -q --require-hashes --only-binary :all: -r ${LOCK}
COPY pyproject.toml README.md ./
COPY bot bot
COPY handlers handlers
COPY locales locales
COPY models models
RUN .venv/bin/pip install -q --no-deps --no-build-isolation -e . \
    && .venv/bin/python -m compileall -q bot handlers models

# hadolint ignore=DL3006
FROM ${PYTHON}
# The state lies in the working folder: data/ with SQLite and a key file, where those are used, and backups.
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/obmin obmin
COPY --from=build /opt/obmin /opt/obmin
ENV PATH=/opt/obmin/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    LISTEN=0.0.0.0:8080
USER 10001:10001
WORKDIR /var/lib/obmin
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 \
    CMD ["python", "-c", "import urllib.request as u; u.build_opener(u.ProxyHandler({})).open('http://127.0.0.1:8080/healthz', timeout=4)"]
ENTRYPOINT ["obmin"]
CMD ["run"]
