#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Remounts while others read, sync and write; room that only comes back with a commit; a
# file in too many pieces to collapse.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu"
modprobe loop
check "edufs loads" load edufs
cd "$dir" || exit 1

image() { # SIZE MKE2FS-ARGS...
	local size=$1

	shift
	rm -f image
	mke2fs -q -F -E root_owner=0:0 "$@" image "$size" >/dev/null 2>&1
}
edu() { mounted "edufs${1:+, $1}" -t edufs -o "loop${1:+,$1}" image edu; }
sound() { check "$1: e2fsck finds nothing" e2fsck -fn image; }

# Who reads is not kept out while the journal is closed; fsync(2) is theirs, too.
image 64M -t ext4
edu
mkdir edu/d && touch edu/d/{1..40}
perl -e 'use IO::Handle; while (1) { for (1 .. 40) { open F, "<", "edu/d/$_" or die "$_: $!"; F->sync or die "sync: $!" } }' 2>readers &
pids=($!)
perl -e 'use Errno; for (my $n = 0; ; $n++) { my $f = "edu/w" . $n % 30; unlink $f;
	open F, ">", $f or $!{EROFS} ? next : die "$f: $!"; syswrite F, "x" x 20000; close F or die "close: $!" }' 2>writers &
pids+=($!)
perl -e 'while (1) { open F, ">", "/proc/sys/vm/drop_caches"; print F 2; close F; stat "edu/d/$_" for 1 .. 40 }' &
pids+=($!)
reading=0
for ((i = 0; i < ${EDUFS_REMOUNTS:-200}; i++)); do
	# With a file open for writing: EBUSY.
	mount -o remount,ro edu 2>/dev/null && reading=$((reading + 1))
	mount -o remount,rw edu || break
done
kill -0 "${pids[@]}"
is "$i remounts for writing; readers and writers go on" "${EDUFS_REMOUNTS:-200} 0" "$i $?"
kill "${pids[@]}"
wait
sed 's/^/# /' readers writers
is "some for reading before ($reading)" yes "$([ $reading -gt 0 ] && echo yes)"
umount edu
sound "remounts"

# Each has its file twice, once removed but not committed: more than there is room.
for options in "" discard; do
	image 24M -t ext4 -b 1024 -m 0
	edu $options
	for who in 1 2; do
		perl -e 'use IO::Handle; for (1 .. 60) { open F, ">", "edu/f$ARGV[0]" or die "open: $!";
			for (1 .. 65) { (syswrite F, "y" x 100000) == 100000 or die "write: $!" }
			F->sync or die "fsync: $!"; close F; unlink "edu/f$ARGV[0]" or die }' $who >"said$who" 2>&1 &
	done
	wait
	is "no ENOSPC where removed files have enough${options:+, $options}" "" "$(cat said1 said2)"
	umount edu
	sound "removed files${options:+, $options}"
done

# The part to be taken out stays if the rest cannot be moved.
image 64M -t ext4 -b 1024 -J size=1
edu
fallocate -l 24M edu/f && perl -e 'open F, "+<", "edu/f" or die;
	for (1 .. 12000) { syscall(285, fileno(F), 3, $_ * 2048, 1024) == 0 or die $! }
	seek F, 1024, 0; print F "kept"'
refuse "a file in 12000 pieces, a small journal: no collapse" fallocate -c -o 1024 -l 1024 edu/f
is "and nothing is lost" kept "$(dd if=edu/f bs=1024 skip=1 count=1 status=none | tr -d '\0')"
umount edu
sound "many pieces"
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
cd / && rm -rf "$dir"
finish
