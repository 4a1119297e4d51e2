#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Many more cuts; ext4 beside them.
export EDUFS_CUTS=${EDUFS_CUTS:-30} EDUFS_CUTS_BESIDE=1
exec bash /edu/tests/edufs-flakey.sh
