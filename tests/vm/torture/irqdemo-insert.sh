#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Loading irqdemo and lpchar while each allocation in turn fails, the loader's
# own and theirs: refused or survived, and nothing is left. Debug kernel only;
# long: each is loaded as often as it allocates.
. /edu/tests/tap.sh

for what in "irqdemo pci=0" "lpchar io=0"; do
	name=${what% *}
	said=$(irqdemo-failnth insert "/edu/modules/$name.ko" "${what#* }" "$name")
	if [ $? -eq 77 ]; then
		skip "$name" "this kernel injects no faults"
		continue
	fi
	echo "# $what: $said"
	check "$name: every allocation's failure is refused or survived" \
		grep -qE '^allocations [1-9][0-9]* refused [1-9][0-9]* survived [0-9]+ done 1$' <<<"$said"
	refuse "$name: it is not loaded" test -d "/sys/module/$name"
	refuse "$name: no folder is left" test -d "/sys/kernel/debug/$name"
	check "$name: it loads" load "$name" "${what#* }"
	check "$name: and unloads" rmmod "$name"
done
finish
