#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# overlayfs with edufs above, and with ext4: the same changes give the same merged tree
# and the same upper one, whiteouts and attributes included; and what overlayfs asks of a
# filesystem first (O_TMPFILE, RENAME_WHITEOUT, attributes) it finds in both.
. /edu/tests/tap.sh

dir=$(mktemp -d)
cd "$dir" || exit 1
mkdir edufs ext4 merged
modprobe -a loop ext4
check "edufs loads" load edufs

mkdir -p lower/d/sub lower/gone lower/same
for f in a b d/c d/sub/e gone/f gone/g same/h; do echo "$f of below" >lower/$f; done
ln -s a lower/link

above() { mount -t overlay overlay -o "lowerdir=lower,upperdir=$1/upper,workdir=$1/work" merged; }
changes() {
	cd merged && rm b && mv a renamed && mv d/c same/h && rm -r gone && mkdir gone && echo new >gone/f &&
		echo more >>d/sub/e && mkdir d/made && mv d/sub/e d/made/e && ln renamed second &&
		ln -s nowhere d/link && chmod 600 renamed && setfattr -n user.x -v y renamed && rm link &&
		mv -T gone d/gone && echo again >b
}
# Each name with what it is and has; numbers of inodes and times differ.
tree() {
	(cd "$1" && find . -printf '%P %y %m %n %l\n' | sort
		find . -type c -exec stat -c '%n %t %T' {} + | sort
		find . -type f -exec md5sum {} + | sort -k 2
		find . | sort | xargs getfattr -h -d -m '^user|overlay\.(opaque|redirect)' 2>/dev/null)
}

if modprobe overlay 2>/dev/null; then
	for type in edufs ext4; do
		mke2fs -q -F -t ext4 image.$type 32M
		mounted $type -t $type -o loop image.$type $type || continue
		mkdir $type/upper $type/work
		dmesg -C
		check "$type: overlayfs takes it" above $type
		is "$type: and misses nothing" "" "$(dmesg | grep 'upper fs')"
		check "$type: changes" sh -c "$(declare -f changes); changes"
		tree merged >merged.$type
		umount merged
		tree $type/upper >upper.$type
		umount $type
		check "$type: e2fsck finds nothing" e2fsck -fn image.$type
		mounted "$type, again" -t $type -o loop image.$type $type || continue
		above $type
		is "$type: mounted again, the tree is the same" "" "$(tree merged | diff - merged.$type)"
		umount merged $type
	done
	check "the same merged tree" diff merged.edufs merged.ext4
	check "the same upper tree" diff upper.edufs upper.ext4
	is "with whiteouts: a, gone, link, d/c, d/sub/e" 5 "$(grep -c ' 0 0$' upper.edufs)"
	modprobe -r overlay 2>/dev/null
else
	skip "overlayfs" "this kernel has none"
fi
check "edufs unloads" rmmod edufs
cd / && rm -rf "$dir"
finish
