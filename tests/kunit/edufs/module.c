// SPDX-License-Identifier: GPL-2.0
/* The suites of edufs in one module. */
#include <linux/module.h>
#include <edu/compat.h>

EDU_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit tests of edufs");
MODULE_LICENSE("GPL");
