# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of sched_edu share: tap.sh, where its state is, waits for what must
# happen, however slow the machine is, and how far off a number may be. Source it first.
# shellcheck disable=SC2034	# variables are for those who source it
. /edu/tests/tap.sh

dir=/sys/kernel/debug/sched_edu
state=/sys/kernel/sched_ext/state

state_is() { [ "$(cat $state)" = "$1" ]; }
tenths() { awk '{ print int($1 * 10) }' /proc/uptime; }
# settle SECONDS COMMAND...: wait until COMMAND succeeds.
settle() {
	local end=$(($(tenths) + $1 * 10))

	shift
	until "$@"; do
		[ "$(tenths)" -lt $end ] || return 1
		sleep 0.1
	done
}
# within GOT WANT BY
within() { awk -v got="$1" -v want="$2" -v by="$3" 'BEGIN { exit !(got >= want - by && got <= want + by) }'; }
# Programs are freed a moment after the scheduler has gone.
unload() { settle 20 sh -c 'rmmod sched_edu 2>/dev/null'; }
