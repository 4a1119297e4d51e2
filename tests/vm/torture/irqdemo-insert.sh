#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Loading irqdemo and lpchar while each allocation in turn fails, the loader's
# own and theirs: refused or survived, and nothing is left. Debug kernel only;
# long: each is loaded as often as it allocates.
. /edu/tests/tap.sh

for what in "irqdemo pci=0" "lpchar io=0"; do
	said=$(irqdemo-failnth insert /edu/modules/${what% *}.ko "${what#* }" ${what% *})
	if [ $? -eq 77 ]; then
		skip "${what% *}" "this kernel injects no faults"
		continue
	fi
	echo "# $what: $said"
	check "${what% *}: every allocation's failure is refused or survived" \
		grep -qE '^allocations [1-9][0-9]* refused [1-9][0-9]* survived [0-9]+ done 1$' <<<"$said"
	refuse "${what% *}: it is not loaded" test -d "/sys/module/${what% *}"
	refuse "${what% *}: no folder is left" test -d "/sys/kernel/debug/${what% *}"
	check "${what% *}: it loads" load $what
	check "${what% *}: and unloads" rmmod ${what% *}
done
finish
