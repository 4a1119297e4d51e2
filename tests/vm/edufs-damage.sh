#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Images with random damage are mounted, walked and written: each call may fail,
# the kernel may not. Without checksums, so that the damage gets through. The
# number of images: EDUFS_DAMAGE, else 8.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu" "$dir/tree"
modprobe loop
check "edufs loads" load edufs
rounds=${EDUFS_DAMAGE:-8}
seed=${EDUFS_SEED:-$RANDOM}

perl -e 'chdir shift; mkdir $_ for "a", "b", "a/c";
	for (1 .. 150) { open F, ">", "a/a name of some length, number $_"; print F "text $_" x $_ }
	open F, ">", "b/pieces"; for (0 .. 300) { seek F, $_ * 4096, 0; print F "piece $_" }
	open F, ">", "large"; print F "x" x 700000; symlink "y" x 200, "a/c/long"; symlink "y", "b/short"' "$dir/tree"
setfattr -n user.large -v "$(head -c 500 /dev/zero | tr '\0' v)" "$dir/tree/large"
make() { # NAME MKE2FS-ARGS...
	mke2fs -q -F -N 1000 -d "$dir/tree" "${@:2}" "$dir/$1" 8M >/dev/null 2>&1
	e2fsck -fyD "$dir/$1" >/dev/null 2>&1
}
make ext4 -t ext4 -b 1024 -O ^has_journal,^metadata_csum,uninit_bg
make ext2 -t ext2 -b 1024 -O dir_index

# By chance none of it may lie where anybody looks: then some more images.
seen() { grep -q '^corrupt [1-9]' /sys/kernel/debug/edufs/stats; }
mounted=0
for ((round = 0; round < 5 * rounds; round++)); do
	((round < rounds)) || ! seen || break
	kind=ext4
	((round % 3)) || kind=ext2
	cp --sparse=always "$dir/$kind" "$dir/image"
	# Damage mostly where something is: blocks of the image that are not zeros.
	perl -e 'srand shift; open F, "+<", shift; my @used; my $b;
		for my $n (0 .. 8191) { seek F, $n * 1024, 0; read F, $b, 1024; push @used, $n if $b =~ /[^\0]/ && $b !~ /xxxx/ }
		for (1 .. 1 + int rand 60) { my $n = $used[rand @used]; next if $n < 3 && rand() < 0.9;
			seek F, $n * 1024 + (rand() < 0.5 ? int rand 1024 : int rand 64), 0; print F chr int rand 256 }' \
		$((seed + round)) "$dir/image"
	mount -t edufs -o loop,errors=continue "$dir/image" "$dir/edu" 2>/dev/null || continue
	mounted=$((mounted + 1))
	timeout 60 perl -e 'chdir shift or exit; use File::Find; my @all; my $b;
		find({ wanted => sub { push @all, $File::Find::name }, no_chdir => 1 }, ".");
		for (@all) { lstat; if (-f _) { open F, "<", $_ and sysread F, $b, 900000; } readlink if -l _ }
		for (@all[0 .. ($#all < 60 ? $#all : 60)]) {
			my $do = int rand 7;
			if ($do == 0) { unlink } elsif ($do == 1) { rename $_, "$_.new" }
			elsif ($do == 2) { open F, "+<", $_ and seek(F, int rand 400000, 0), syswrite F, "z" x rand 30000 }
			elsif ($do == 3) { truncate $_, int rand 300000 } elsif ($do == 4) { mkdir "$_.dir"; link $_, "$_.link" }
			elsif ($do == 5) { rmdir } else { open F, ">", "$_.made"; print F "text" x rand 9000; chmod 0600, $_ } }
		for (1 .. 60) { open F, ">", "a/one more name of some length $_" or last }' "$dir/edu" 2>/dev/null
	umount "$dir/edu"
done
is "some of $round damaged images were mounted and written ($mounted, seed $seed)" yes \
	"$([ $mounted -gt 0 ] && echo yes)"
check "damage was seen" seen

check "edufs unloads" rmmod edufs
rm -rf "$dir"
finish
