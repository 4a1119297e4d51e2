#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Images with a journal: written, crashed and replayed; and one check for each thing
# that docs/edufs-journal.md promises and that the crash tests do not show.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu" "$dir/ext4"
modprobe -a loop ext4
check "edufs loads" load edufs
cd "$dir" || exit 1
trace=/sys/kernel/tracing
export DM_DISABLE_UDEV=1

image() { # SIZE MKE2FS-ARGS...
	local size=$1

	shift
	rm -f image
	mke2fs -q -F -E root_owner=0:0 "$@" image "$size" >/dev/null 2>&1
}
edu() { mounted "edufs${1:+, $1}" -t edufs -o "loop${1:+,$1}" image edu; }
sound() { check "$1: e2fsck finds nothing" e2fsck -fn image; }
features() { dumpe2fs -h "${1:-image}" 2>/dev/null | sed -n 's/^Filesystem features: *//p'; }
has() { [[ " $(features "$2") " == *" $1 "* ]] && echo yes || echo no; }
last() { dmesg | grep 'edufs: loop' | tail -n 1; }
# The image as a crash leaves it now: what is in the page cache of the loop's file.
crash() { cp --sparse=always image crashed; }

work() {
	mkdir edu/d"$1" edu/d"$1"/sub && echo hello >edu/d"$1"/hello && ln edu/d"$1"/hello edu/d"$1"/link &&
		ln -s "$(head -c 300 /dev/zero | tr '\0' x)" edu/d"$1"/long &&
		perl -e 'for (1 .. 300) { open F, ">", "$ARGV[0]/a name that takes some room $_" or die; print F "text $_" }
			for (1 .. 300) { unlink "$ARGV[0]/a name that takes some room $_" if $_ % 3 == 0 }
			for (1 .. 50) { rename "$ARGV[0]/a name that takes some room ".($_*3+1), "$ARGV[0]/sub/new $_" or die }' edu/d"$1" &&
		head -c 3000000 /dev/urandom >edu/d"$1"/large && cp edu/d"$1"/large edu/d"$1"/copy && truncate -s 100000 edu/d"$1"/large &&
		setfattr -n user.large -v "$(head -c 700 /dev/zero | tr '\0' v)" edu/d"$1"/copy &&
		rm edu/d"$1"/link && mv edu/d"$1"/copy edu/d"$1"/moved && fallocate -p -o 100000 -l 900000 edu/d"$1"/moved
}

try() { # NAME MKE2FS-ARGS...
	local name=$1

	shift
	image 96M "$@"
	edu || return
	check "$name: works" work 1
	is "$name: while it is written it says so" yes "$(has needs_recovery)"
	check "$name: sync" sync -f edu
	crash
	check "$name: works on" work 2
	md5sum edu/d1/* edu/d1/sub/* 2>/dev/null | sort >want
	umount edu
	is "$name: after that it does not" no "$(has needs_recovery)"
	sound "$name"
	mv crashed image
	check "$name: the journal is replayed" edu
	md5sum edu/d1/* edu/d1/sub/* 2>/dev/null | sort >got
	check "$name: what was synced is there" diff want got
	check "$name: it is written" work 3
	umount edu
	sound "$name, replayed"
}

try "default" -t ext4
try "ext3" -t ext3 -b 1024

# With sync, each operation is the first of its transaction: a block that an earlier one
# of the same transaction changed is not counted again.
image 32M -t ext4 -b 1024
edu sync,acl
echo 1 >$trace/events/jbd2/jbd2_handle_stats/enable
mkdir edu/d && setfacl -m u:1:r,u:2:r,u:3:r,u:4:r,u:5:r,u:6:r,u:7:r,u:8:r,u:9:r,d:u:1:r,d:u:2:r,d:u:3:r,d:u:4:r,d:u:5:r,d:u:6:r,d:u:7:r,d:u:8:r edu/d
perl -e 'chdir "edu/d"; mkdir "sub"; symlink "x" x 300, "long";
	for (1 .. 90) { open F, ">", "a name that takes a lot of room, to fill the blocks of it $_" x 3 or die; close F }
	open F, ">", "f"; for (0 .. 60) { seek F, $_ * 4096, 0; syswrite F, "x" x 1000 }
	link "f", "link"; rename "f", "sub/f"; rename "link", "long"; rename "sub", "../sub"; unlink "../sub/f";
	$a = "w"; $b = "another name that takes a lot of room" x 4; open F, ">", $a; syscall(316, -100, $a, -100, $b, 4) == 0 or die "whiteout: $!";
	truncate "long", 5000; unlink "long"; rmdir "../sub"' && fallocate -l 300000 edu/d/reserved &&
	setfattr -n user.large -v "$(head -c 700 /dev/zero | tr '\0' v)" edu/d/reserved && rm edu/d/reserved
perl -e 'open F, ">", "edu/d/pieces"; for (0 .. 99) { seek F, $_ * 2048, 0; syswrite F, "x" }' &&
	fallocate -i -o 1024 -l 4096 edu/d/pieces
is "an insertion into a file of many pieces" 0 $?
umount edu
sound "sync"

# With data=journal: over blocks that are there, into holes, into what is reserved, all in
# one write(2), at the end, through a mapping; the end of a block that stays is zeroed.
image 32M -t ext4 -b 1024
edu sync,data=journal
python3 - edu/f <<'END'
import mmap, os, sys
f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.pwrite(f, b"a" * 300000, 0)
os.pwrite(f, b"b" * 30000, 1500)
os.posix_fallocate(f, 300000, 100000)
for at in range(300000, 500000, 3000):
    os.pwrite(f, b"c" * 1000, at)
os.pwrite(f, b"d" * 250000, 280001)
os.ftruncate(f, 700000)
m = mmap.mmap(f, 700000)
for at in range(1000, 700000, 9999):
    m[at:at + 2000] = b"e" * 2000
m.flush()
os.ftruncate(f, 100001)
END
is "writes of all kinds with data=journal" 0 $?
for n in 1 2 3 4; do
	# Each is committed: the page is dirty for its own place when it grows.
	head -c 900 /dev/zero | tr '\0' "$n" >>edu/grown
done
is "a file that grows in a page that is committed" "900 1 900 2 900 3 900 4" \
	"$(fold -w 1 edu/grown | uniq -c | xargs)"
rm edu/f
umount edu
sound "data=journal, sync"

# What each operation reserved, and what the journal counted (journal_credits.c).
echo 0 >$trace/events/jbd2/jbd2_handle_stats/enable
awk '/jbd2_handle_stats: dev 7,/ {
		for (i = 1; i < NF; i++) f[$i] = $(i + 1)
		t = f["type"]; n[t]++
		if (f["dirtied_blocks"] + 0 > most[t] + 0) most[t] = f["dirtied_blocks"]
		if (f["dirtied_blocks"] + 0 > f["requested_blocks"] + 0) over++
		asked[t] = f["requested_blocks"]
	}
	END {
		split("inode super create link unlink rename whiteout xattr orphan remove free_inode written reserve shift data", name)
		for (t = 0; t < 15; t++) {
			printf "# %-10s reserved %3d, used at most %3d (%d times)\n", name[t + 1], asked[t], most[t], n[t]
			if (!n[t]) missed++
		}
		printf "over %d missed %d\n", over, missed
	}' $trace/trace >credits
grep '^#' credits
is "no operation used more than it reserved, each was seen" "over 0 missed 0" "$(tail -n 1 credits)"
: >$trace/trace

# Refused, with a line; remount, freeze, abort.
image 16M -t ext4 -b 1024
check "data=writeback, commit=, nobarrier" edu data=writeback,commit=30,nobarrier
grep -q 'edufs.*data=writeback,commit=30,nobarrier' /proc/mounts
is "are shown" 0 $?
: >edu/f
refuse "data= at a remount" mount -o remount,data=journal edu
check "remount for reading" mount -o remount,ro edu
is "leaves the journal clean" no "$(has needs_recovery)"
check "remount for writing" mount -o remount,rw edu
is "opens it again" yes "$(has needs_recovery)"
fsfreeze -f edu
is "frozen, it is clean" no "$(has needs_recovery)"
crash
fsfreeze -u edu
is "thawed, it is not" yes "$(has needs_recovery)"
check "a copy made then is sound" e2fsck -fn crashed
umount edu
sound "remounted and frozen"

# Shut down, it leaves its clean journal alone: a read would otherwise note its time there.
# O_DSYNC past the page cache, where a device that has no cache of its own needs no flush.
end() { perl -e 'open F, "<", "edu" or die; my $how = pack "L", shift; ioctl F, 0x8004587d, $how or die "$!\n"' "$1"; }
image 32M -t ext4
edu strictatime,commit=1
echo text >edu/f && sync -f edu && end 0
cat edu/f >/dev/null && sleep 2
crash
umount edu
is "shut down: nothing comes into the journal" 0 \
	"$(dumpe2fs -h crashed 2>/dev/null | sed -n 's/^Journal start: *//p')"
loop=$(losetup -f --show image)
echo "write through" >/sys/block/"${loop#/dev/}"/queue/write_cache
mount -t edufs -o commit=300 "$loop" edu
head -c 4096 /dev/urandom >random
: >edu/direct && sync -f edu
# The block is in the map, but that is not committed.
perl -e 'open F, "+<", "edu/direct"; syswrite F, "x" x 4096; syscall(277, fileno(F), 0, 0, 7) == 0 or die $!'
dd if=random of=edu/direct bs=4096 oflag=direct,dsync conv=notrunc status=none
end 2
umount edu
mount -t edufs "$loop" edu
check "O_DIRECT and O_DSYNC: what was written is there" cmp random edu/direct
umount edu
losetup -d "$loop"
sound "shut down"

# data=journal: where the data is, and when. Who reads the device sees it only in its place.
there() { debugfs -R "dump $1 got" "$2" >/dev/null 2>&1 && cmp -s "$3" got && echo yes || echo no; }
image 16M -t ext4 -b 1024 -O ^has_journal
refuse "data=journal without a journal" mount -t edufs -o loop,data=journal image edu
is "and a line says so" "edufs: loop0: data=journal, but the image has no journal" \
	"$(last | sed 's/^\[[^]]*\] //; s/loop[0-9]*/loop0/')"
image 32M -t ext4
edu data=journal,commit=300
grep -q 'edufs.*data=journal' /proc/mounts
is "data=journal is shown" 0 $?
refuse "data=ordered at a remount" mount -o remount,data=ordered edu
flusher=$(cat /proc/sys/vm/dirty_writeback_centisecs)
echo 0 >/proc/sys/vm/dirty_writeback_centisecs
head -c 500000 /dev/urandom >random
cp random edu/f && sync edu/f
crash
is "synced, the data is not in its place" no "$(there f crashed random)"
fsfreeze -f edu
crash
fsfreeze -u edu
is "frozen, it is" yes "$(there f crashed random)"
dd if=random of=edu/direct bs=4096 oflag=direct status=none && dd if=edu/direct of=got bs=1M iflag=direct status=none
check "O_DIRECT goes through the page cache" cmp random got
python3 - edu/mapped random <<'END'
import mmap, os, sys
want = open(sys.argv[2], "rb").read()
f = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
os.ftruncate(f, len(want))
m = mmap.mmap(f, len(want))
for done in range(2):
    m[:] = b"old" * (len(want) // 3) + b"o" * (len(want) % 3)
    m.flush()
    m[:] = want
    m.flush()
END
rm edu/f && mkdir edu/d edu/d/{1..200} && cp random edu/next && sync edu/next
is "filefrag asks for what is in its place" yes "$(filefrag -B edu/next >/dev/null; there next image random)"
crash
cp random edu/last && truncate -s 70001 edu/last && fallocate -p -o 5000 -l 20001 edu/last &&
	fallocate -z -o 30001 -l 9000 edu/last && cp edu/last last
umount edu
is "unmounted, it is in its place" yes "$(there last image last)"
sound "data=journal"
mv crashed image
edu
check "replayed: what was stored through a mapping" cmp random edu/mapped
check "what took the place of what was removed" cmp random edu/next
is "and not that" no "$([ -e edu/f ] && echo yes || echo no)"
umount edu
sound "data=journal, replayed"
tune2fs -o journal_data image >/dev/null
edu && grep -q 'edufs.*data=journal' /proc/mounts
is "tune2fs -o journal_data asks for it" 0 $?
umount edu
edu data=ordered && grep -q 'edufs.*data=ordered' /proc/mounts
is "an option is heard first" 0 $?
umount edu
# All that there is, over and over: each time what was removed must be committed first.
image 16M -t ext4 -b 1024 -m 0
edu data=journal
perl -MErrno -e 'for (1 .. 4) { open F, ">", "edu/f" or die "open: $!"; my $n = 0;
	$n++ while syswrite F, "y" x 100000; $!{ENOSPC} or die "write: $!"; $n > 50 or die "$n writes"; close F; unlink "edu/f" }' 2>said
is "data=journal: ENOSPC comes, and goes" "" "$(cat said)"
umount edu
sound "data=journal, full"
echo "$flusher" >/proc/sys/vm/dirty_writeback_centisecs

# A block that is reserved behind the end of a file cannot move beyond any file.
image 16M -t ext4 -b 1024
edu
head -c 5000 random >edu/f && fallocate -n -o $(((0xffffffff - 8) * 1024)) -l 4096 edu/f
refuse "an insertion has nowhere to move what is reserved" fallocate -i -o 1024 -l 8192 edu/f
check "but a smaller one has" fallocate -i -o 1024 -l 4096 edu/f
umount edu
sound "an insertion"

# A file without a name when the machine stops: the mount ends it.
for type in "-t ext4" "-t ext4 -O ^orphan_file"; do
	# shellcheck disable=SC2086
	image 32M $type
	edu
	sync -f edu
	before=$(stat -f -c %f edu)
	perl -e 'open F, ">", "edu/f"; syswrite F, "z" x 500000; unlink "edu/f"; system "sync -f edu; cp --sparse=always image crashed"'
	umount edu
	# ext4 leaves its orphan in the orphan file if there is one.
	mount -t ext4 -o loop image ext4
	perl -e 'open F, ">", "ext4/f"; syswrite F, "z" x 500000; unlink "ext4/f"; system "sync -f ext4; cp --sparse=always image crashed4"'
	umount ext4
	for left in crashed crashed4; do
		mv $left image
		edu
		sync -f edu
		is "$type, $left: the orphan is ended" "$before" "$(stat -f -c %f edu)"
		umount edu
		sound "$type, $left"
	done
done

# The device fails, and with it the journal: nothing is written any more.
image 32M -t ext4
size=$(stat -c %s image)
loop=$(losetup -f --show image)
dmsetup create edufs-bad --table "0 $((size / 512)) linear $loop 0"
mount -t edufs /dev/mapper/edufs-bad edu
echo kept >edu/kept && sync -f edu
dmsetup suspend --noflush --nolockfs edufs-bad
echo "0 $((size / 512)) error" | dmsetup reload edufs-bad
dmsetup resume edufs-bad
refuse "a device that fails: fsync says so" dd if=/dev/zero of=edu/lost bs=4k count=1 conv=fsync status=none
sync -f edu 2>/dev/null
refuse "nothing is written" mkdir edu/d
grep -q 'edufs.*emergency_ro' /proc/mounts
is "and that is shown" 0 $?
umount edu
dmsetup remove edufs-bad
losetup -d "$loop"
e2fsck -fp image >/dev/null 2>&1
is "e2fsck mends it of itself" 1 "$(($? & ~1 ? 9 : 1))"
edu
is "what was synced is there" kept "$(cat edu/kept)"
umount edu

# The journal cannot be written, but the device can be told of free blocks: a file that
# was removed, but not for good, keeps its own.
image 32M -t ext4 -b 4096
size=$(($(stat -c %s image) / 512)) loop=$(losetup -f --show image)
first=$(debugfs -R 'bmap <8> 0' image 2>/dev/null) last=$(debugfs -R 'bmap <8> 1023' image 2>/dev/null)
dmsetup create edufs-bad --table "0 $size linear $loop 0"
mount -t edufs -o discard,commit=300 /dev/mapper/edufs-bad edu
head -c 2000000 /dev/urandom >random && cp random edu/kept && sync -f edu
discards() { awk '/^discards/ { print $2 }' /sys/kernel/debug/edufs/stats; }
before=$(discards)
dmsetup suspend --noflush --nolockfs edufs-bad
dmsetup reload edufs-bad <<-EOT
	0 $((first * 8)) linear $loop 0
	$((first * 8)) $(((last + 1 - first) * 8)) error
	$(((last + 1) * 8)) $((size - (last + 1) * 8)) linear $loop $(((last + 1) * 8))
EOT
dmsetup resume edufs-bad
rm edu/kept
sync -f edu 2>/dev/null
is "a commit that fails frees nothing" "$before" "$(discards)"
umount edu
dmsetup remove edufs-bad
mount -t edufs "$loop" edu
check "what was not removed for good is there" cmp random edu/kept
umount edu
losetup -d "$loop"
sound "a commit that failed"

check "edufs unloads" rmmod edufs
cd / && rm -rf "$dir"
finish
