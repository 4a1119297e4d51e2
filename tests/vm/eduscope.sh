# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the tests of eduscope share: tap.sh, a folder of their own, a load that is
# held until a probe is attached, and waits for what must happen, however slow the
# machine is. Source it first.
# shellcheck disable=SC2034	# variables are for those who source it
. /edu/tests/tap.sh

work=$(mktemp -d)
cd "$work" || exit 1
attached() { eduscope-load links; }
before=$(attached)

# soon COMMAND...: until it succeeds, at most about a minute
soon() {
	local tries=300

	until "$@" >/dev/null 2>&1; do
		[ $((tries--)) -gt 0 ] || return 1
		sleep 0.2
	done
}
links() { [ "$(attached)" -ge $((before + $1)) ]; }
none_left() { [ "$(attached)" -eq "$before" ]; }
# asleep PID: and so, by then, counted as switched away
asleep() { grep -q '^State:.S' "/proc/$1/status" && sleep 0.2; }

# scope LINKS ARG...: run eduscope; it is attached by LINKS links when this
# returns. $scope is its PID, its output in ARG1.out and ARG1.err.
scope() {
	local more=$1

	shift
	eduscope "$@" >"$1.out" 2>"$1.err" &
	scope=$!
	soon links "$more" || not_ok "$*: attached by $more links"
}
quit() {
	kill -INT "$scope"
	wait "$scope"
}

# start MODE N: eduscope-load, held at its first line; its PIDs in $pid, $other
start() {
	mkfifo in out
	eduscope-load "$1" "$2" <in >out &
	load=$!
	exec 3>in 4<out
	read -r -u 4 pid other
	soon asleep "$pid"
}
# go: let the load run to where it waits for its end; $said is what it says
go() {
	echo >&3
	read -r -u 4 said
	soon asleep "$pid"
}
end() {
	echo >&3
	wait "$load"
	exec 3>&- 4<&-
	rm -f in out
}

# leave: the last check of each
leave() {
	soon none_left
	is "nothing is left attached" "$before" "$(attached)"
	cat ./*.err 2>/dev/null | sort -u | grep -v '^$' | sed 's/^/# /'
	cd / && rm -rf "$work"
	finish
}
