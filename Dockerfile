FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/casebook
ENV PATH=/opt/casebook/bin:$PATH
WORKDIR /src
COPY requirements.lock .
RUN pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY cdisc cdisc
COPY seed seed
COPY migrations migrations
RUN pip install --no-deps .

FROM python:3.12-slim
ARG CASEBOOK_COMMIT=
ENV PATH=/opt/casebook/bin:$PATH \
    CASEBOOK_COMMIT=$CASEBOOK_COMMIT \
    CASEBOOK_HOST=0.0.0.0 \
    CASEBOOK_LOG_FORMAT=json \
    CASEBOOK_PACKAGES=/var/lib/casebook/packages \
    CASEBOOK_DATABASE_URL=sqlite:////var/lib/casebook/casebook.db
RUN useradd --system --uid 10001 --home-dir /var/lib/casebook --create-home casebook
COPY --from=build /opt/casebook /opt/casebook
USER casebook
WORKDIR /var/lib/casebook
VOLUME /var/lib/casebook
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
ENTRYPOINT ["casebook"]
CMD ["serve"]
