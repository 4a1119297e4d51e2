# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What a test in the guest says: TAP on stdout, one line a check, explanations
# behind '#'. Source it first, call finish last.

tap_count=0
tap_failed=0

ok() { echo "ok $((++tap_count)) $*"; }
not_ok() {
	echo "not ok $((++tap_count)) $*"
	tap_failed=$((tap_failed + 1))
}

# check WHAT COMMAND...: COMMAND must succeed; what it printed explains.
check() {
	local what=$1 said

	shift
	if said=$("$@" 2>&1); then
		ok "$what"
	else
		not_ok "$what"
		printf '%s\n' "$said" | sed 's/^/# /'
	fi
}

# refuse WHAT COMMAND...: COMMAND must fail.
refuse() {
	local what=$1

	shift
	if "$@" >/dev/null 2>&1; then not_ok "$what"; else ok "$what"; fi
}

# is WHAT WANTED GOT: two words must be the same.
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1"
		echo "# wanted: $2"
		echo "# got:    $3"
	fi
}

# skip WHAT WHY: this cannot be tested here, for this reason.
skip() { echo "ok $((++tap_count)) $1 # SKIP $2"; }

finish() {
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}

# mounted WHAT MOUNT-ARGS... DIR: mount it; a failure is said, and what would then be
# written to the empty folder is not to be taken for the filesystem's work.
mounted() {
	local what=$1

	shift
	if mount "$@" && mountpoint -q "${!#}"; then return 0; fi
	not_ok "$what: mounts ($*)"
	return 1
}

# watched: this is the debug kernel, which looks at every step of the code and
# takes four times as long for it; what only repeats the steps may be left out.
watched() { [ -e /sys/kernel/debug/kmemleak ]; }

# load MODULE [PARAM...]: insert one of our modules, after those of the kernel that
# it needs.
load() {
	local module=$1 needs

	needs=$(modinfo -F depends "/edu/modules/$module.ko")
	# shellcheck disable=SC2086
	[ -z "$needs" ] || modprobe -a ${needs//,/ }
	shift
	insmod "/edu/modules/$module.ko" "$@"
}
