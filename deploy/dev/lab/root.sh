#!/bin/sh
# root.sh TARGET [MIRROR]: a Debian 13 root file system with the Samba of its backports. Runs in its own mount and
# pid namespaces. Without MIRROR debootstrap uses its default.
set -e
target=$1 mirror=$2
suite=trixie
export DEBIAN_FRONTEND=noninteractive LC_ALL=C RUNLEVEL=1
debootstrap --variant=minbase --force-check-gpg \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg "$suite" "$target" ${mirror:+"$mirror"}
sed "s| $suite | $suite-backports |" "$target/etc/apt/sources.list" > "$target/etc/apt/sources.list.d/backports.list"
cp /etc/resolv.conf "$target/etc/resolv.conf"
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
    mkdir -p "$target/etc/ssl/certs"
    cp /etc/ssl/certs/ca-certificates.crt "$target/etc/ssl/certs/"
fi
printf '#!/bin/sh\nexit 101\n' > "$target/usr/sbin/policy-rc.d"
chmod 755 "$target/usr/sbin/policy-rc.d"
mount --bind /dev "$target/dev"
chroot "$target" mount -t proc proc /proc
chroot "$target" apt-get update
chroot "$target" apt-get install --yes --no-install-recommends --target-release "$suite-backports" \
    samba-ad-dc samba-ad-provision ldb-tools winbind
chroot "$target" apt-get clean
rm -rf "$target"/var/lib/apt/lists/* "$target/etc/resolv.conf"
