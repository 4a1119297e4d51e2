#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Task groups of real tasks: cpu.weight, cpu.idle and cpu.max under sched_edu,
# measured by the kernel's own cpu.stat; groups that come and go by the hundred.
# shellcheck source=tests/vm/sched.sh
. /edu/tests/sched.sh

top=/sys/fs/cgroup

usage() { awk '/^usage_usec/ { print $2 }' "$top/$1/cpu.stat"; }
shares() { awk -v path="/$1" '$NF == path { print $2, $3 }' $dir/groups; }
# hog GROUP MASK: one that never sleeps, in the group
hog() {
	# shellcheck disable=SC2016	# the inner shell's
	sh -c 'echo $$ >"$1/cgroup.procs"; exec taskset "$2" awk "BEGIN { for (;;) i++ }"' sh "$top/$1" "$2" &
	hogs+=($!)
}
end() {
	kill "${hogs[@]}"
	wait "${hogs[@]}" 2>/dev/null
	hogs=()
}
# part SECONDS A B...: what each group used, in % of all of them together
part() {
	local seconds=$1 before=() after=() group

	shift
	sleep 0.5
	for group; do before+=("$(usage "$group")"); done
	sleep "$seconds"
	for group; do after+=("$(usage "$group")"); done
	echo "${before[*]} ${after[*]}" | awk '{
		n = NF / 2
		for (i = 1; i <= n; i++) sum += $(i + n) - $i
		for (i = 1; i <= n; i++) printf "%.2f%s", 100 * ($(i + n) - $i) / sum, i < n ? " " : "\n" }'
}

# of_time SECONDS GROUP: what a group used, in % of the time that passed
of_time() {
	local used passed

	sleep 0.5
	read -r passed _ </proc/uptime
	used=$(usage "$2")
	sleep "$1"
	echo "$used $(usage "$2") $passed $(cut -d' ' -f1 /proc/uptime)" |
		awk '{ printf "%.2f", ($2 - $1) / ($4 - $3) / 10000 }'
}

check "sched_edu loads" load sched_edu
if [ ! -e /sys/kernel/sched_ext ] || [ ! -e $top/cgroup.subtree_control ]; then
	skip "groups" "no sched_ext or no cgroup v2 here"
	check "sched_edu unloads" unload
	finish
fi
hogs=()
# The mask of the second processor, if there is one.
last=$(($(nproc) > 1 ? 2 : 1))
echo +cpu >$top/cgroup.subtree_control
mkdir $top/edu_a $top/edu_b $top/edu_idle
echo +cpu >$top/edu_a/cgroup.subtree_control
mkdir $top/edu_a/one $top/edu_a/two
# What the kernel's own class makes of a limit on this machine, which may be slow.
echo "30000 100000" >$top/edu_b/cpu.max
hog edu_b 1
hog edu_b "$last"
kernel=$(of_time 6 edu_b)
end
echo max >$top/edu_b/cpu.max
# What was set before we came ...
echo 300 >$top/edu_a/one/cpu.weight
echo 1 >$top/edu_idle/cpu.idle
echo "25000 50000" >$top/edu_a/two/cpu.max
check "takes over the machine" bpftool struct_ops register /edu/bpf/scx_edu.bpf.o /sys/fs/bpf
check "is enabled" settle 20 state_is enabled
is "a weight of before" "3072 0" "$(shares edu_a/one)"
is "cpu.idle of before" "1024 1" "$(shares edu_idle)"
is "cpu.max of before" "25000000 50000000 0" "$(awk '$NF == "/edu_a/two" { print $5, $6, $7 }' $dir/groups)"
# ... and what is set now.
echo 50 >$top/edu_b/cpu.weight
echo max >$top/edu_a/two/cpu.max
is "a weight of now" "512 0" "$(shares edu_b)"
is "no limit any more" "0" "$(awk '$NF == "/edu_a/two" { print $5 }' $dir/groups)"
refuse "a weight of 0" sh -c "echo 0 >$top/edu_b/cpu.weight"

hog edu_a/one "$last"
hog edu_a/two "$last"
hog edu_b "$last"
got=$(part 8 edu_a/one edu_a/two edu_b)
echo "# one, two and b had $got % (50, 16.67 and 33.33 by weight)"
read -r one two b <<<"$got"
check "the share of a weight of 300 in one of 100" within "$one" 50 4
check "the share of a weight of 100 in one of 100" within "$two" 16.67 4
check "the share of a weight of 50" within "$b" 33.33 4
hog edu_idle "$last"
idle=$(part 4 edu_idle edu_b edu_a | cut -d' ' -f1)
echo "# an idle group had $idle % (0.20 by weight)"
# One slice that the host stretches is 2 %; without the rule it would have a third.
check "an idle group has next to nothing" within "$idle" 0.2 4
end

echo "30000 100000" >$top/edu_b/cpu.max
hog edu_b 1
hog edu_b "$last"
by=$(awk -v k="$kernel" 'BEGIN { d = k - 30; print 1.5 + 1.5 * (d < 0 ? -d : d) }')
# What a busy host takes from the guest is charged to whoever ran.
got=$(of_time 6 edu_b)
echo "# cpu.max of 30 %, a hog on each processor: $got % (the kernel's class: $kernel %)"
check "cpu.max is not exceeded" awk -v g="$got" -v by="$by" 'BEGIN { exit !(g > 10 && g < 30 + by) }'
check "and is had" awk -v g="$got" -v k="$kernel" 'BEGIN { exit !(g > 0.8 * (k < 30 ? k : 30)) }'
echo "# $(grep edu_b $dir/groups)"
check "throttled in most periods" awk '$NF == "/edu_b" { exit !($8 >= 50 && $9 >= 0.9 * $8) }' $dir/groups
echo "60000 100000" >$top/edu_b/cpu.max
by=$(awk -v by="$by" 'BEGIN { print 2 * by + 2 }')
raised=$(of_time 4 edu_b)
echo "# raised to 60 %: $raised %"
check "a raised limit counts" awk -v g="$raised" -v was="$got" -v by="$by" \
	'BEGIN { exit !(g > 1.3 * was && g < 60 + by) }'
end

# Groups that come and go, with a task that passes through.
lines=$(wc -l <$dir/groups)
check "200 groups" mkdir $top/edu_b/c{1..200}
pass_through() {
	for i in {1..200}; do echo $BASHPID >$top/edu_b/c"$i"/cgroup.procs || return 1; done
	echo $BASHPID >$top/cgroup.procs
}
(pass_through)
is "are passed through" 0 $?
rmdir $top/edu_b/c{1..200}
is "and go" "$lines" "$(wc -l <$dir/groups)"
check "still ours" state_is enabled
is "no group has tasks" "" "$(awk 'NR > 1 && $4 > 0 && $NF ~ /edu_/' $dir/groups)"

rm -f /sys/fs/bpf/edu_ops
check "hands the machine back" settle 20 state_is disabled
is "no group is left" 1 "$(wc -l <$dir/groups)"
rmdir $top/edu_a/one $top/edu_a/two $top/edu_a $top/edu_b $top/edu_idle
echo -cpu >$top/cgroup.subtree_control
check "sched_edu unloads" unload
finish
