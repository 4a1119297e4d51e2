#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# edufs-kill.sh [ROUNDS]: QEMU is killed while its guest writes to an edufs and to an
# ext4, each on a disk of its own; the next guest mounts both, which replays their
# journals, and looks whether what was promised is there and e2fsck finds nothing. What
# was fsynced leaves the guest by its output, so it was fsynced before the kill.
#
# What this shows: a real machine and a real virtio disk stop at any moment, with requests
# half done, and nobody of the filesystem's own has a part in it. What it does not: the
# host keeps what QEMU had written, flushed or not, so no cache of a disk is lost. That is
# what tests/vm/edufs-journal-crash.sh is for.
#
# Then the one end that edufs itself can make: damage, mounted with errors=panic.
cd "$(dirname "$0")/../.." || exit 1
. tests/vm/tap.sh
rounds=${1:-1}
tmp=$(mktemp -d "${TMPDIR:-/var/tmp}/edu-kill.XXXXXX")
runner=''
trap '[ -z "$runner" ] || kill "$runner" 2>/dev/null; rm -rf "$tmp"' EXIT
tools/modules --kernel stock >/dev/null && tools/programs || exit 1
disks=''
for type in edufs ext4; do
	truncate -s 32M "$tmp/$type"
	disks+=" -drive file=$tmp/$type,format=raw,if=none,id=kill-$type,cache=writeback"
	disks+=" -device virtio-blk-pci,drive=kill-$type,serial=kill-$type"
done

# In the guest: what the last one left, then new work, with no end but the kill.
mkdir "$tmp/in"
cat >"$tmp/in/guest" <<'EOT'
steps=120 what=$1 seed=$2 promised_edufs=$3 promised_ext4=$4
mkdir /tmp/edufs /tmp/ext4
modprobe ext4
insmod /edu/modules/edufs.ko
for type in edufs ext4; do
	disk=/dev/$(basename "$(dirname "$(grep -lx kill-$type /sys/block/vd*/serial)")")
	promised=promised_$type
	if [ "${!promised}" != - ]; then
		dumpe2fs -h "$disk" 2>/dev/null | grep -q needs_recovery && echo "recover $type"
		if ! mount -t $type "$disk" /tmp/$type; then
			echo "bad $type does not mount"
		else
			edufs-crash check /tmp/$type "$steps" "$seed" "${!promised}" >/tmp/said ||
				echo "bad $type (${!promised}): $(tr '\n' ';' </tmp/said)"
			umount /tmp/$type
			e2fsck -fn "$disk" >/tmp/said 2>&1 ||
				echo "bad $type e2fsck: $(tr '\n' ';' </tmp/said)"
		fi
		echo "checked $type"
	fi
	[ "$what" = work ] || continue
	# The marker is no byte of any file.
	head -c 32M /dev/zero | tr '\0' '\252' >"$disk"
	mke2fs -q -F -t ext4 -E root_owner=0:0,nodiscard "$disk" >/dev/null 2>&1
	mount -t $type "$disk" /tmp/$type
done
[ "$what" = work ] || exit 0
for type in edufs ext4; do
	edufs-crash work /tmp/$type "$steps" $((seed + 1)) - | sed -u "s/^/did $type /" &
done
wait
EOT

# number TYPE KIND: of its last promise
number() {
	local n

	n=$(sed -n "s/^did $1 $2//p" "$tmp/out" | tail -n 1)
	echo "${n:-0}"
}
made() { grep -c '^did edufs f' "$tmp/out"; }
# QEMU alone, which is a child of the runner: that sees it and cleans up.
# shellcheck disable=SC2329	# called through check
kill_qemu() {
	local qemu

	qemu=$(pgrep -P "$runner" -f qemu-system) && kill -KILL "$qemu"
}

seed=$((RANDOM % 30000)) edufs=- ext4=- replayed=0
for ((round = 0; round <= rounds; round++)); do
	work=work
	((round < rounds)) || work=look
	tools/vm/run --in "$tmp/in" --timeout 300 --qemu "$disks" --log "$tmp/console" -- \
		bash /in/guest $work $seed "$edufs" "$ext4" >"$tmp/out" 2>"$tmp/err" &
	runner=$!
	if [ $work = work ]; then
		after=$((1 + RANDOM % 40))
		while [ "$(made)" -lt $after ] && kill -0 $runner 2>/dev/null; do sleep 0.1; done
		sleep "0.$((RANDOM % 10))"
		check "round $((round + 1)): QEMU is killed after $(made) files" kill_qemu
	fi
	wait $runner
	status=$?
	runner=''
	if ((round > 0)); then
		is "round $round (seed $seed, edufs $edufs, ext4 $ext4): promises and e2fsck" "checked edufs checked ext4" \
			"$(grep -aE '^(bad|checked)' "$tmp/out" | xargs -d '\n')"
		replayed=$((replayed + $(grep -c '^recover' "$tmp/out")))
	fi
	edufs=f$(number edufs f)t$(number edufs t) ext4=f$(number ext4 f)t$(number ext4 t)
	seed=$((seed + 1))
done
is "the last guest reported nothing" 0 "$status"
[ "$status" -eq 0 ] || sed 's/^/# /' "$tmp/err"
is "each journal was replayed, each time" $((2 * rounds)) $replayed

cat >"$tmp/in/guest" <<'EOT'
cd /tmp && mkdir mnt
modprobe -a loop jbd2
insmod /edu/modules/edufs.ko
truncate -s 4M image
mke2fs -q -F -t ext4 -O ^has_journal image
mount -t edufs -o loop image mnt && echo text >mnt/victim && umount mnt
debugfs -w -R 'set_inode_field victim block[0] 0x0004f30a' image
mount -t edufs -o loop,errors=panic image mnt && echo mounted
cat mnt/victim
EOT
tools/vm/run --in "$tmp/in" --log "$tmp/console" -- bash /in/guest >"$tmp/out" 2>"$tmp/err"
is "errors=panic: damage is the guest's end" 125 $?
is "... not the mount, which only notes what was asked" mounted "$(tail -n 1 "$tmp/out")"
check "... and the kernel says whose" grep -q 'Kernel panic.*edufs (device loop0): damage' "$tmp/console"
finish
