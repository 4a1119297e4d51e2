# SPDX-License-Identifier: GPL-2.0
#
# The commands a person types. kbuild reads Kbuild, not this file.

# The headers to build against: the running kernel's, else the toolbox's.
KDIR ?= $(wildcard /lib/modules/$(shell uname -r)/build)

.DEFAULT_GOAL := all
.PHONY: all help modules programs check lint kunit demo torture bench fuzz shell install uninstall clean distclean

all: modules ## Build the modules for KDIR
modules:
	@tools/modules $(if $(KDIR),--kdir $(KDIR),--kernel stock) $(if $(W),W=$(W)) $(if $(C),C=$(C))

demo: ## Boot a stock kernel, load every twin and show it beside the kernel
	@tools/demo/run

check: ## Lint, KUnit and the tests on booted kernels; ends with the count
	@tests/check

lint: ## Only the checks that boot nothing
	@tests/check lint

kunit: ## Only the KUnit suites under kunit.py (User-Mode Linux)
	@tools/kunit/run

torture: ## What is too long for check: KUnit on x86_64, the long loads
	@tests/check torture

bench: ## What the twins and the probes cost, measured in a guest: bench/*.sh
	@tools/bench

fuzz: ## edufs's parsing code in user space under libFuzzer, for FUZZ_SECONDS (60)
	@tests/fuzz/edufs/run

install: ## eduscope with its page, mkfs.edufs, fsck.edufs, to DESTDIR and prefix (/usr/local)
	@tools/programs
	@DESTDIR='$(DESTDIR)' prefix='$(prefix)' tools/install

uninstall: ## Remove them from there
	@DESTDIR='$(DESTDIR)' prefix='$(prefix)' tools/install --remove

shell: ## A prompt in the virtual machine, with the modules in /edu/modules
	@tools/modules --kernel stock >/dev/null && tools/vm/shell

clean: ## Remove what was built here
	rm -rf out

distclean: clean ## Also remove the toolbox, the disks and the kernels in the cache
	@tools/toolbox/remove

help: ## This list
	@awk -F ' ## ' '/^[a-z]+:.* ## / { sub(/:.*/, "", $$1); printf "make %-10s %s\n", $$1, $$2 }' Makefile
