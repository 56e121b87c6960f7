# syntax=docker/dockerfile:1
# Two stages: what builds stays behind. The CPU build of torch comes from its own index, which the build argument names,
# because the one of the package index brings gigabytes of CUDA along.
FROM python:3.11-slim AS build
ARG TORCH_INDEX=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/tiaowen
COPY pyproject.toml README.md LICENSE ./
COPY assistant ./assistant
COPY corpus ./corpus
COPY prompts ./prompts
RUN if [ -n "$TORCH_INDEX" ]; then /opt/tiaowen/bin/pip install --index-url "$TORCH_INDEX" "torch~=2.13.0"; fi \
 && /opt/tiaowen/bin/pip install ".[otel]" "psycopg[binary]>=3.1" "redis>=5"

FROM python:3.11-slim
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/tiaowen tiaowen \
 && install -d -o tiaowen -g tiaowen /var/lib/tiaowen/indexes /var/lib/tiaowen/data
COPY --from=build /opt/tiaowen /opt/tiaowen
ENV PATH=/opt/tiaowen/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    TIAOWEN_INDEX_DIR=/var/lib/tiaowen/indexes \
    TIAOWEN_STORE__URL=sqlite:////var/lib/tiaowen/data/tiaowen.db \
    TIAOWEN_LOG_FORMAT=json
USER tiaowen
WORKDIR /var/lib/tiaowen
VOLUME ["/var/lib/tiaowen"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["tiaowen"]
# Inside a container the address to listen on is the container's own; publish the port to whom it is meant for.
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
