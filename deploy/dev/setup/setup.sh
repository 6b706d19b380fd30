#!/bin/sh
# Prepares this checkout on Debian 12 or newer: installs missing system packages, and makes .venv from
# requirements.lock. If nothing is missing, it does nothing, quickly. PYTHON names another interpreter.
# `setup.sh venv` makes only .venv, on any Linux or macOS and without root.
set -eu
cd "$(dirname "$0")/../../.."
policy=/usr/sbin/policy-rc.d
marker="# made by Keyback's setup while it installs packages"
no_cluster=/etc/postgresql-common/createcluster.d/keyback-setup.conf

stop() {
    echo "Keyback cannot be set up here: $1" >&2
    exit 1
}

good_python() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Debian's own Python comes before others on the path: production uses it, Debian patches it, and it is built with
# profile-guided optimisation, which others often lack.
find_python() {
    for candidate in ${PYTHON:-} /usr/bin/python3 python3 python3.13 python3.12 python3.11; do
        if good_python "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

has_postgres() {
    for server in /usr/lib/postgresql/*/bin/postgres; do
        [ ! -x "$server" ] || return 0
    done
    return 1
}

missing_packages() {
    [ -n "$(find_python)" ] || echo python3 python3-venv
    command -v redis-server >/dev/null || echo redis-server
    command -v chromium >/dev/null || echo chromium
    has_postgres || echo postgresql
    [ -x /usr/sbin/nginx ] || echo nginx
    command -v debootstrap >/dev/null || echo debootstrap
    command -v shellcheck >/dev/null || echo shellcheck
    command -v unshare >/dev/null && command -v setpriv >/dev/null || echo util-linux
    command -v mount >/dev/null || echo mount
    [ -f /usr/share/keyrings/debian-archive-keyring.gpg ] || echo debian-archive-keyring
    [ -f /etc/ssl/certs/ca-certificates.crt ] || echo ca-certificates
}

forget_policy() {
    if grep -qsF "$marker" "$policy"; then rm -f "$policy"; fi
    if [ -e "$no_cluster" ]; then
        rm -f "$no_cluster"
        rmdir --ignore-fail-on-non-empty "${no_cluster%/*}"
    fi
}

install_packages() {
    [ -f /etc/debian_version ] || stop "its packages come from Debian 12 or newer, but this is another system."
    command -v apt-get >/dev/null || stop "it needs apt-get to install $*."
    [ "$(id -u)" = 0 ] || stop "it needs root to install $*."
    # The new packages must not start their services or make a database cluster.
    trap forget_policy EXIT INT TERM
    [ -e "$policy" ] || printf '#!/bin/sh\n%s\nexit 101\n' "$marker" > "$policy"
    chmod 755 "$policy"
    case " $* " in *" postgresql "*)
        mkdir -p "${no_cluster%/*}"
        printf '%s\ncreate_main_cluster = false\n' "$marker" > "$no_cluster" ;;
    esac
    export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
    apt-get update || stop "apt-get update failed."
    apt-get install --yes --no-install-recommends "$@" || stop "apt-get could not install $*."
    forget_policy
    trap - EXIT INT TERM
}

if [ "${1:-}" != venv ]; then
    forget_policy
    missing=$(missing_packages | tr '\n' ' ')
    # shellcheck disable=SC2086
    [ -z "$missing" ] || install_packages $missing
fi

python=$(find_python)
[ -n "$python" ] || stop "it needs Python 3.11 or newer with venv, but this system's is older."

hash_of='import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:16])'
stamp=".venv/.keyback-$("$python" -c "$hash_of" requirements.lock)"
if [ ! -e "$stamp" ] || ! .venv/bin/python -c ''; then
    .venv/bin/python -c 'import pip' 2>/dev/null || "$python" -m venv --clear .venv
    echo "Keyback: installing Python packages into .venv; once, about a minute." >&2
    .venv/bin/python -m pip install --quiet --quiet --disable-pip-version-check --require-hashes -r requirements.lock ||
        stop "the Python packages of requirements.lock could not be installed."
    rm -f .venv/.keyback-*
    : > "$stamp"
fi

# The project itself runs from this checkout.
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
pwd > "$site/keyback.pth"
cat > .venv/bin/writeback <<'SCRIPT'
#!/bin/sh
exec "$(dirname "$(readlink -f "$0")")/python" -c 'import sys; from writeback.cli.main import main; sys.exit(main())' "$@"
SCRIPT
chmod 755 .venv/bin/writeback
