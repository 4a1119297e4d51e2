#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Crashes at many more points, and between them; ext4 beside it.
export EDUFS_CRASH_STEPS=${EDUFS_CRASH_STEPS:-80} EDUFS_CRASH_POINTS=${EDUFS_CRASH_POINTS:-150} \
	EDUFS_CRASH_RANDOM=1 EDUFS_CRASH_BESIDE=1
exec bash /edu/tests/edufs-journal-crash.sh
