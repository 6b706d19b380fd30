#!/bin/sh
# enter.sh ROOT PLACE COMMAND…: runs in its own mount and pid namespaces (see namespace.py), so that every mount
# made here ends with the command. COMMAND can write only to PLACE on disk, which it finds at /mnt.
set -e
root=$1 place=$2
shift 2
if [ "$root" = / ]; then
    mount --bind "$place" /mnt
    mount -o remount,bind,ro /
else
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    mount --bind "$place" "$root/mnt"
    mount --bind /dev "$root/dev"
fi
mount -t proc proc "$root/proc"
for folder in run tmp var/log; do
    mount -t tmpfs tmpfs "$root/$folder"
done
mkdir "$root/var/log/samba"
exec chroot "$root" "$@"
