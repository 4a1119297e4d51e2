#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
#
# edufs-names.sh [NAMES...]: one directory of many names (1000 30000 1000000) in ext4 and in
# edufs, on images of the same features without a journal and in memory, under the
# instruction clock: nanoseconds for each name made, and, with nothing cached, for each of
# 2000 lookups by chance that find one and that find none; then the levels of its index
# and what e2fsck says. EDU_VM_ARGS has more options for tools/vm/run. With
# EDU_CLOCK=machine the numbers are nanoseconds of the machine.
set -euo pipefail
top=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/in" "$work/out"
[ $# -gt 0 ] || set -- 1000 30000 1000000
echo "names='$*'" >"$work/in/settings"
cat >"$work/in/guest" <<'GUEST'
. /in/settings
exec 2>/out/errors
modprobe -a loop ext4
insmod /edu/modules/edufs.ko || exit
mount -o remount,size=90% /dev/shm
cd /dev/shm && mkdir mnt
for n in $names; do
	for type in ext4 edufs; do
		rm -f image
		# All are links to a few files: tables of a million inodes would be a quarter of a GiB.
		mke2fs -q -F -t ext4 -O ^has_journal -b 4096 -E lazy_itable_init=0 -N $((n / 50000 + 100)) \
			image $((n / 8000 + 32))M || exit
		mount -t $type -o loop image mnt || exit
		perl -MTime::HiRes=clock_gettime -e '
			my ($n, $made) = (shift, 0); mkdir "mnt/d"; chdir "mnt/d" or die; srand 1;
			my $t = clock_gettime(1);
			for my $i (0 .. $n - 1) {
				if ($i % 50000) { link "../f", "name $i" or die "$i: $!" }
				else { open F, ">", "name $i" or die; close F; unlink "../f"; link "name $i", "../f" or die }
			}
			printf "create %d\n", (clock_gettime(1) - $t) * 1e9 / $n;
			system "sync; echo 3 >/proc/sys/vm/drop_caches";
			for my $what ("found", "missing") {
				my @names = map { $what eq "found" ? "name " . int rand $n : "no name $_" } 1 .. 2000;
				$t = clock_gettime(1);
				for (@names) { my $is = -e $_ ? "found" : "missing"; die "$_: $is" if $is ne $what }
				printf "%s %d\n", $what, (clock_gettime(1) - $t) * 1e9 / 2000;
			}' "$n" | sed "s/^/$n $type /" >>/out/runs
		umount mnt
		e2fsck -fn image >/dev/null 2>&1
		echo "$n $type e2fsck $?" >>/out/runs
		echo "$n $type levels $(($(debugfs -R 'htree_dump d' image 2>/dev/null |
			sed -n 's/.*Indirect levels: //p' | head -n 1) + 1))" >>/out/runs
	done
done
rmmod edufs
exit 0
GUEST
clock=--icount
[ "${EDU_CLOCK:-}" != machine ] || clock=
# shellcheck disable=SC2086	# a list of words
"$top/tools/vm/run" $clock --mem 3072 ${EDU_VM_ARGS-} --timeout 6000 --in "$work/in" --out "$work/out" -- \
	bash /in/guest
cat "$work/out/errors" >&2
printf '%9s %-8s %10s %10s %6s\n' names what ext4 edufs ratio
awk '{ got[$1, $3, $2] = $4; if (!seen[$1, $3]++) rows[++n] = $1 " " $3 }
	END {
		for (i = 1; i <= n; i++) {
			split(rows[i], r, " ")
			a = got[r[1], r[2], "ext4"]; b = got[r[1], r[2], "edufs"]
			printf "%9d %-8s %10d %10d %6s\n", r[1], r[2], a, b, a ? sprintf("%.2f", b / a) : ""
		}
	}' "$work/out/runs"
