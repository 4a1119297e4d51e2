#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A disk that goes bad under a mounted filesystem (dm-flakey). From a random moment on it
# loses every write, as after a power cut, or answers each with an error: what was fsynced
# before must be there at the next mount. Then one that cannot write data, but can the
# journal and all metadata: who is told, when and how often; ext4 beside it, which must
# say the same. (There dm-error, as dm-flakey would fail flushes, too.) How many cuts of each kind: EDUFS_CUTS; with EDUFS_CUTS_BESIDE=1 ext4 is
# cut, too. What dm-flakey lets through stays in the page cache of the loop's file: that a
# disk loses its cache is for edufs-journal-crash.
. /edu/tests/tap.sh

dir=$(mktemp -d)
mkdir "$dir/edu"
modprobe -a loop ext4
check "edufs loads" load edufs
cd "$dir" || exit 1
cuts=${EDUFS_CUTS:-1} steps=120
export DM_DISABLE_UDEV=1

# table ROW...: what the device is from now on, and no request is half on either side
table() {
	printf '%s\n' "$@" | dmsetup reload edufs-flakey
	dmsetup suspend --noflush --nolockfs edufs-flakey && dmsetup resume edufs-flakey
}
number() { sed -n "s/^$1//p" promised | tail -n 1; }

cut() { # TYPE HOW SEED MKE2FS-ARGS...
	local type=$1 how=$2 seed=$3 after=$((3 + RANDOM % 20)) size disk worker was

	shift 3
	head -c 32M /dev/zero | tr '\0' '\252' >disk
	mke2fs -q -F -E root_owner=0:0,nodiscard "$@" disk >/dev/null 2>&1
	disk=$(losetup -f --show disk)
	size=$(blockdev --getsz "$disk")
	dmsetup create edufs-flakey --table "0 $size flakey $disk 0 180 0"
	mount -t "$type" /dev/mapper/edufs-flakey edu
	: >promised
	edufs-crash work edu $steps "$seed" - >promised 2>told &
	worker=$!
	while [ "$(wc -l <promised)" -lt $after ] && kill -0 $worker; do sleep 0.05; done
	# Promised is what was on the disk before the cut began.
	was=$(number f):$(number t)
	table "0 $size flakey $disk 0 0 180 1 $how"
	sleep 0.5
	kill $worker 2>/dev/null
	wait $worker
	# Lost writes are not seen; of errors fsync tells.
	[ "$how" = drop_writes ] || is "$type, $how: fsync fails" 1 \
		"$(grep -cE '^(fsync|write|rename|new|file|loose|target).*: (Input/output error|Read-only file system)$' told)"
	umount edu
	dmsetup remove edufs-flakey
	was="f${was%:*}t${was#*:}"
	if [ "$type" = edufs ]; then
		is "edufs, $how: the next mount" 0 "$(mount -t "$type" "$disk" edu >&2; echo $?)"
	else
		mount -t "$type" "$disk" edu
	fi
	edufs-crash check edu $steps "$seed" "${was/%t/t0}" >out 2>&1 || [ -s out ] ||
		echo "the check died" >out
	umount edu
	e2fsck -fn "$disk" >fsck 2>&1 || sed 's/^/e2fsck /' fsck >>out
	losetup -d "$disk"
	if [ "$type" = edufs ]; then
		is "edufs, $how, $* ($was, seed $seed): promises and e2fsck" "" "$(cat out)"
	else
		echo "# $type, $how, $*: $(wc -l <out) not kept"
	fi
}

# Who is told that data could not be written. "old" lies where no write succeeds, so does
# all that is free; "good" does not.
cat >errors.py <<'EOT'
import ctypes, errno, mmap, os, sys
where = sys.argv[1]
libc = ctypes.CDLL(None, use_errno=True)
block = mmap.mmap(-1, 4096)
block.write(b"n" * 4096)

def tell(what, call, *args):
    try:
        call(*args)
        print(what + ": ok")
    except OSError as e:
        print(what + ": " + errno.errorcode[e.errno])
def at(name, flags=0):
    return os.open(where + "/" + name, os.O_RDWR | flags, 0o644)
def syncfs(fd):
    if libc.syncfs(fd):
        raise OSError(ctypes.get_errno(), "syncfs")
def each(what, fd):
    tell(what + ", fsync", os.fsync, fd)
    tell(what + ", fsync again", os.fsync, fd)

a, b, top = at("old"), at("old"), os.open(where, os.O_RDONLY)
tell("over old data, write", os.pwrite, a, b"n" * 8192, 4096)
each("over old data", a)
each("a descriptor that was open", b)
each("a later one", at("old"))
tell("syncfs", syncfs, top)
tell("syncfs again", syncfs, top)
tell("close", os.close, a)
tell("O_SYNC, write", os.pwrite, at("old", os.O_SYNC), b"n" * 4096, 0)
tell("O_DSYNC, write", os.pwrite, at("old", os.O_DSYNC), b"n" * 4096, 0)
tell("O_DIRECT, write", os.pwrite, at("old", os.O_DIRECT), block, 16384)
c = at("old")
m = mmap.mmap(c, 4096)
m[0:4] = b"mmap"
tell("msync", m.flush)
each("mapped", c)
for what, name, flags in (("new", "new", 0), ("new, O_DIRECT", "direct", os.O_DIRECT)):
    n = at(name, os.O_CREAT | flags)
    tell(what + ", write", os.pwrite, n, block, 0)
    each(what, n)
n = at("reserved", os.O_CREAT)
tell("reserved", os.posix_fallocate, n, 0, 65536)
tell("reserved, write", os.pwrite, n, b"n" * 8192, 0)
each("reserved", n)
n = at("new", os.O_APPEND)
tell("append, write", os.write, n, b"n" * 5000)
tell("append, fdatasync", os.fdatasync, n)
tell("append, fdatasync again", os.fdatasync, n)
g = at("good")
tell("good, write", os.pwrite, g, b"n" * 20000, 1000)
each("good", g)
tell("a name", os.rename, where + "/good", where + "/kept")
each("the directory", top)
EOT

what() { fold -w 1 "$1" | sort | uniq -c | xargs; }
errors() { # TYPE: what it said, in $1.said
	local type=$1 disk size

	rm -f disk
	mke2fs -q -F -t ext4 -b 4096 -E root_owner=0:0 disk 32M >/dev/null 2>&1
	disk=$(losetup -f --show disk)
	size=$(blockdev --getsz "$disk")
	mount -t "$type" "$disk" edu
	head -c 100000 /dev/zero | tr '\0' o | tee edu/old >edu/good
	umount edu
	{
		debugfs -R "blocks old" disk 2>/dev/null | xargs -n 1
		dumpe2fs disk 2>/dev/null | sed -n 's/^  Free blocks: //p' | tr ',' '\n' | tr '-' ' ' |
			while read -r from to; do seq "$from" "${to:-$from}"; done
	} | sort -nu | awk -v disk="$disk" -v size="$size" '
		function piece(how, from, to) {
			if (from < to && how == "bad")
				print from + 0, to - from, "error"
			else if (from < to)
				print from + 0, to - from, "linear", disk, from + 0
		}
		{ if ($1 * 8 != end) { piece("bad", start, end); piece("good", end, $1 * 8); start = $1 * 8 }
		  end = ($1 + 1) * 8 }
		END { piece("bad", start, end); piece("good", end, size) }' >bad
	dmsetup create edufs-flakey bad
	mount -t "$type" /dev/mapper/edufs-flakey edu
	check "$type: data that cannot be written: each of them answers" sh -c \
		"python3 errors.py edu >$type.said"
	echo "mounted $(findmnt -n -o OPTIONS edu | grep -oE '^r[ow]|emergency_ro' | xargs)" >>"$type.said"
	umount edu
	dmsetup remove edufs-flakey
	mount -t "$type" "$disk" edu
	is "$type: what could be written is there, the rest is as before" "20000 n 80000 o, 100000 o" \
		"$(what edu/kept), $(what edu/old)"
	is "$type: what could not be has nobody's content" "" "$(cat edu/new edu/direct edu/reserved | tr -d '\0')"
	echo "# $type: sizes then: $(stat -c '%n %s' edu/new edu/direct edu/reserved | xargs)"
	umount edu
	check "$type: data that cannot be written: e2fsck finds nothing" e2fsck -fn "$disk"
	losetup -d "$disk"
}

if modprobe dm-flakey 2>/dev/null; then
	for ((i = 0; i < cuts; i++)); do
		for how in drop_writes error_writes; do
			seed=$RANDOM
			if ((seed % 2)); then layout="-t ext3 -b 1024"; else layout="-t ext4"; fi
			for type in edufs ${EDUFS_CUTS_BESIDE:+ext4}; do
				# shellcheck disable=SC2086	# a word each
				cut $type $how $seed $layout
			done
		done
	done
	errors edufs
	errors ext4
	sed 's/^/# /' edufs.said
	# O_DIRECT to where no block is goes through the page cache: fsync tells once more.
	sed -i 's/^new, O_DIRECT, fsync: EIO/new, O_DIRECT, fsync: ok/' edufs.said
	is "data that cannot be written: all that ext4 says, edufs says" "" "$(diff ext4.said edufs.said)"
else
	skip "a disk that goes bad" "this kernel has no dm-flakey"
fi
is "no damage was seen" "corrupt 0" "$(grep corrupt /sys/kernel/debug/edufs/stats)"
check "edufs unloads" rmmod edufs
modprobe -r dm-flakey 2>/dev/null
cd / && rm -rf "$dir"
finish
