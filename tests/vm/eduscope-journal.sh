#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope fs journal: the journals of an ext4 and of an edufs that do the same work,
# against what jbd2 says of each in /proc, and against perf's count of the events.
# shellcheck source=tests/vm/eduscope.sh
. /edu/tests/eduscope.sh

modprobe -a loop ext4
said=$(eduscope fs journal --side edu -d 1 2>&1 >/dev/null)
is "edufs not loaded: failed" "1 1" "$? $(grep -c '^eduscope: edufs is not loaded' <<<"$said")"
said=$(eduscope fs journal -p 1 -d 1 2>&1)
is "a transaction belongs to no task: misuse" "2 1" "$? $(grep -c 'belongs to no task' <<<"$said")"
check "help names the two words" grep -q '^  fs journal ' <(eduscope --help)
load edufs
mkdir ext4 edufs
declare -A loop dev
for type in ext4 edufs; do
	mke2fs -q -F -t ext4 -E root_owner=0:0 "image.$type" 64M >/dev/null 2>&1
	loop[$type]=$(losetup -f --show "image.$type")
	dev[$type]=$((7 << 20 | ${loop[$type]#/dev/loop}))
done

work() { # DIR
	perl -e 'use IO::Handle; for (1 .. 120) {
			open F, ">", "$ARGV[0]/$_" or die; print F "x" x (300 * $_);
			$_ % 10 == 0 and (F->sync or die); close F;
		}
		for (1 .. 120) { unlink "$ARGV[0]/$_" if $_ % 2 }' "$1" && sync -f "$1"
}
# What /proc says: transactions, handles, blocks, logged blocks; averages, cut off.
proc() {
	awk '/transactions/ { n = $1 } /handles per/ { h = $1 } /logged blocks/ { l = $1; next }
		/blocks per/ { b = $1 } END { print n, h, b, l }' "/proc/fs/jbd2/${loop[$1]#/dev/}-8/info"
}
# ours FILE TYPE: the same, as eduscope counted
ours() {
	jq -r "select(.table == \"journal\" and .id == ${dev[$2]}) | . as \$r |
		\"\(.transactions) \([.handles, .blocks, .logged | . / \$r.transactions | floor] | join(\" \"))\"" "$1"
}
total() { jq -s "[.[] | select(.table == \"$2\" and (.label | startswith(\"$3\"))) | .$4] | add // 0" "$1"; }

# From before the mounts, so that /proc has counted nothing else.
scope 9 fs journal --side both --json
events=()
for type in ext4 edufs; do
	events+=(-e jbd2:jbd2_handle_stats --filter "dev == ${dev[$type]}")
done
export -f work
perf stat -a -x, -o perf.txt "${events[@]}" -e edufs:edufs_journal_start -e edufs:edufs_journal_wait \
	-e edufs:edufs_written bash -ec "mount -t ext4 -o commit=300,noatime,noinit_itable ${loop[ext4]} ext4
		mount -t edufs -o commit=300,noatime ${loop[edufs]} edufs
		work ext4; work edufs"
read -r handles4 handles starts waits written <<<"$(awk -F, '/^[0-9]/ { print $1 }' perf.txt | xargs)"
is "the work was done" "60 60" "$(find ext4 -type f | wc -l) $(find edufs -type f | wc -l)"
for type in ext4 edufs; do proc $type >$type.proc; done
quit
mv fs.out both
cat ext4.proc edufs.proc | sed 's/^/# \/proc: /'
for type in ext4 edufs; do
	is "$type: transactions, and handles, blocks, logged for each, as in /proc" "$(cat $type.proc)" "$(ours both $type)"
	is "$type: a line for each transaction, which has the same sums" \
		"$(jq -r "select(.table == \"journal\" and .id == ${dev[$type]}) | \"\(.transactions) \(.handles) \(.blocks) \(.logged)\"" both)" \
		"$(jq -sr "[.[] | select(.event == \"commit\" and (.name | startswith(\"$type \")))] |
			\"\(length) \(map(.handles) | add) \(map(.blocks) | add) \(map(.logged) | add)\"" both)"
	check "$type: one was fsynced ten times or more" test "$(cut -d' ' -f1 $type.proc)" -ge 10
	is "$type: each state of each transaction" "$(cut -d' ' -f1 $type.proc | sed 's/.*/& & & & & &/')" \
		"$(jq -r "select(.table == \"state\" and (.label | startswith(\"$type \"))) | .hist.count" both | xargs)"
	is "$type: no handle used more than it asked for" true \
		"$(jq -s "[.[] | select(.table == \"handle\" and (.label | startswith(\"$type \"))) | .used <= .asked] | all and length > 1" both)"
done
is "handles that ended, as perf counted them" "$handles4 $handles" \
	"$(total both handle ext4 ended) $(total both handle edufs ended)"
is "each on its side" "edu edufs kernel ext4" \
	"$(jq -r 'select(.table == "journal") | "\(.side) \(.label)"' both | cut -d' ' -f1,2 | sort -u | xargs)"
is "what edufs says of itself, as perf counted it" "$starts $waits $written 0" \
	"$(jq -r 'select(.table == "edufs") | "\(.starts) \(.waits) \(.written) \(.errors)"' both)"
# of a file that is unlinked the inode ends, too
is "120 files were made, 60 unlinked: what the handles were for" "120 60 60 true" \
	"$(for what in create unlink "free inode"; do
		jq "select(.table == \"handle\" and (.label | test(\"^edufs .* $what\$\"))) | .ended" both
	done | xargs) $(jq -s "[.[] | select(.table == \"handle\") | .label | test(\"[?]\") | not] | all" both)"
is "nothing was lost" 0 "$(jq 'select(.type == "end") | .lost | .rows + .states + .events + .missed' both)"

# For people; at the unmount all leaves the log.
scope 9 fs journal -i 2
work edufs
umount ext4 edufs
quit
check "a line for people" grep -qE ' commit +edufs 7:[0-9]+ transaction=[0-9]+ handles=[0-9]+ .* logging=[0-9.]+ [mun]?s$' fs.out
check "what leaves the log has its age" grep -qE ' checkpoint +edufs 7:[0-9]+ transaction=[0-9]+ .* age=[0-9.]+ [mun]?s$' fs.out
sed 's/^/# /' fs.out
check "--pin" eduscope fs journal --pin
rm -r /sys/fs/bpf/eduscope/fs-journal
for type in ext4 edufs; do losetup -d "${loop[$type]}"; done
check "nothing holds edufs" soon rmmod edufs
leave
