// SPDX-License-Identifier: GPL-2.0
/*
 * mmap: the page of counters, served by a fault handler.
 *
 * mmap() itself maps nothing. The first access faults; the fault handler is
 * asked for the page at that offset and returns it with a reference, which the
 * kernel drops at munmap(). The page is the one that the driver counts in, so
 * a reader sees each count at once; a second mapping faults once more.
 *
 * Only offset 0, one page, and never writable: -EINVAL, -EINVAL, -EPERM.
 */
#include <linux/mm.h>

#include "lpchar.h"

static vm_fault_t page_fault(struct vm_fault *vmf)
{
	struct lpchar_port *port = vmf->vma->vm_private_data;

	if (vmf->pgoff)
		return VM_FAULT_SIGBUS;
	lpchar_count(port, LPCHAR_COUNT_PAGE_FAULTS, 1);
	vmf->page = virt_to_page(port->page);
	get_page(vmf->page);
	return 0;
}

static const struct vm_operations_struct page_vm_ops = {
	.fault = page_fault,
};

int lpchar_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start != PAGE_SIZE)
		return -EINVAL;
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	/* Nor may mprotect() make it so later. */
	vm_flags_mod(vma, VM_DONTEXPAND | VM_DONTDUMP, VM_MAYWRITE);
	/* The mapping holds the file, and the file the port. */
	vma->vm_private_data = file->private_data;
	vma->vm_ops = &page_vm_ops;
	return 0;
}
