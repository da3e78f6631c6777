# Tusk for batch systems: `docker build -t tusk .`; how to run it: docs/batch.md.
# Behind a proxy that terminates TLS add `--secret id=ca,src=FILE` with its certificates: used while
# packages are fetched, not kept in the image.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS build
ENV DEBIAN_FRONTEND=noninteractive
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv
RUN --mount=type=secret,id=ca \
    if [ -e /run/secrets/ca ]; then export PIP_CERT=/run/secrets/ca; fi \
    && python3 -m venv /opt/uv && /opt/uv/bin/pip install --quiet --no-cache-dir 'uv>=0.8,<1'
ENV UV_PROJECT_ENVIRONMENT=/opt/tusk UV_LINK_MODE=copy UV_NO_CACHE=1 UV_NO_PYTHON_DOWNLOADS=1
WORKDIR /src
# The packages first: they change less often than the code.
COPY pyproject.toml uv.lock ./
RUN --mount=type=secret,id=ca \
    if [ -e /run/secrets/ca ]; then export SSL_CERT_FILE=/run/secrets/ca; fi \
    && /opt/uv/bin/uv sync --quiet --locked --no-dev --no-group docs --no-install-project --python /usr/bin/python3
COPY . .
RUN --mount=type=secret,id=ca \
    if [ -e /run/secrets/ca ]; then export SSL_CERT_FILE=/run/secrets/ca; fi \
    && /opt/uv/bin/uv sync --quiet --locked --no-dev --no-group docs --no-editable --python /usr/bin/python3

FROM ${BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tusk" \
      org.opencontainers.image.description="Filament growth in electrochemical metallization memory cells" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.vendor="The Tusk developers" \
      org.opencontainers.image.licenses="MIT AND GPL-2.0-or-later" \
      org.opencontainers.image.documentation="/usr/share/doc/tusk/README.md" \
      org.opencontainers.image.base.name="debian:trixie-slim"
# Python; the compiler of the forms; what gmsh and VTK load; rendering without a display.
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        python3 gcc libc6-dev libpython3-dev \
        libgl1 libglu1-mesa libxrender1 libxcursor1 libxft2 libxinerama1 libegl1 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/archives/*.deb \
    && useradd --create-home --uid 1000 tusk \
    && mkdir --mode=1777 /work /var/cache/tusk
COPY --from=build /opt/tusk /opt/tusk
COPY README.md LICENSE CITATION.cff docs/licences.md /usr/share/doc/tusk/
COPY configs/*.yaml /usr/share/tusk/configs/
# One thread per process; MPICH without the system call that the default seccomp profile forbids;
# VTK on EGL; caches where any user may write.
ENV PATH=/opt/tusk/bin:$PATH \
    OMP_NUM_THREADS=1 \
    MPIR_CVAR_CH4_CMA_ENABLE=0 \
    VTK_DEFAULT_OPENGL_WINDOW=vtkEGLRenderWindow \
    XDG_CACHE_HOME=/var/cache/tusk \
    MPLCONFIGDIR=/var/cache/tusk/matplotlib
USER tusk
WORKDIR /work
# Compile the forms of the main job (it stops by --max-steps, exit code 3), and leave them to
# whatever user number the container is given.
RUN tusk run /usr/share/tusk/configs/buttberg2025_set_1mA.yaml --set mesh.preset=draft \
        --max-steps 2 --quiet --out /tmp/warm || [ $? -eq 3 ]; \
    rm -rf /tmp/warm && chmod -R a+rwX /var/cache/tusk/*
ENTRYPOINT ["tusk"]
CMD ["--help"]
