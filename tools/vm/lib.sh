# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Which emulator and which kernel are meant. Source it after ../lib.sh.
# shellcheck disable=SC2034	# what is set here, others read

# find_qemu: set QEMU, the command. It is the toolbox's, started by the
# toolbox's own loader, so that every host emulates alike, and needs no root.
find_qemu() {
	local root lib

	root=$("$EDU_TOP/tools/toolbox/build")/root || return
	lib=$root/usr/lib/x86_64-linux-gnu
	export QEMU_MODULE_DIR=$lib/qemu
	QEMU=("$root/lib64/ld-linux-x86-64.so.2" --library-path "$lib" --argv0 qemu-system-x86_64
		"$root/usr/bin/qemu-system-x86_64" -L "$root/usr/share/qemu"
		-L "$root/usr/share/seabios")
}

# patched_away CONSOLE: did a processor meet a breakpoint that is not there? When a static
# key changes the kernel puts breakpoints into its own code, and takes them away; QEMU's
# processors are not always told (7.2 once; 11.1 twice, with three guests on two
# processors). The kernel shows the bytes around: before RIP there is none (cc).
patched_away() {
	local code

	code=$(grep -a -A 20 'Oops: int3' "$1" 2>/dev/null | grep -m 1 'Code: ') && [[ $code != *" cc <"* ]]
}

# version_of IMAGE: the release that an x86 boot image states in its header.
version_of() {
	local offset version

	bytes() { dd if="$1" bs=1 skip="$2" count="$3" status=none | tr '\0' ' '; }
	[ "$(bytes "$1" 514 4)" = HdrS ] || die "$1 is not an x86 kernel image"
	offset=$(od -An -tu2 -j $((0x20e)) -N 2 "$1")
	read -r version _ <<<"$(bytes "$1" $((offset + 0x200)) 256)"
	echo "$version"
}

# find_kernel NAME: set KERNEL_VERSION, KERNEL_IMAGE, and KERNEL_MODULES, the
# folder above lib/modules when its modules are not on the guest's disk.
# NAME is stock, 6.12, debug, kcsan, an image, or a folder with one.
find_kernel() {
	local name=$1 root line

	KERNEL_MODULES=
	root=$("$EDU_TOP/tools/toolbox/build")/root
	case $name in debug | kcsan) name=$("$EDU_TOP/tools/vm/debug-kernel" "$name") ;; esac
	if [ -d "$name" ]; then
		for KERNEL_IMAGE in "$name"/vmlinuz "$name"/bzImage "$name"/arch/x86/boot/bzImage; do
			[ ! -f "$KERNEL_IMAGE" ] || break
		done
		[ -f "$KERNEL_IMAGE" ] || die "no vmlinuz, bzImage or arch/x86/boot/bzImage in $name"
		KERNEL_VERSION=$(version_of "$KERNEL_IMAGE")
		[ ! -d "$name/lib/modules/$KERNEL_VERSION" ] || KERNEL_MODULES=$(realpath "$name")
	elif [ -f "$name" ]; then
		KERNEL_IMAGE=$name
		KERNEL_VERSION=$(version_of "$name")
	elif line=$(grep "^$name .* boot$" "$root/etc/edu/kernels"); then
		KERNEL_VERSION=$(cut -d' ' -f2 <<<"$line")
		KERNEL_IMAGE=$root/usr/lib/modules/$KERNEL_VERSION/vmlinuz
		[ -f "$KERNEL_IMAGE" ] || KERNEL_IMAGE=$root/boot/vmlinuz-$KERNEL_VERSION
	else
		die "no kernel '$name': stock, 6.12, debug, kcsan, an image, or a folder that holds one"
	fi
}
