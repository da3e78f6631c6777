#!/usr/bin/env bash
# Type-check the namespace tusk. No folder has that name, so mypy is shown a tree of links.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly tree=build/typing
mkdir -p "$tree/tusk"
for package in configs meshes postprocess solver; do
    ln -sfn "../../../$package" "$tree/tusk/$package"
done
MYPYPATH=$tree exec .venv/bin/python -m mypy --namespace-packages --explicit-package-bases -p tusk "$@"
