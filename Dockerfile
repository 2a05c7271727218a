# An image with Headway and git. Mount a workspace at /workspace:
#   docker run --rm --volume "$PWD:/workspace" --env GITHUB_TOKEN headway scan
ARG PYTHON=python:3.13-slim-bookworm

FROM ${PYTHON} AS build
COPY . /headway
# Each package must have one of the hashes in the requirements file.
RUN python3 -m venv /opt/headway \
 && /opt/headway/bin/python -m pip install --no-cache-dir --require-hashes \
      --requirement /headway/src/headway/config/ci_files/requirements.txt \
 && /opt/headway/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation /headway

FROM ${PYTHON}
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ca-certificates git \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home headway
COPY --from=build /opt/headway /opt/headway
ENV PATH="/opt/headway/bin:${PATH}"
USER headway
WORKDIR /workspace
ENTRYPOINT ["headway"]
