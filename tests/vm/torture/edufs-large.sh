#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What only large things reach: an extent tree of depth three, more subdirectories than a
# link count holds, and the third level of an index (large_dir). Each is made by edufs,
# judged by e2fsck, read by ext4, and taken away again by edufs.
. /edu/tests/tap.sh

mount -t tmpfs -o size=90% tmpfs /mnt && cd /mnt && mkdir mnt || exit 1
modprobe -a loop ext4
check "edufs loads" load edufs

# image SIZE MKE2FS-ARGS...
image() {
	local size=$1

	shift
	rm -f image
	mke2fs -q -F -t ext4 -E lazy_itable_init=0,root_owner=0:0 "$@" image "$size" >/dev/null 2>&1
}
on() { # TYPE COMMAND...: with the image mounted
	local type=$1 status

	shift
	mounted "$type" -t "$type" -o loop image mnt || return
	"$@"
	status=$?
	umount mnt
	return $status
}
sound() { check "$1: e2fsck finds nothing" e2fsck -fn image; }

# Blocks of 1 KiB: 84 extents a leaf, 84 leaves a node, four in the inode: 28,224.
pieces=30000
pieces() {
	perl -e 'open F, "+>", "mnt/f" or die; binmode F;
		for my $i (0 .. $ARGV[0] - 1) {
			sysseek F, 2048 * $i, 0; syswrite(F, pack("N", $i) x 256) == 1024 or die $!;
		}' $pieces
}
read_pieces() {
	perl -e 'open F, "<", "mnt/f" or die; binmode F; my $bad = 0;
		for my $i (0 .. $ARGV[0] - 1) {
			sysseek F, 2048 * $i, 0; sysread F, my $b, 1024; $bad++ if $b ne pack("N", $i) x 256;
		} print "$bad\n"; exit($bad > 0)' $pieces
}
depth() { debugfs -R 'dump_extents f' image 2>/dev/null | sed -n 's,^ *[0-9]*/ *\([0-9]*\).*,\1,p' | sort -n | tail -n 1; }
for journal in ^has_journal has_journal; do
	image 128M -b 1024 -O $journal
	check "$journal: a file of $pieces pieces" on edufs pieces
	is "$journal: its tree is of depth" 3 "$(depth)"
	sound "$journal, the file"
	check "$journal: ext4 reads it" on ext4 read_pieces
	check "$journal: edufs reads it" on edufs read_pieces
	check "$journal: every second piece is punched" on edufs perl -e 'open F, "+<", "mnt/f" or die;
		for (my $i = 1; $i < $ARGV[0]; $i += 2) { syscall(285, fileno(F), 3, 2048 * $i, 1024) and die $! }' $pieces
	sound "$journal, punched"
	check "$journal: it is cut and removed" on edufs sh -c 'truncate -s 20000000 mnt/f && rm mnt/f'
	sound "$journal, removed"
done

dirs=65100
image 512M -b 4096 -N $((dirs + 1000)) -O has_journal
check "$dirs subdirectories" on edufs perl -e 'mkdir "mnt/d" or die; for (1 .. $ARGV[0]) { mkdir "mnt/d/$_" or die "$_: $!" }' $dirs
sound "$dirs subdirectories"
is "their number is not counted any more" 1 "$(on edufs stat -c %h mnt/d)"
is "ext4 finds them all" $dirs "$(on ext4 sh -c 'ls -f mnt/d | grep -vc "^\.*$"')"
check "edufs removes them" on edufs perl -e 'for (1 .. $ARGV[0]) { rmdir "mnt/d/$_" or die "$_: $!" } rmdir "mnt/d" or die' $dirs
sound "none left"

# Blocks of 1 KiB: two levels end near 310,000 names.
names=400000
image 256M -b 1024 -O ^has_journal,large_dir -N 1000
links() { perl -e '
	mkdir "mnt/d" or die; chdir "mnt/d"; open F, ">", "../f" or die;
	for my $i (0 .. $ARGV[0] - 1) {
		if ($i % 60000 == 0) { open F, ">", "../f$i" or die; $f = "../f$i" }
		link $f, "name $i" or die "$i: $!";
	}' $names; }
find_links() {
	[ "$(find mnt/d -name 'name *' | wc -l)" = $names ] &&
		perl -e 'srand 1; for (1 .. 3000) { my $n = int rand $ARGV[0]; -e "mnt/d/name $n" or die $n; -e "mnt/d/no $n" and die $n }' $names
}
check "$names names in one directory" on edufs links
is "its index has three levels" 2 "$(debugfs -R 'htree_dump d' image 2>/dev/null | sed -n 's/.*Indirect levels: //p' | head -n 1)"
sound "$names names"
check "ext4 finds them" on ext4 find_links
check "edufs finds them" on edufs find_links
check "edufs removes them" on edufs rm -r mnt/d
sound "no names"

is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"
check "edufs unloads" rmmod edufs
cd / && umount /mnt
finish
