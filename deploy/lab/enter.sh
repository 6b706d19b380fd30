#!/bin/sh
# enter.sh ROOT PLACE COMMAND…: runs in mount and pid namespaces of its own (see namespace.py), so that every mount
# made here ends with the command. PLACE is the only thing on disk that COMMAND can write; it finds it at /mnt.
set -e
root=$1 place=$2
shift 2
if [ "$root" = / ]; then
    mount -t proc proc /proc
    mount -t tmpfs tmpfs /run
    mount --bind "$place" /mnt
    exec "$@"
fi
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$place" "$root/mnt"
exec chroot "$root" "$@"
