#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# eduscope compare: what it sees in noise, what it follows over time, and what it
# leaves alone. The numbers themselves are for people: no machine is quiet.
. /edu/tests/tap.sh

state=/sys/kernel/sched_ext/state
json=/tmp/fair.json
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
is "their peaks are the last pair's worst" "0 0" \
	"$(jq -r '[.metrics[] | select(.name == "owed_at_worst") | .samples[] | last | floor] as $s |
		[.curves[] | map(.[1]) | max] as $c | "\($s[0] - $c[0] | if . < 0 then -. else . end | . / 2 | floor) \($s[1] - $c[1] | if . < 0 then -. else . end | . / 2 | floor)"' $json)"
check "somebody is behind at times, but not by a second" \
	jq -e '[.metrics[].median[] | . > 0 and . < 1e9] | all' $json

eduscope sched start >/dev/null
refuse "a scheduler that is loaded: no comparison" eduscope compare sched-fair --runs 5
is "... and it stays" enabled "$(cat $state)"
check "it is ended" eduscope sched stop
check "sched_edu unloads" sh -c 'for i in $(seq 50); do rmmod sched_edu 2>/dev/null && exit; sleep 0.1; done; exit 1'
finish
