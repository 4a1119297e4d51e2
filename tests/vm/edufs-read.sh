#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# edufs reads what mke2fs wrote: the same image is mounted by edufs and by the
# kernel's ext4, and the two trees are compared, down to the nanosecond.
. /edu/tests/tap.sh

dir=$(mktemp -d)
tree=$dir/tree
mkdir "$tree" "$dir/edu" "$dir/ext4"
modprobe -a loop ext4
check "edufs loads" load edufs

# A tree with something for every part of the format.
mkdir -p "$tree/deep/er/still" "$tree/many" "$tree/empty"
head -c 3000000 /dev/urandom >"$tree/three-megabytes"
echo hello >"$tree/hello"
: >"$tree/nothing"
# Blocks at each boundary of the indirect map (1 KiB: 12, 268, 65804), the rest holes.
for at in 11 12 267 268 269 65803 65804 66100; do
	printf 'at %d' $at | dd of="$tree/sparse" bs=1024 seek=$at conv=notrunc status=none
done
# A piece a block in 400: many extents, so a tree with an index.
perl -e 'open F, ">", shift; for (0 .. 399) { seek F, $_ * 8192, 0; print F "piece $_" }' "$tree/pieces"
ln "$tree/hello" "$tree/deep/link"
ln -s hello "$tree/short"
ln -s "$(head -c 300 /dev/zero | tr '\0' x)" "$tree/long"
mknod "$tree/null" c 1 3
mknod "$tree/big" b 300 70000
mkfifo "$tree/fifo"
chown 70000:70001 "$tree/hello"
chmod 4751 "$tree/hello"
touch -d '2001-02-03 04:05:06.123456789' "$tree/deep/er"
touch -d '2100-01-01 00:00:00.5' "$tree/nothing"
perl -e 'for (1 .. 500) { open F, ">", "$ARGV[0]/many/a name that takes some room $_" }' "$tree"
setfattr -n user.small -v value "$tree/hello"
setfattr -n user.large -v "$(head -c 700 /dev/zero | tr '\0' v)" "$tree/hello"
setfattr -n trusted.t -v 1 "$tree/deep"
setfattr -n user.dir -v 2 "$tree/many"
setfacl -m u:1234:r "$tree/three-megabytes"

# What a person sees of a mounted tree, in one order.
describe() {
	cd "$1" || return
	find . -printf '%p %y %m %U %G %n %s %b %i %T@ %C@ %l\n' | sort
	find . -type f -size -9000k ! -path './many/*' -print0 | sort -z | xargs -0 sha256sum
	find . ! -path './many/*' -print0 | sort -z | xargs -0 getfattr -h -d -m - 2>/dev/null
	find . -maxdepth 1 -type b,c -print0 | sort -z | xargs -0 stat -c '%n %t %T'
	stat -f -c '%b %f %c %d %l %s %i' .
	cd /
}

# compare NAME: $dir/image by both; EXTRA commands in $dir after.
compare() {
	if ! mount -t edufs -o ro,loop "$dir/image" "$dir/edu"; then
		not_ok "$1: edufs mounts it"
		return
	fi
	describe "$dir/edu" >"$dir/edu.txt" 2>&1
	dd if="$dir/edu/three-megabytes" bs=4096 iflag=direct status=none | cmp -s - "$tree/three-megabytes" ||
		echo "direct read failed" >>"$dir/edu.txt"
	# 67 MB, mostly hole: around each boundary of the map, and the length, is in the listing.
	perl -e 'for (@ARGV) { open F, $_ or die; push @got, join "", map { seek F, $_ * 1024 - 2048, 0;
		read F, my $b, 6144; $b } 11, 12, 267, 268, 269, 1000, 40000, 65803, 65804, 66100 }
		exit($got[0] ne $got[1])' "$tree/sparse" "$dir/edu/sparse" || echo "sparse differs" >>"$dir/edu.txt"
	# Every name by lookup, with nothing in the dcache: this is the index.
	echo 2 >/proc/sys/vm/drop_caches
	perl -e 'for (1 .. 500) { -e "$ARGV[0]/many/a name that takes some room $_" or $n++ }
		-e "$ARGV[0]/many/not there" and $n++; exit($n > 0)' "$dir/edu" || echo "names missing" >>"$dir/edu.txt"
	umount "$dir/edu"
	mounted "$1, ext4" -t ext4 -o ro,loop "$dir/image" "$dir/ext4"
	describe "$dir/ext4" >"$dir/ext4.txt" 2>&1
	umount "$dir/ext4"
	check "$1: the same as by ext4" diff "$dir/ext4.txt" "$dir/edu.txt"
	[ "$(wc -l <"$dir/edu.txt")" -gt 520 ] || not_ok "$1: the tree is there"
}

make_image() { # NAME SIZE MKE2FS-ARGS...
	local name=$1 size=$2

	shift 2
	rm -f "$dir/image"
	mke2fs -q -F -E root_owner=0:0 -d "${from:-$tree}" "$@" "$dir/image" "$size" >/dev/null 2>"$dir/said" || {
		not_ok "$name: mke2fs"
		sed 's/^/# /' "$dir/said"
	}
	e2fsck -fyD "$dir/image" >/dev/null 2>&1
}

make_image "ext2, 1 KiB" 64M -t ext2 -b 1024 -O dir_index
compare "ext2, 1 KiB"
make_image "ext2, 2 KiB, inodes of 128" 64M -t ext2 -b 2048 -I 128 -O ^dir_index,^resize_inode
compare "ext2, 2 KiB, inodes of 128"
make_image "ext4, 1 KiB, no journal" 64M -t ext4 -b 1024 -O ^has_journal
tune2fs -E hash_alg=tea "$dir/image" >/dev/null && e2fsck -fyD "$dir/image" >/dev/null 2>&1
compare "ext4, 1 KiB, TEA"
make_image "ext4, meta_bg, csum seed" 64M -t ext4 -b 1024 -O meta_bg,^resize_inode,metadata_csum_seed,^has_journal
compare "ext4, meta_bg, csum seed"
make_image "ext4, bigalloc, sparse_super2" 64M -t ext4 -b 4096 -C 16384 -O bigalloc,sparse_super2,^resize_inode
compare "ext4, bigalloc"
if ! watched; then
	make_image "ext2, 4 KiB, no filetype" 64M -t ext2 -b 4096 -O ^filetype,^sparse_super,^large_file,^resize_inode
	compare "ext2, 4 KiB, no filetype"
	make_image "ext3, clean journal" 64M -t ext3 -b 1024
	compare "ext3, clean journal"
	make_image "ext4 default, 4 KiB" 64M -t ext4 -b 4096
	compare "ext4 default, 4 KiB"
	make_image "ext4, uninit_bg, 32 bits" 64M -t ext4 -b 2048 -O ^metadata_csum,uninit_bg,^64bit
	compare "ext4, uninit_bg, 32 bits"
fi
grep -q '^htree_lookups [1-9]' /sys/kernel/debug/edufs/stats
is "lookups went through the index" 0 $?
is "no damage was seen in sound images" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"

# fiemap and SEEK_HOLE, as ext4 says; and all of the sparse file, holes and all.
make_image "holes" 32M -t ext4 -b 4096 -O ^has_journal
for type in edufs ext4; do
	mounted "holes, $type" -t $type -o ro,loop "$dir/image" "$dir/edu"
	filefrag -v "$dir/edu/pieces" "$dir/edu/sparse" >"$dir/$type.frag" 2>&1
	perl -e 'open F, shift; my $p = 0; my $s = -s F; while ($p < $s) {
		my $d = sysseek(F, $p, 3); last unless defined $d;
		$p = sysseek(F, $d, 4); print "$d $p\n" }' "$dir/edu/sparse" >>"$dir/$type.frag"
	[ $type = ext4 ] || check "a sparse file, whole" cmp "$tree/sparse" "$dir/edu/sparse"
	umount "$dir/edu"
done
check "filefrag and SEEK_HOLE as by ext4" diff "$dir/ext4.frag" "$dir/edufs.frag"

# What must be refused, and how it is said.
last() { dmesg | grep 'edufs: loop' | tail -n 1; }
try() { mount -t edufs -o ro,loop "$dir/image" "$dir/edu"; }
from=$tree/deep
make_image "refused" 16M -t ext4 -O ^has_journal -I 256 -N 4000 -b 1024
debugfs -w -R 'feature inline_data' "$dir/image" >/dev/null 2>&1
refuse "inline_data is refused" try
is "and named" yes "$([[ $(last) == *inline_data* ]] && echo yes)"
make_image "recover" 16M -t ext4 -b 1024
debugfs -w -R 'feature needs_recovery' "$dir/image" >/dev/null 2>&1
refuse "a journal to replay on a device that cannot be written is refused" try
is "and said" yes "$([[ $(last) == *"must be replayed"* ]] && echo yes)"
check "noload reads it" mount -t edufs -o ro,loop,noload "$dir/image" "$dir/edu"
umount "$dir/edu"

# Damage: each gives EUCLEAN (or EIO: what the page cache makes of any error)
# and a line, and nothing else happens.
from=
hurt() { # WHAT DEBUGFS-COMMAND COMMAND...
	local what=$1 how=$2

	shift 2
	cp --sparse=always "$dir/sound" "$dir/image"
	debugfs -w -R "$how" "$dir/image" >/dev/null 2>&1
	dmesg -C
	if try 2>/dev/null; then
		said=$("$@" 2>&1)
		case $said in
		*"needs cleaning"* | *"Input/output error"*) ok "$what: refused" ;;
		*) not_ok "$what: refused"; echo "# $said" | head -n 3 ;;
		esac
		umount "$dir/edu"
	else
		ok "$what: no mount"
	fi
	is "$what: a line" yes "$(dmesg | grep -q 'edufs: loop' && echo yes)"
	dmesg | grep 'edufs: loop' | sed 's/^/# /' | head -n 1
}
make_image "damage" 16M -t ext4 -b 1024 -O ^has_journal,^metadata_csum
cp --sparse=always "$dir/image" "$dir/sound"
hurt "extent depth" 'set_inode_field pieces block[0] 0x0004f30a' cat "$dir/edu/pieces"
hurt "extent magic" 'set_inode_field pieces block[0] 0x12345678' cat "$dir/edu/pieces"
hurt "extent far away" 'set_inode_field three-megabytes block[5] 0x7fffffff' cat "$dir/edu/three-megabytes"
hurt "directory map" 'set_inode_field many block[5] 0x7fffffff' ls "$dir/edu/many"
hurt "mode" 'set_inode_field hello mode 0' cat "$dir/edu/hello"
hurt "inode size" 'set_inode_field hello extra_isize 999' cat "$dir/edu/hello"
hurt "inode table" 'set_block_group 0 inode_table 99999999' true
hurt "blocks" 'set_super_value blocks_per_group 3' true
hurt "inodes" 'set_super_value inodes_per_group 0' true
from=$tree/deep
make_image "random" 16M -t ext4 -b 1024 -O ^has_journal
dmesg -C
debugfs -w -R 'set_inode_field link size 12345' "$dir/image" >/dev/null 2>&1
perl -e 'open F, "+<", shift; for (1 .. 400) { seek F, 40000 + int(rand(1000000)), 0; print F chr(rand(256)) }' "$dir/image"
if try 2>/dev/null; then
	find "$dir/edu" -type f -exec cat {} + >/dev/null 2>&1
	umount "$dir/edu"
fi
ok "an image with 400 random bytes does no harm"

check "edufs unloads" rmmod edufs
rm -rf "$dir"
finish
