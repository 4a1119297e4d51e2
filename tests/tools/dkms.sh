#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dkms add, build, install and remove of all modules, for both kernels that
# they are tested on, in the toolbox (what is installed there is forgotten).
cd "$(dirname "$0")/../.." || exit 1
exec tools/toolbox/run --root bash -c '
	. tests/vm/tap.sh
	. ./dkms.conf
	package=$PACKAGE_NAME/$PACKAGE_VERSION
	source=/usr/src/$PACKAGE_NAME-$PACKAGE_VERSION
	mkdir -p "$source"
	cp -r Kbuild Kconfig Makefile dkms.conf modules tests "$source/"
	check "dkms add" dkms add "$package"
	for kernel in stock 6.12; do
		version=$(awk -v name=$kernel "\$1 == name { print \$2 }" /etc/edu/kernels)
		check "$kernel: dkms build" dkms build "$package" -k "$version"
		check "$kernel: dkms install" dkms install "$package" -k "$version"
		for module in "${BUILT_MODULE_NAME[@]}"; do
			check "$kernel: modinfo finds $module" modinfo -k "$version" "$module"
		done
		check "$kernel: dkms says installed" grep -q "$version.*: installed" <<<"$(dkms status "$package")"
	done
	check "dkms remove" dkms remove "$package" --all
	is "nothing remains" "" "$(dkms status "$package")$(find /lib/modules/ -name slab_edu.ko*)"
	finish
'
