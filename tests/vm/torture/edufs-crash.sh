#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Crashes at many more points.
export EDUFS_CRASH_STEPS=${EDUFS_CRASH_STEPS:-80} EDUFS_CRASH_POINTS=${EDUFS_CRASH_POINTS:-150}
exec bash /edu/tests/edufs-journal-crash.sh
