#!/usr/bin/env bash
# Make .venv ready: find uv and Python, install what uv.lock pins, check what pip cannot bring.
# Does nothing if that was done for the present lock file. Package indexes, mirrors and
# certificates are those of the user's own pip and uv settings.
set -Eeuo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly uv_requirement='uv>=0.8,<1'
readonly oldest_uv=0.8
readonly private_uv=build/uv
readonly stamp=.venv/tusk-setup

say() { printf 'setup: %s\n' "$*" >&2; }

die() {
    say "$1"
    shift
    local line
    for line in "$@"; do printf '       %s\n' "$line" >&2; done
    exit 1
}

# --- this machine -----------------------------------------------------------------------------

other_ways() {
    die "$1" \
        'DOLFINx comes as a wheel for Linux x86_64 with glibc 2.34 or later only. Elsewhere use' \
        '  conda-forge:  conda env create -f environment.yml && conda activate tusk' \
        '                pip install --no-deps -e . && tusk run configs/buttberg2025_set_1mA.yaml' \
        '  a container:  the official dolfinx/dolfinx image, or any Linux x86_64 one' \
        'README.md, section Install, has the details.'
}

check_platform() {
    local system machine libc
    system=$(uname -s)
    machine=$(uname -m)
    [[ $system == Linux && $machine == x86_64 ]] || other_ways "this is $system $machine"
    libc=$(getconf GNU_LIBC_VERSION 2>/dev/null) || libc='no glibc'
    [[ $libc == glibc\ * ]] && at_least "${libc#glibc }" 2.34 || other_ways "this machine has $libc"
}

# Whether a dotted version $1 is $2 or later.
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# --- what the stamp stands for ----------------------------------------------------------------

fingerprint() {
    { pwd; cat uv.lock pyproject.toml .python-version .ci/setup.sh; } | sha256sum | cut -d ' ' -f 1
}

is_ready() {
    [[ -x .venv/bin/tusk && -f $stamp && $(<"$stamp") == "$(fingerprint)" ]]
}

# --- uv ---------------------------------------------------------------------------------------

is_usable_uv() {
    local version
    version=$("$1" --version 2>/dev/null | cut -d ' ' -f 2) && at_least "$version" "$oldest_uv"
}

# A Python that can make virtual environments. Each candidate is tried, because a pyenv shim
# exists even where it cannot run.
bootstrap_python() {
    local candidate
    for candidate in python3 python3.{14,13,12,11,10,9,8} /usr/bin/python3 python; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 8))' \
            >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    die 'neither uv nor a Python 3.8+ with venv and pip (to install uv) was found' \
        'install one of them, for instance: apt install python3-venv'
}

find_uv() {
    local python
    if is_usable_uv uv; then
        command -v uv
        return
    fi
    if ! is_usable_uv "$private_uv/bin/uv"; then
        python=$(bootstrap_python)
        say "installing uv into $private_uv"
        rm -rf "$private_uv"
        "$python" -m venv "$private_uv" >&2
        "$private_uv/bin/python" -m pip install --quiet --disable-pip-version-check \
            "$uv_requirement" >&2 \
            || die 'pip could not install uv' 'check the network and pip settings, or install uv'
    fi
    echo "$private_uv/bin/uv"
}

# --- Python -----------------------------------------------------------------------------------

# The Python that runs Tusk: UV_PYTHON if set, the pinned version, then any later one.
find_python() {
    local uv=$1 wanted found
    for wanted in "${UV_PYTHON:-}" "$(<.python-version)" '>=3.12,<3.15'; do
        [[ -n $wanted ]] || continue
        if found=$("$uv" python find --no-project --no-python-downloads "$wanted" 2>/dev/null); then
            echo "$found"
            return
        fi
    done
    for found in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.1[2-9]*/bin/python; do
        if "$found" -c '' >/dev/null 2>&1; then
            echo "$found"
            return
        fi
    done
    die 'no Python 3.12 or later was found' \
        "install one, for instance by your distribution, pyenv, or: $uv python install 3.12" \
        'or name one by its path: UV_PYTHON=/path/to/python3.12 make setup'
}

# --- packages ---------------------------------------------------------------------------------

# The package index that the user's settings name, if any. uv knows nothing of pip's.
user_index() {
    local index=${UV_DEFAULT_INDEX:-${UV_INDEX_URL:-${PIP_INDEX_URL:-}}}
    [[ -n $index ]] || index=$("$1" -m pip config get global.index-url 2>/dev/null) || true
    echo "$index"
}

install_packages() {
    local uv=$1 python=$2 index
    index=$(user_index "$python")
    if [[ -z $index ]]; then
        "$uv" sync --quiet --locked --no-python-downloads --python "$python"
        return
    fi
    # uv.lock names the standard index, and uv refuses it where another one is set: install the
    # same files, matched by their hashes, from there.
    say 'taking packages from the index of your settings'
    export UV_DEFAULT_INDEX=$index
    mkdir -p build
    "$uv" venv --quiet --allow-existing --no-python-downloads --python "$python" .venv \
        && "$uv" export --quiet --frozen --no-emit-project --output-file build/requirements.txt \
        && "$uv" pip sync --quiet --require-hashes --python .venv/bin/python build/requirements.txt \
        && "$uv" pip install --quiet --no-deps --python .venv/bin/python --editable .
}

# --- what pip cannot bring --------------------------------------------------------------------

check_compiler() {
    local python=$1 compiler include
    compiler=${CC:-$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("CC") or "cc")')}
    include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    # No pipe: a compiler that ends before it has read would count as one that failed.
    $compiler -I"$include" -x c -c -o /dev/null - \
        2>/dev/null <<<$'#include <complex.h>\n#include <Python.h>' \
        || die "$compiler cannot compile against the headers of C and of $python" \
            'the finite-element forms are compiled when a run needs them; install for instance' \
            '  apt install gcc libc6-dev libpython3-dev' \
            '(a Python from pyenv or uv has its own headers and needs gcc and libc6-dev only)'
}

check_libraries() {
    local packages reason
    packages=$("$1" .ci/missing_libraries.py | tr '\n' ' ')
    [[ -z $packages ]] || die 'shared libraries that gmsh and PyVista need are missing' \
        "install them, for instance: apt install $packages"
    reason=$(.venv/bin/python -c 'import gmsh' 2>&1 | tail -n 1) || true
    [[ -z $reason ]] || die "gmsh does not load: $reason"
}

# --- all together -----------------------------------------------------------------------------

main() {
    local uv python
    check_platform
    if is_ready; then return; fi
    shopt -s inherit_errexit
    export UV_PROJECT_ENVIRONMENT=.venv
    unset VIRTUAL_ENV
    [[ -x .venv/bin/tusk ]] || say 'preparing .venv (about 1.5 GB)'
    # Where Python may not keep bytecode, every start of tusk would compile its libraries for 3 s.
    [[ -z ${PYTHONDONTWRITEBYTECODE:-} ]] || export UV_COMPILE_BYTECODE=1
    uv=$(find_uv)
    python=$(find_python "$uv")
    check_compiler "$python"
    install_packages "$uv" "$python" \
        || die 'uv could not install what uv.lock pins (its message stands above)'
    check_libraries .venv/bin/python
    fingerprint >"$stamp"
    say "ready: $(.venv/bin/python --version), $("$uv" --version)"
}

main
