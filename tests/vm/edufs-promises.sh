#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One check for each thing that docs/edufs.md promises about writing and that a
# comparison with ext4 does not show: what happens when it is full, when a file
# without a name is open, when it was not left clean, when damage is seen ...
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu"
modprobe -a loop ext4
check "edufs loads" load edufs

image() { # SIZE MKE2FS-ARGS...
	local size=$1

	shift
	rm -f "$dir/image"
	mke2fs -q -F -E root_owner=0:0 "$@" "$dir/image" "$size" >/dev/null 2>&1
}
edu() { mounted "edufs${1:+, $1}" -t edufs -o "loop${1:+,$1}" "$dir/image" "$dir/edu"; }
sound() { check "$1: e2fsck finds nothing" e2fsck -fn "$dir/image"; }
state() { dumpe2fs -h "$dir/image" 2>/dev/null | sed -n 's/^Filesystem state: *//p'; }
last() { dmesg | grep 'edufs: loop' | tail -n 1; }
cd "$dir" || exit 1

# Full: of blocks, then of inodes; then room again.
for type in ext4 ext2; do
	image 12M -t $type -b 1024 -O ^has_journal -N 200
	edu
	before=$(stat -f -c %f edu)
	check "$type: full gives ENOSPC, and what was taken is what was written" perl -e '
		use Errno; mkdir "edu/d"; my $n = 0; my $why;
		for my $file (1 .. 40) {
			open F, ">", "edu/d/$file" or last;
			for (1 .. 20) {
				my $w = syswrite F, "x" x 40000;
				if (!defined $w) { $why = $!{ENOSPC}; last }
				$n += $w;
			}
			close F or die "close: $!"; last if $why;
		}
		die "no ENOSPC" unless $why;
		my @free = split / /, `sync -f edu; stat -f -c "%f %b" edu`;
		# What ext4 also keeps for the growth of its maps, a fiftieth, stays.
		die "$free[0] blocks are still free, $n bytes written" if $free[0] > 40 + $free[1] / 50;
		my $sum = 0; $sum += -s for glob "edu/d/*"; die "$sum $n" unless $sum == $n'
	check "$type: room again after unlink" perl -e 'unlink glob "edu/d/*"; rmdir "edu/d" or die'
	sync -f edu
	is "$type: as much as before" "$before" "$(stat -f -c %f edu)"
	check "$type: no inode left gives ENOSPC" perl -e '
		my $n = 0; $n++ while open F, ">", "edu/$n"; die $! unless $!{ENOSPC};
		die "$n" unless $n > 150; unlink "edu/$_" for 0 .. $n'
	umount edu
	sound "$type, once full"
done

# A file without a name, open.
image 32M -t ext4 -b 1024 -O ^has_journal
edu
check "blocks of an open file without a name go when it is closed" perl -e '
	sub free { (split / /, `sync -f edu; stat -f -c "%f %d" edu`)[0] }
	my $all = free(); open F, "+>", "edu/f"; syswrite F, "y" x 1000000; my $with = free();
	unlink "edu/f"; die "gone at once" if free() > $with;
	sysseek F, 0, 0; my $n = sysread F, my $b, 1000000; die unless $b eq "y" x 1000000;
	close F; my $now = free(); die "$now of $all" unless $now == $all'
check "O_TMPFILE gets a name" perl -e '
	sysopen F, "edu", 020000000 | 0200000 | 2, 0600 or die "open: $!"; syswrite F, "text";
	my ($from, $to) = ("/proc/self/fd/".fileno(F), "edu/named");
	syscall(265, -100, $from, -100, $to, 0x400) == 0 or die "linkat: $!";
	die unless -s "edu/named" == 4'

# A rename that leaves a whiteout; with no inode left for one, nothing happens.
whiteout() { perl -e '($a, $b) = @ARGV; syscall(316, -100, $a, -100, $b, $ARGV[2] // 4) == 0 or die "$!\n"' "$@"; }
for journal in has_journal ^has_journal; do
	umount edu
	image 32M -t ext4 -O $journal -N 64
	edu
	echo text >edu/f && echo other >edu/g && mkdir edu/d
	check "$journal: RENAME_WHITEOUT" whiteout edu/f edu/g
	is "the new name has the file" text "$(cat edu/g)"
	is "the old one is the device 0/0, without rights" "0 0 0 character special file" "$(stat -c '%t %T %a %F' edu/f)"
	check "of a directory, to another directory" whiteout edu/d edu/e
	is "which counts no link for it" 4 "$(stat -c %h edu)"
	refuse "not with RENAME_EXCHANGE" whiteout edu/g edu/e 6
	refuse "nor over what is there, with RENAME_NOREPLACE" whiteout edu/g edu/e 5
	refuse "an unknown flag is refused" whiteout edu/g edu/h 8
	perl -e '$n++ while open F, ">", "edu/n$n"'
	is "no inode left: ENOSPC" "No space left on device" "$(whiteout edu/g edu/h 2>&1)"
	is "and both names are as before" "text no" "$(cat edu/g) $([ -e edu/h ] || echo no)"
	rm edu/n1 && check "one left" whiteout edu/g edu/h
	sync -f edu && is "on disk it is one, too" yes \
		"$(debugfs -R 'stat g' image 2>/dev/null | grep -q 'Type: character special.*Mode: *0000' && echo yes)"
	rm edu/n*
	umount edu
	sound "$journal, whiteouts"
	edu
done

# Not left clean: as after a crash, with a file without a name.
is "while mounted the image is not clean" "not clean" "$(state)"
perl -e 'open F, ">", "edu/orphan"; syswrite F, "z" x 500000; unlink "edu/orphan";
	system "sync -f edu; cp --sparse=always image crashed"'
umount edu
is "after umount it is clean" clean "$(state)"
mv image left && mv crashed image
refuse "an image that was not left clean is not written" mount -t edufs -o loop,rw -w image edu
is "and that is said" yes "$([[ $(last) == *"not left clean"* ]] && echo yes)"
edu ro && umount edu
ok "it is read"
e2fsck -fp image >said 2>&1
is "e2fsck mends what a crash left, of itself" 1 "$(($? & ~1 ? 9 : 1))"
is "and ends the orphan" yes "$(grep -qi orphan said && echo yes)"
edu rw && check "then it is written" touch edu/x
umount edu
sound "after the crash"

# Remount and freeze.
mv left image
edu
check "remount for reading" mount -o remount,ro edu
is "leaves it clean" clean "$(state)"
refuse "and unwritten" touch edu/no
check "remount for writing" mount -o remount,rw,errors=remount-ro edu
is "and not clean again" "not clean" "$(state)"
grep -q 'edufs.*errors=remount-ro' /proc/mounts
is "options are shown" 0 $?
fsfreeze -f edu
is "frozen is clean" clean "$(state)"
timeout 1 touch edu/frozen & sleep 0.3
check "frozen waits" test ! -e edu/frozen
fsfreeze -u edu
wait
is "thawed is not clean" "not clean" "$(state)"
umount edu
sound "remounted and frozen"

# Damage, while writing.
hurt() {
	image 16M -t ext4 -b 1024 -O ^has_journal,^metadata_csum
	edu && echo text >edu/victim && echo text >edu/other && mkdir edu/d && umount edu
	debugfs -w -R 'set_inode_field victim block[0] 0x0004f30a' image >/dev/null 2>&1
	edu "errors=$1"
}
hurt remount-ro
refuse "damage is no data" cat edu/victim
refuse "errors=remount-ro: then nothing is written" sh -c 'echo more >edu/new'
refuse "nothing is removed" rm edu/other
is "what is sound is still read" text "$(cat edu/other)"
grep -q 'edufs.*emergency_ro' /proc/mounts
is "and that is shown" 0 $?
umount edu
is "damage is noted in the image" "not clean with errors" "$(state)"
refuse "it is not written before e2fsck" mount -t edufs -o loop,rw -w image edu
hurt continue
refuse "errors=continue: damage is no data" cat edu/victim
check "and the rest goes on" sh -c 'echo more >edu/new && rm edu/other'
umount edu
is "noted all the same" "clean with errors" "$(state)"

# Allocation: files written together do not interleave, directories spread.
image 96M -t ext4 -b 4096 -O ^has_journal -g 4096
edu
perl -e 'use IO::Handle; open $f[$_], ">", "edu/f$_" for 0 .. 3;
	for (1 .. 30) { for (@f) { syswrite $_, "x" x 8192; $_->sync } }'
worst=$(filefrag edu/f? | sed 's/.*: \([0-9]*\) extent.*/\1/' | sort -n | tail -n 1)
is "four files of 30 synced appends each have few pieces (at most $worst)" yes \
	"$([ "$worst" -le 8 ] && echo yes)"
groups=$(mkdir edu/{a,b,c,d,e,f} && stat -c %i edu/? | awk -v n="$(dumpe2fs -h image 2>/dev/null |
	sed -n 's/^Inodes per group: *//p')" '{ print int(($1 - 1) / n) }' | sort -u | wc -l)
is "six directories of the root are in several groups" yes "$([ "$groups" -ge 3 ] && echo yes)"

# Pages that follow each other are placed together.
allocs() { sed -n 's/^allocs //p' /sys/kernel/debug/edufs/stats; }
before=$(allocs)
dd if=/dev/zero of=edu/pieces bs=4k count=1024 conv=fsync status=none
taken=$(($(allocs) - before))
is "1024 dirty pages, each a folio, take few allocations ($taken)" yes "$([ "$taken" -le 40 ] && echo yes)"

# A listing with changes in between: each name that stays, once.
check "a listing is whole while the directory grows" perl -e '
	mkdir "edu/l"; for (1 .. 300) { open F, ">", "edu/l/stays $_ with some more text" }
	opendir D, "edu/l"; my %seen; $seen{readdir D}++ for 1 .. 40;
	for (1 .. 1500) { open F, ">", "edu/l/comes $_ with some more text" }
	while (defined(my $e = readdir D)) { $seen{$e}++ }
	for (1 .. 300) { my $n = "stays $_ with some more text"; die "$n: $seen{$n}" unless $seen{$n} == 1 }
	for (keys %seen) { die "$_ twice" if $seen{$_} > 1 }'

# Deep trees: 1500 pieces in no order, 1000 long names; cut, punched, removed.
umount edu
sound "a listing"
for type in ext4 ext2; do
	image 48M -t $type -b 1024 -O ^has_journal,dir_index -N 4000
	edu
	before=$(stat -f -c %f edu)
	perl -e 'srand 1; my @at = sort { rand() <=> 0.5 } 0 .. 1499; open F, ">", "edu/deep";
		for (@at) { seek F, $_ * 4096, 0; print F "piece $_" }'
	perl -e 'mkdir "edu/names"; for (1 .. 1000) { open F, ">", sprintf "edu/names/%05d%s", $_, "n" x 195 or die }'
	check "$type: every piece is where it was put, every name is found" sh -c 'sync -f edu; echo 3 >/proc/sys/vm/drop_caches
		perl -e "open F, q(edu/deep); for (0 .. 1499) { seek F, \$_ * 4096, 0; read F, my \$b, 10; die \$_ unless \$b =~ /^piece \$_/ }
			for (1 .. 1000) { -e sprintf q(edu/names/%05d%s), \$_, q(n) x 195 or die }"'
	is "$type: the index is two deep" 1 "$(debugfs -R 'htree_dump names' image 2>/dev/null | sed -n 's/.*Indirect levels: //p' | head -n 1)"
	check "$type: a hole is punched into it" fallocate -p -o 1000000 -l 3000000 edu/deep
	check "$type: it is cut" truncate -s 5000001 edu/deep
	check "$type: and grows again" sh -c 'echo end >>edu/deep'
	umount edu
	sound "$type, deep"
	edu
	perl -e 'unlink glob "edu/names/*"; rmdir "edu/names"; unlink "edu/deep"'
	sync -f edu
	is "$type: all of it is free again" "$before" "$(stat -f -c %f edu)"
	umount edu
	sound "$type, removed"
done

# What write() took is written, in whatever pieces the room is: many are placed at once, and
# the longest that are free in the bitmap are taken by then.
image 96M -t ext4 -b 4096 -m 0
edu
perl -e 'srand 7; for (1 .. 1200) { open F, ">", "edu/$_" or die; print F "x" x (2000 + int rand 60000); close F }'
sync -f edu
for ((n = 1; n <= 1200; n += 2)); do echo "edu/$n"; done | xargs rm
sync -f edu
room=$(df -k --output=avail edu | tail -n 1)
check "a file that fills many holes, and fsync" dd if=/dev/zero of=edu/large bs=1k count=$((room - room / 50)) conv=fsync status=none
umount edu
sound "many holes"

# A write(2) that stops short keeps no promise of blocks, and takes none from a mapping that
# stores into the file meanwhile: each page 0, 8, 16 ... is written, from a buffer that ends
# there, as the first of all that follow; the others are stored by another process.
for kind in "ext2 -b 1024" "ext4 -b 4096 -O ^has_journal" "ext4 -b 1024"; do
	# shellcheck disable=SC2086	# a list of words
	image 32M -t $kind
	edu
	promised=$(echo /sys/fs/edufs/loop*/delayed_allocation_blocks)
	check "$kind: write() from a buffer of one page" perl -e '
		open our $f, "+>", "edu/f" or die; truncate $f, 2 << 20; my $promised = shift;
		our $buffer = syscall 9, 0, 8192, 3, 0x22, -1, 0;
		syscall 10, $buffer + 4096, 4096, 0;
		sub put { sysseek $f, shift, 0; syscall 1, fileno $f, $buffer, 1 << 20 }
		sub left { open my $p, "<", $promised; <$p> + 0 }
		system "sync", "-f", "edu"; die left(), " were promised before\n" if left();
		my $n = put(4096); die "wrote $n: $!\n" if $n != 4096;
		# What is promised for the map stays until the page that was written is on the disk.
		$n = left(); die "$n are promised\n" if $n > 200;
		syscall 11, $buffer, 4096; $n = put(1 << 20); die "wrote $n\n" if $n != -1;
		system "sync", "-f", "edu"; die left(), " are promised when all is written\n" if left()' "$promised"
	check "$kind: and a mapping that is stored into" perl -e '
		my $promised = shift; open my $s, "+>", "/dev/shm/s"; syswrite $s, "s" x 4096;
		my $buffer = syscall 9, 0, 8192, 3, 0x22, -1, 0;
		syscall 10, $buffer + 4096, 4096, 0;
		for my $round (1 .. 8) {
			open my $f, "+>", "edu/f" or die; truncate $f, 1 << 20;
			my $map = syscall 9, 0, 1 << 20, 3, 1, fileno $f, 0;
			my $child = fork;
			if (!$child) {
				for my $page (map { $_ ^ 0xa8 } 0 .. 255) {
					next unless $page % 8; sysseek $s, 0, 0;
					syscall 0, fileno $s, $map + $page * 4096, 4096;
				}
				POSIX::_exit(0) if require POSIX;
			}
			for my $page (0 .. 31) {
				sysseek $f, $page * 32768, 0;
				my $n = syscall 1, fileno $f, $buffer, 1 << 20;
				die "wrote $n: $!\n" if $n != 4096; syscall 75, fileno $f if $page % 7 == $round % 7;
			}
			waitpid $child, 0; system "sync", "-f", "edu";
			open my $p, "<", $promised; my $left = <$p> + 0; die "$left are promised\n" if $left;
			sysseek $f, 0, 0; sysread $f, my $got, 1 << 20;
			die "round $round\n" if $got ne ("\0" x 4096 . "s" x 28672) x 32;
			syscall 11, $map, 1 << 20; close $f;
		}' "$promised"
	umount edu
	sound "$kind, short writes"
done

# Flags, large files, direct writes where the page cache must help.
image 96M -t ext4 -b 4096 -O ^has_journal
edu
: >edu/fixed && chattr +i edu/fixed
refuse "an immutable file stays" rm edu/fixed
chattr -i edu/fixed && check "until it is not" rm edu/fixed
refuse "O_DIRECT that is not aligned" dd if=/dev/zero of=edu/direct bs=100 count=1 oflag=direct
dd if=/dev/urandom of=random bs=4096 count=50 status=none
dd if=random of=edu/direct bs=4096 oflag=direct status=none
check "direct writes that make a file longer" cmp random edu/direct
check "a file of 20 GiB, mostly hole" sh -c 'echo end | dd of=edu/huge bs=1M seek=20480 status=none'
umount edu
sound "allocation"
image 32M -t ext2 -b 4096 -O ^large_file
edu
refuse "no file beyond what the map reaches" truncate -s 5T edu/f
check "a file of 3 GiB" truncate -s 3G edu/f
umount edu
is "makes it an image with large_file" yes "$(dumpe2fs -h image 2>/dev/null | grep -q large_file && echo yes)"
sound "large_file"

check "edufs unloads" rmmod edufs
cd / && rm -rf "$dir"
finish
