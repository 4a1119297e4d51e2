#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What can be said of the sources without booting anything.
cd "$(dirname "$0")/../.." || exit 1
. tests/vm/tap.sh
box=tools/toolbox/run
terse=$(mktemp)
trap 'rm -f "$terse"' EXIT

mapfile -t sources < <(find modules bpf tests tools -name '*.[ch]' ! -name '*.mod.c' 2>/dev/null | sort)
mapfile -t scripts < <(grep -rlE '^#!.*\bbash|^# shellcheck shell=bash' .ci bench tools tests | sort)

# shellcheck disable=SC2329	# called through check
checkpatch() { # IGNORED FILE...
	local ignored=$1

	shift
	[ $# -eq 0 ] || $box perl /usr/src/linux/scripts/checkpatch.pl --quiet --terse \
		${ignored:+--ignore "$ignored"} -f "$@" >"$terse" || {
		grep -v '^total: 0 errors, 0 warnings, 0 checks' "$terse"
		return 1
	}
}
only() { printf '%s\n' "${sources[@]}" | grep -E "$@"; }
mapfile -t plain < <(only -v '/(trace|compat)\.h$|^bpf/|^tests/(bpf|fuzz)/')
mapfile -t fuzz < <(only '^tests/fuzz/.*\.c$|/fuzz\.h$')
mapfile -t bpf < <(only '^(tests/)?bpf/')
mapfile -t traces < <(only '/trace\.h$')
check "checkpatch.pl --strict" checkpatch '' "${plain[@]}"
check "checkpatch.pl --strict: fuzz, where libFuzzer names its entries (not shim.h, which is all macros)" \
	checkpatch CAMELCASE "${fuzz[@]}"
check "checkpatch.pl --strict: trace.h, whose macros have a layout of their own" \
	checkpatch PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE,MULTISTATEMENT_MACRO_USE_DO_WHILE,COMPLEX_MACRO,SPACING "${traces[@]}"
check "checkpatch.pl --strict: bpf, where libbpf wants volatile and extern" \
	checkpatch VOLATILE,AVOID_EXTERNS "${bpf[@]}"
check "checkpatch.pl --strict: compat.h, which may ask for the version" \
	checkpatch LINUX_VERSION_CODE,CONSTANT_COMPARISON modules/include/edu/compat.h
mapfile -t documented < <(only '^modules/.*' | grep -v '/trace\.h$')
check "kernel-doc" $box /usr/src/linux/scripts/kernel-doc -none -Wall "${documented[@]}"
check "shellcheck" $box shellcheck -x "${scripts[@]}"
is "only compat.h asks for a kernel version" "modules/include/edu/compat.h" \
	"$(grep -lE 'LINUX_VERSION_CODE|KERNEL_VERSION' "${sources[@]}" | xargs)"
is "a licence on every source" "" "$(grep -L SPDX-License-Identifier "${sources[@]}" "${scripts[@]}" | xargs)"
is "no file over 600 lines" "" "$(wc -l "${sources[@]}" | awk '$2 != "total" && $1 > 600 { print $2 }' | xargs)"

# tools/modules turns every warning of the compiler into an error, and of
# sparse on the debug kernel.
for kernel in stock 6.12 newest debug; do
	check "no warning with the headers of $kernel" tools/modules --kernel $kernel
done

# What is installed is all of it, runs from there, and goes again.
mkdir -p out
to=$(mktemp -d "$PWD/out/install.XXXXXX")
trap 'rm -rf "$to" "$terse"' EXIT
check "make install" make -s install DESTDIR="$to" prefix=/usr
is "... puts each in its place" \
	"bin/eduscope sbin/fsck.edufs sbin/mkfs.edufs share/bash-completion/completions/eduscope share/man/man1/eduscope.1" \
	"$(cd "$to/usr" && find bin sbin share -type f | sort | xargs)"
is "... with all BPF objects" "$(cd out/bpf && echo *.bpf.o)" "$(cd "$to/usr/lib/eduscope/bpf" && echo *)"
check "eduscope runs from there" $box "$to/usr/bin/eduscope" --help
check "make uninstall" make -s uninstall DESTDIR="$to" prefix=/usr
is "... leaves nothing" "" "$(find "$to" -type f)"
finish
