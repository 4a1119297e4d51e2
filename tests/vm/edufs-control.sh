#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# edufs as a person runs it: mkfs and fsck by type, mount options that say who may
# do what and when it is on disk, the ioctls of a whole filesystem, its files in
# /sys, file handles and mapped mounts. What is on disk is asked of debugfs.
. /edu/tests/tap.sh

dir=$(mktemp -d)
cd "$dir" && chmod 755 . || exit 1
mkdir edu other
modprobe loop
check "edufs loads" load edufs
is "mount(8) finds the module by its alias" fs-edufs "$(modinfo -F alias /edu/modules/edufs.ko)"

image() { rm -f image; mkfs.edufs -q -F -E root_owner=0:0 "$@" >/dev/null 2>&1; }
edu() { mounted "edufs${1:+, $1}" -t edufs -o "loop${1:+,$1}" image edu; }
loop_of() { losetup -j image -n -O NAME | sed 's|/dev/||'; }
sys() { cat "/sys/fs/edufs/$(loop_of)/$1"; }
on_disk() { debugfs -R "$1" image 2>/dev/null; }

# mkfs and fsck.
truncate -s 32M image
check "mkfs -t edufs makes an image" mkfs -t edufs -q -F image
dumpe2fs -h image 2>/dev/null | grep -q '^Filesystem features:.*extent.*metadata_csum'
is "with extents and checksums" 0 $?
refuse "and no journal" sh -c 'dumpe2fs -h image 2>/dev/null | grep -q has_journal'
check "it mounts, for writing" sh -c 'mount -t edufs -o loop image edu && echo text >edu/file'
umount edu
fsck -t edufs -n "$dir/image" >/dev/null 2>&1
is "fsck -t edufs -n: clean is 0" 0 $?
debugfs -w -R 'set_inode_field file links_count 7' image >/dev/null 2>&1
cp image hurt
fsck -t edufs -n -f "$dir/image" >/dev/null 2>&1
is "damage, with -n: 4" 4 $?
cmp -s hurt image
is "which changes nothing" 0 $?
fsck -t edufs -p -f "$dir/image" >/dev/null 2>&1
is "with -p: mended, 1" 1 $?
image -O ^metadata_csum -t ext2 image 16M
refuse "mkfs -t ext2: no extents" sh -c 'dumpe2fs -h image 2>/dev/null | grep -q extent'
refuse "mkfs -t ext3: not offered" mkfs.edufs -q -F -t ext3 image 16M

# What sync and dirsync put on disk at once, and what without them comes later.
image -b 1024 image 16M
edu
echo text >edu/late
refuse "without sync a new name is not on disk at once" sh -c 'debugfs -R "stat late" image 2>&1 | grep -q Inode:'
umount edu
edu dirsync
mkdir edu/now && mv edu/late edu/now/moved
on_disk 'stat now/moved' | grep -q '^Inode:'
is "with dirsync names are" 0 $?
umount edu
edu sync && grep -q ' edufs .*sync' /proc/mounts
is "sync is shown" 0 $?
echo more >edu/file
is "with sync data is" more "$(on_disk 'cat file')"
truncate -s 2 edu/file
is "and a new size" mo "$(on_disk 'cat file')"
umount edu

# The blocks that are kept, and for whom: bytes that a user could write.
fill() { # UID GID
	perl -e '$) = "$ARGV[1] $ARGV[1]"; $> = $ARGV[0]; open F, ">", "edu/d/f$ARGV[0]" or die $!;
		1 while syswrite F, "x" x 4096; print "full\n" if $!{ENOSPC}' "$@"
}
image -b 1024 -m 20 image 8M
for who in "resuid=1000" "resgid=2000"; do
	edu "$who" && mkdir -m 777 edu/d
	grep -q " edufs .*$who" /proc/mounts
	is "$who is shown" 0 $?
	is "$who: another's write ends" full "$(fill 1001 1001)"
	sync -f edu
	left=$(stat -f -c %f edu)
	is "$who: with a fifth of the blocks left" yes "$([ "$left" -gt 1500 ] && echo yes)"
	is "$who: theirs ends, too" full "$(fill 1000 2000)"
	sync -f edu
	left=$(stat -f -c %f edu)
	is "$who: with those of the pool left" yes "$([ "$left" -lt 200 ] && echo yes)"
	rm -r edu/d && umount edu
done
check "e2fsck finds nothing" e2fsck -fn image

# ENOSPC at every point: so many blocks are left, and everything is tried.
for type in ext4 ext2; do
	image -t $type -b 1024 -N 200 image 8M
	edu
	check "$type: with 0 to 12 blocks left each call works or says ENOSPC" perl -e '
		use Errno; my ($sys, %got) = @ARGV;
		sub room { open S, "<", "$sys/free_blocks"; my $f = <S>; open S, "<", "$sys/reserved_clusters"; $f - <S> }
		sub try { my ($what, $ok) = @_; return if $ok || $!{ENOSPC}; die "$what: $!\n" }
		mkdir "edu/fill"; my $n = 0;
		for my $left (reverse 0 .. 12) {
			while ((my $f = room()) > $left) {
				my $many = ($f - $left) > 700 ? 600 : $f - $left > 15 ? 4 : 1;
				open F, ">", "edu/fill/" . $n++ or last;
				my $w = syswrite F, "x" x (1024 * $many); my $s = fsync_of(); close F; last unless $w && room() < $f }
			next if !mkdir("edu/t") && $!{ENOSPC}; my $b = "y" x 5000;
			for my $i (1 .. 12) { try("create", open my $h, ">", "edu/t/$i" . "n" x 200); try("close", !fileno $h || close $h) }
			try("mkdir", mkdir "edu/t/d"); try("symlink", symlink "z" x 300, "edu/t/l");
			try("open", open my $h, "+>", "edu/t/deep");
			for my $i (0 .. 9) { try("write", !fileno $h || sysseek($h, $i * 70000, 0) && defined syswrite $h, $b) }
			try("truncate", !fileno $h || truncate $h, 100000); try("close", !fileno $h || close $h);
			next unless -e "edu/t/deep"; try("rename", rename "edu/t/deep", "edu/t/" . "r" x 250);
			try("link", link((glob "edu/t/[dr]*")[-1], "edu/t/link" . "k" x 200));
			my ($path, $key, $value) = ("edu/t/1" . "n" x 200, "user.a", "v" x 600);
			try("xattr", !-e $path || syscall(189, $path, $key, $value, 600, 0) == 0);
		} continue { unlink glob "edu/t/*"; rmdir "edu/t/d"; !-e "edu/t" || rmdir "edu/t" or die "rmdir: $!" }
		sub fsync_of { use IO::Handle; F->sync }' "/sys/fs/edufs/$(loop_of)"
	umount edu
	check "$type: e2fsck finds nothing" e2fsck -fn image
done

image -O ^metadata_csum image 16M
edu
: >edu/file && check "a version is set without checksums" chattr -v 77 edu/file
refuse "not by everybody" perl -e '$> = 1000; exec "chattr", "-v", "78", "edu/file"'
umount edu
is "and is on disk" 77 "$(on_disk 'stat file' | sed -n 's/.*Generation: *\([0-9]*\).*/\1/p')"
check "e2fsck finds nothing" e2fsck -fn image

# Labels, versions, free blocks told to the device, the end.
call() { # NUMBER [ARGUMENT]
	perl -e 'open F, "<", "edu" or die; my $a = $ARGV[1] =~ /^\d$/ ? pack("L", $ARGV[1]) : $ARGV[1]; $a .= "\0" x 256;
		ioctl F, hex $ARGV[0], $a or die "$!\n"; print unpack("Z*", $a)' "$@"
}
image -b 1024 -L before image 32M
edu
is "the label is read" before "$(call 81009431 '')"
check "and set" call 41009432 "after sixteen ch"
is "on disk, as e2label says" "after sixteen ch" "$(e2label image)"
refuse "one of seventeen characters is refused" call 41009432 "after seventeen c"
: >edu/file
is "a file's version is what is on disk" "$(lsattr -v edu/file | awk '{ print $1 }')" \
	"$(sync -f edu; on_disk 'stat file' | sed -n 's/.*Generation: *\([0-9]*\).*/\1/p')"
is "which stays where there are checksums" "chattr: Inappropriate ioctl for device while setting version on edu/file" \
	"$(chattr -v 77 edu/file 2>&1)"
# struct fsxattr: flags as numbers of their own; the rest, extents and projects, is not here.
fsx() { # NUMBER FLAGS EXTSIZE PROJECT
	perl -e 'open F, "<", "edu/file" or die; my $a = pack "L4Lx8", $ARGV[1], $ARGV[2], 0, $ARGV[3], 0;
		ioctl F, hex $ARGV[0], $a or die "$!\n"; printf "%x\n", unpack "L", $a' "$@"
}
check "FS_IOC_FSSETXATTR: sync, noatime, nodump" fsx 401c5820 $((0xe0)) 0 0
is "as lsattr says" SdA "$(lsattr edu/file | awk '{ print $1 }' | tr -d 'e-')"
is "and FS_IOC_FSGETXATTR" e0 "$(fsx 801c581f 0 0 0)"
check "immutable" fsx 401c5820 $((0x8)) 0 0
refuse "is immutable" sh -c 'echo more >>edu/file'
check "no flags" fsx 401c5820 0 0 0
is "no project" "Operation not supported" "$(fsx 401c5820 0 0 7 2>&1)"
refuse "no size of extents" fsx 401c5820 $((0x800)) 4096 0
head -c 20000000 /dev/urandom >edu/large && sync -f edu && rm edu/large
before=$(stat -c %b image)
check "fstrim" fstrim edu
is "gives the file behind the device its holes back" yes \
	"$([ $(($(stat -c %b image) + 30000)) -lt "$before" ] && echo yes)"
mount -o remount,discard edu
head -c 9000000 /dev/urandom >edu/large && sync -f edu
before=$(stat -c %b image)
rm edu/large && sync -f edu
is "with discard it has them at once" yes "$([ $(($(stat -c %b image) + 15000)) -lt "$before" ] && echo yes)"
mkdir edu/d{1..9} && head -c 50000 /dev/zero >edu/zeros
is "/sys: blocks are promised before they are written" yes "$([ "$(sys delayed_allocation_blocks)" -ge 49 ] && echo yes)"
sync -f edu
is "/sys: and then they are not" 0 "$(sys delayed_allocation_blocks)"
# What replaces a file goes to the disk without being asked to: at once, or soon.
echo old >edu/old && sync -f edu && echo new >edu/new && mv edu/new edu/old
is "a new file that took another's name has its data on the disk" 0 "$(sys delayed_allocation_blocks)"
echo newer >edu/newer && mv edu/newer edu/name
check "not one that took nobody's" test "$(sys delayed_allocation_blocks)" -gt 0
sync -f edu && echo again >edu/old
for ((i = 0; i < 30; i++)); do
	[ "$(sys delayed_allocation_blocks)" = 0 ] && break
	sleep 0.1
done
is "one that was emptied is written soon after it is closed" 0 "$(sys delayed_allocation_blocks)"
is "/sys: free blocks and inodes as by statfs" "$(stat -f -c '%f %d' edu)" "$(sys free_blocks) $(sys free_inodes)"
is "/sys: ten directories, and lost+found's" 11 "$(sys directories)"
exec 3>edu/unlinked; rm edu/unlinked
is "/sys: a file without a name, open" 1 "$(sys orphans)"
exec 3>&-
is "/sys: closed" 0 "$(sys orphans)"
is "/sys: state" writing "$(sys state)"
check "what was told to the device was free: e2fsck" sh -c 'fsfreeze -f edu; cp --sparse=always image copy; fsfreeze -u edu; e2fsck -fn copy'
for how in 0 1 2; do
	echo kept >edu/kept
	check "shutdown $how" call 8004587d $how
	refuse "then nothing is changed" sh -c 'echo more >edu/new'
	is "/sys says so" shutdown "$(sys state)"
	grep -q ' edufs .*shutdown' /proc/mounts
	is "so does /proc/mounts" 0 $?
	umount edu
	if [ $how = 0 ]; then
		check "it was left whole: e2fsck" e2fsck -fn image
		is "with what was written before" kept "$(on_disk 'cat kept')"
	else
		refuse "it was not left clean" mount -t edufs -o loop,rw -w image edu
		e2fsck -fp image >/dev/null 2>&1
		is "e2fsck -p mends it" 1 "$(($? & ~1 ? 9 : 1))"
	fi
	edu
done
umount edu
is "/sys/fs/edufs is empty" "" "$(ls /sys/fs/edufs)"

# File handles, as NFS has them, with nothing in the caches; mapped mounts.
edu
mkdir -p edu/a/b && echo far >edu/a/b/file
check "a file and a directory are opened by their handles" perl -e '
	sub handle { my ($path) = @_; my $h = pack("Li", 120, 0) . "\0" x 120; my $m = pack "i", 0;
		syscall(303, -100, $path, $h, $m, 0) == 0 or die "name_to_handle_at: $!"; $h }
	my $file = handle("edu/a/b/file"); my $d = handle("edu/a/b"); my $gone = handle("edu/zeros");
	unlink "edu/zeros"; system "sync -f edu; echo 3 >/proc/sys/vm/drop_caches";
	open M, "<", "edu"; my $fd = syscall(304, fileno(M), $file, 0);
	$fd >= 0 or die "open_by_handle_at: $!"; open F, "<&=", $fd; <F> eq "far\n" or die "text";
	$fd = syscall(304, fileno(M), $d, 0200000); $fd >= 0 or die "directory: $!";
	readlink("/proc/self/fd/$fd") =~ m|/edu/a/b$| or die "not connected: " . readlink "/proc/self/fd/$fd";
	syscall(304, fileno(M), $gone, 0) < 0 && $!{ESTALE} or die "stale: $!"'
chown 1000:1000 edu/a
if mount --bind -o X-mount.idmap=b:1000:5000:10 edu other 2>said; then
	is "a mapped mount shows mapped owners" 5000:5000 "$(stat -c %u:%g other/a)"
	perl -e '$) = "5000 5000"; $> = 5000; open F, ">", "other/a/theirs" or die $!'
	is "and stores them mapped back" 1000:1000 "$(stat -c %u:%g edu/a/theirs)"
	umount other
else
	not_ok "a mapped mount: $(cat said)"
fi
umount edu
check "e2fsck finds nothing" e2fsck -fn image

# Inodes from slab_edu: as long as such a mount lasts.
image -N 4000 image 32M
twins() { awk '$1 == "edufs_inode" { print $2 }' /sys/kernel/debug/slab_edu/slabinfo; }
mount -t edufs -o loop,inodes=slab_edu image edu 2>said
grep -q 'slab_edu is not loaded' said
is "inodes=slab_edu without slab_edu is refused, and says why" 0 $?
check "slab_edu loads" load slab_edu
check "with it, it mounts" edu inodes=slab_edu
grep -q ' edufs .*inodes=slab_edu' /proc/mounts
is "which is shown" 0 $?
(cd edu && seq 2000 | xargs touch && ln -s target link)
check "2,000 files are 2,000 objects of the twin" test "$(twins)" -ge 2000
is "a short symlink is read from one" target "$(readlink edu/link)"
refuse "slab_edu is in use" rmmod slab_edu
refuse "a remount cannot change whose they are" mount -o remount,inodes=kernel edu
check "but other things" mount -o remount,inodes=slab_edu,ro edu
mkdir third && cp image image3 && mount -t edufs -o loop,inodes=slab_edu image3 third
umount edu
is "a second mount keeps the cache" edufs_inode "$(awk '$1 == "edufs_inode" { print $1 }' /sys/kernel/debug/slab_edu/slabinfo)"
ls -lR third >/dev/null
umount third
is "the last one ends it" "" "$(twins)"
check "e2fsck finds nothing there" e2fsck -fn image
check "slab_edu unloads before edufs" rmmod slab_edu

check "edufs unloads" rmmod edufs
cd / && rm -rf "$dir"
finish
