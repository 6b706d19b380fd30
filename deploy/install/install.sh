#!/bin/sh
# install.sh portal|worker: prepares this host for one side of Keyback, on Debian 12 or 13, as root. It needs
# python3-venv, starts nothing, and changes no existing settings. To upgrade, run it again.
set -eu
umask 022
home=/opt/keyback
settings=/etc/keyback

stop() {
    echo "Not installed: $1" >&2
    exit 1
}

account() { # NAME GROUP HOME
    getent group "$2" >/dev/null || groupadd --system "$2"
    getent passwd "$1" >/dev/null ||
        useradd --system --gid "$2" --home-dir "$3" --no-create-home --shell /usr/sbin/nologin "$1"
}

example() { # EXAMPLE FILE GROUP
    [ -e "$2" ] || install -o root -g "$3" -m 0640 "$1" "$2"
}

units() {
    install -d -m 0755 /etc/systemd/system
    for unit in "$@"; do
        install -m 0644 "deploy/systemd/$unit" /etc/systemd/system/
    done
    if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
}

python() {
    python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
        stop "it needs Python 3.11 or newer with venv: apt-get install python3-venv"
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes \
        -r requirements-run.lock || stop "pip could not install the packages of requirements-run.lock."
    site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    echo "$home" > "$site/keyback.pth"
    # Compiled now, since the services' users can't write here.
    .venv/bin/python -m compileall -q portal writeback manage.py
}

worker() {
    account keyback-writeback keyback-writeback /var/lib/keyback
    install -d -o keyback-writeback -g keyback-writeback -m 0700 /var/lib/keyback /var/log/keyback /run/keyback \
        /var/backups/keyback
    example deploy/writeback.toml.example "$settings/writeback.toml" keyback-writeback
    install -m 0755 deploy/install/writeback /usr/local/bin/writeback
    units keyback-writeback.service keyback-backup.service keyback-backup.timer
}

portal() {
    account keyback-portal www-data /var/lib/keyback-portal
    install -d -o keyback-portal -g www-data -m 0700 /var/lib/keyback-portal "$settings/portal" \
        /var/backups/keyback-portal
    example deploy/portal.env.example "$settings/portal.env" root
    install -m 0755 deploy/install/keyback-manage /usr/local/sbin/keyback-manage
    units keyback-portal.service keyback-tick.service keyback-tick.timer \
        keyback-portal-backup.service keyback-portal-backup.timer
}

cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || stop "run it as root."
[ "$(pwd -P)" = "$home" ] || stop "Keyback has to be in $home, where the services expect it."
case ${1:-} in portal | worker) ;; *) stop "say which side: sh deploy/install/install.sh portal, or worker." ;; esac
python
install -d -m 0755 "$settings"
"$1"
echo "The $1's side is installed in $home. Its settings are in $settings."
