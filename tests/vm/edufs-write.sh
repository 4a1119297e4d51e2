#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# edufs writes what e2fsck finds clean and what the kernel's ext4 reads the same:
# one workload on every kind of image, then one test for each promise.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu" "$dir/ext4"
modprobe -a loop ext4
check "edufs loads" load edufs

image() { # SIZE MKE2FS-ARGS...
	local size=$1

	shift
	rm -f "$dir/image"
	mke2fs -q -F -E root_owner=0:0 "$@" "$dir/image" "$size" >/dev/null 2>"$dir/said" || {
		not_ok "mke2fs $*"
		sed 's/^/# /' "$dir/said"
	}
}

edu() { mounted "edufs${1:+, $1}" -t edufs -o loop${1:+,$1} "$dir/image" "$dir/edu"; }

# What must hold after each workload: the image is sound, and ext4 sees the same.
sound() { # NAME
	if e2fsck -fn "$dir/image" >"$dir/said" 2>&1; then
		ok "$1: e2fsck finds nothing"
	else
		not_ok "$1: e2fsck finds nothing"
		sed 's/^/# /' "$dir/said" | head -n 30
	fi
}

describe() {
	cd "$1" || return
	find . -printf '%p %y %m %U %G %n %s %b %i %T@ %C@ %l\n' | sort
	find . -type f ! -path './many/*' -print0 | sort -z | xargs -0 md5sum
	find . ! -path './many/*' -print0 | sort -z | xargs -0 getfattr -h -d -m - 2>/dev/null
	stat -f -c '%b %f %a %c %d %l %s %i' .
	cd /
}

same() { # NAME
	edu ro && describe "$dir/edu" >"$dir/again.txt" 2>&1 && umount "$dir/edu"
	check "$1: the same after a new mount" diff "$dir/edu.txt" "$dir/again.txt"
	mounted "$1, ext4" -t ext4 -o ro,loop "$dir/image" "$dir/ext4"
	describe "$dir/ext4" >"$dir/ext4.txt" 2>&1
	umount "$dir/ext4"
	check "$1: the same by ext4" diff "$dir/ext4.txt" "$dir/edu.txt"
}

# Pieces at the boundaries of each map; the last level only where $far says so.
workload() { # DIRECTORY BLOCK-SIZE
	cd "$1" || return 1
	echo hello >hello && echo more >>hello
	mkdir -p a/b/c many && ln hello a/link && ln -s hello short &&
		ln -s "$(head -c 300 /dev/zero | tr '\0' x)" long
	mknod null c 1 3 && mknod big b 300 70000 && mkfifo fifo
	dd if=/dev/urandom of=large bs=64k count=24 status=none
	# shellcheck disable=SC2086	# a list of numbers
	perl -e 'my $size = shift; open F, ">", "sparse"; for (@ARGV) { seek F, $_ * $size, 0; print F "at $_" }
		open F, ">", "pieces"; for (0 .. 399) { seek F, $_ * 8192, 0; print F "piece $_" }
		close F; for (1 .. 600) { open F, ">", "many/a name that takes some room $_" or die }
		for (1 .. 600) { unlink "many/a name that takes some room $_" or die if $_ % 3 == 0 }
		for (1 .. 100) { rename "many/a name that takes some room ".($_*3+1), "many/new $_" or die }' \
		"$2" 11 12 267 268 269 523 524 525 1035 1036 1037 $far
	truncate -s 100000 large && truncate -s 5000000 large
	mv a/b moved && rmdir moved/c && mv hello a/elsewhere && cp large copy && rm large
	chown 70000:70001 copy && chmod 4751 copy && touch -d '2001-02-03 04:05:06.123456789' moved
	setfattr -n user.small -v value copy
	setfattr -n user.large -v "$(head -c 700 /dev/zero | tr '\0' v)" copy
	setfattr -n trusted.t -v 1 many && setfacl -m u:1234:r copy && setfacl -d -m u:1234:r a
	mkdir a/inherits && : >a/inherits/too
	setfattr -x user.small copy
	cd /
}

try() { # NAME SIZE MKE2FS-ARGS...
	local name=$1

	shift
	image "$@"
	edu || return
	check "$name: works" workload "$dir/edu" "$5"
	sync -f "$dir/edu"
	describe "$dir/edu" >"$dir/edu.txt" 2>&1
	umount "$dir/edu"
	sound "$name"
	same "$name"
}

far=
try "ext4, 1 KiB" 48M -t ext4 -b 1024 -O ^has_journal
far="65803 65804 66100"
try "ext2, 1 KiB" 48M -t ext2 -b 1024
far=
try "ext2, 2 KiB, inodes of 128" 48M -t ext2 -b 2048 -I 128 -O ^dir_index,^resize_inode
try "meta_bg, csum seed" 48M -t ext4 -b 1024 -O ^has_journal,meta_bg,^resize_inode,metadata_csum_seed
if ! watched; then
	try "ext4, 4 KiB" 48M -t ext4 -b 4096 -O ^has_journal
	try "ext2, 4 KiB, no filetype" 48M -t ext2 -b 4096 -O ^filetype,^sparse_super,^large_file,^resize_inode
	try "uninit_bg, 32 bits" 48M -t ext4 -b 2048 -O ^has_journal,^metadata_csum,uninit_bg,^64bit
fi
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

check "edufs unloads" rmmod edufs
rm -rf "$dir"
finish
