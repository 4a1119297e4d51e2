#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope compare: what it sees in noise, what it follows over time, and what it
# leaves alone. The numbers themselves are for people: no machine is quiet.
# shellcheck source=tests/vm/sched.sh
. /edu/tests/sched.sh

json=/tmp/fair.json
top=/sys/fs/cgroup
for pairs in 5 6 20 1200; do
	read -r wrong sure right < <(judge $pairs $((pairs < 100 ? 3000 : 300)))
	echo "# $pairs pairs: a difference where none is in $wrong %, $sure % sure; one of 1.5 named in $right %"
	check "$pairs pairs: it is as sure as it says" \
		awk -v w="$wrong" -v s="$sure" 'BEGIN { exit !(s > 93 && w <= 100 - s + 1.5) }'
	is "$pairs pairs: and names the better side" 100.0 "$right"
done
if watched || [ ! -e $state ]; then
	skip "eduscope compare sched-fair" "no sched_ext, or a kernel that is no place to measure"
	finish
fi

check "sched_edu loads" load sched_edu
check "compare sched-fair" eduscope compare sched-fair --runs 5 --json=$json
is "the machine is the kernel's again" disabled "$(cat $state)"
is "two curves of 500 points, whose time goes on" "500 500 true" \
	"$(jq -r '"\(.curves[0] | length) \(.curves[1] | length) \([.curves[] | map(.[0]) | . == sort] | all)"' $json)"
check "their peaks are the last pair's worst" jq -e '
	[.metrics[] | select(.name == "owed_at_worst") | .samples[] | last] as $worst |
	[.curves[] | map(.[1]) | max] as $peak |
	[range(2) | $worst[.] - $peak[.] | fabs <= 1] | all' $json
check "somebody is behind at times, but not by a second" \
	jq -e '[.metrics[].median[] | . > 0 and . < 1e9] | all' $json

echo +cpuset >$top/cgroup.subtree_control
if mkdir $top/edu_second && echo 1 >$top/edu_second/cpuset.cpus; then
	for name in sched-fair sched-batch; do
		(echo $BASHPID >$top/edu_second/cgroup.procs && eduscope compare $name --runs 5) >/tmp/said 2>&1
		is "tasks that cannot be on CPU 0: no $name" 1 $?
		check "... and it says so" grep -q "No child processes" /tmp/said
	done
else
	skip "tasks that cannot be on CPU 0" "there is no other"
fi
rmdir $top/edu_second
echo -cpuset >$top/cgroup.subtree_control
# Beside an eduscope of its own is a load of ours, of which we know what comes out.
mkdir /tmp/fake
cp "$(command -v eduscope)" /tmp/fake
load_is() { printf '#!/bin/sh\n%s\n' "$1" >/tmp/fake/sched-load && chmod +x /tmp/fake/sched-load; }
fake() { /tmp/fake/eduscope compare sched-all --runs 5 "$@" 2>/tmp/fake/said; }
load_is 'echo lead $([ $1 = edu ] && echo 6e6 || echo 3e6)'
is "twice as long is a ratio of 2" "lead 2 kernel" \
	"$(fake --json | jq -r '.metrics[] | "\(.name) \(.ratio) \(.verdict)"')"
is "one side alone" "[[],[6000000,6000000,6000000,6000000,6000000]]" \
	"$(fake --json --side edu | jq -c '.metrics[].samples')"
load_is 'echo lead 1; [ -e /tmp/fake/once ] || echo pipe 1; touch /tmp/fake/once'
is "what was not measured each time is left out" lead "$(fake --json | jq -r '.metrics[].name')"
rm /tmp/fake/once
fails() { # WORDS: the comparison fails, and says so
	refuse "$1: no comparison" fake
	check "... and it says so" grep -q "$1" /tmp/fake/said
}
load_is 'echo lead; echo nonsense 5'
fails "No data"
load_is 'echo lead 1; exit 3'
fails "'sched-load \$SIDE' failed"
load_is 'pkill -INT -x eduscope; sleep 1; echo lead 1'
fails "Interrupted"
rm -r /tmp/fake

eduscope sched start >/dev/null
refuse "a scheduler that is loaded: no comparison" eduscope compare sched-fair --runs 5
is "... and it stays" enabled "$(cat $state)"
check "it is ended" eduscope sched stop
check "sched_edu unloads" unload
finish
