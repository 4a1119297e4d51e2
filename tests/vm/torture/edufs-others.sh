#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Loads that others made: stress-ng's stressors of filesystems, each for
# EDUFS_STRESS_SECONDS (2) on two processors, and fio, which checks what it wrote; on an
# edufs with a journal and on one without. Then e2fsck.
. /edu/tests/tap.sh

dir=$(mktemp -d)
cd "$dir" || exit 1
mkdir edu
modprobe loop
check "edufs loads" load edufs
seconds=${EDUFS_STRESS_SECONDS:-2}
disk=/dev/disk/by-id/virtio-scratch

# Those that change or read a filesystem; the others of the class are about descriptors
# and locks, or want a module.
stressors=(access acl aio chattr chdir chmod chown copy-file dentry dir dirdeep dirmany
	fallocate fanotify fiemap file-ioctl filehole filename filerace fpunch fsize fstat
	getdent handle hdd inode-flags inotify io iomix link locka metamix mknod mmap msync
	open pseek readahead rename revio seek symlink sync-file touch unlink utime
	xattr)

# Written, and read again by its checksums.
verify() { # NAME OPTION...
	local name=$1

	shift
	check "$kind: fio, $name" fio --name="$name" --directory=edu --size=24M --verify=crc32c \
		--verify_fatal=1 --do_verify=1 --minimal --output=/dev/null --randrepeat=0 "$@"
	rm -f edu/"$name".*
}

for kind in has_journal ^has_journal; do
	mke2fs -q -F -t ext4 -O $kind $disk
	mounted "$kind" -t edufs $disk edu || break
	for stressor in "${stressors[@]}"; do
		# 3: it lacks something; 4: it is not made for this machine.
		timeout 120 stress-ng --temp-path "$dir/edu" --"$stressor" 2 --timeout "$seconds" \
			--verify --log-brief >said 2>&1
		status=$?
		case $status in
		0) ok "$kind: stress-ng --$stressor" ;;
		3 | 4) skip "$kind: stress-ng --$stressor" "$(tail -n 1 said | sed 's/.*\] //')" ;;
		*) not_ok "$kind: stress-ng --$stressor ($status)" && sed 's/^/# /' said ;;
		esac
	done
	is "$kind: the stressors left nothing" lost+found "$(ls edu)"
	verify buffered --rw=randwrite --bs=4k --ioengine=psync
	verify buffered-large --rw=write --bs=1m --ioengine=psync --fsync=8
	verify direct --rw=randwrite --bs=4k --ioengine=libaio --iodepth=8 --direct=1
	verify direct-large --rw=write --bs=1m --ioengine=libaio --iodepth=4 --direct=1
	verify mapped --rw=randwrite --bs=4k --ioengine=mmap
	verify mixed --rw=randrw --bsrange=512-70k --ioengine=psync --numjobs=2
	verify reserved --rw=randwrite --bs=4k --ioengine=libaio --iodepth=8 --direct=1 --fallocate=posix
	umount edu
	check "$kind: e2fsck finds nothing" e2fsck -fn $disk
done
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
cd / && rm -rf "$dir"
finish
