// SPDX-License-Identifier: GPL-2.0
/* The suites of sched_edu in one module. */
#include <linux/module.h>
#include <edu/compat.h>

EDU_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of sched_edu");
MODULE_LICENSE("GPL");
