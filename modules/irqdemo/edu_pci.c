// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU's edu device: a PCI function that interrupts when told to, computes
 * factorials, and copies memory by DMA.
 *
 * The rules that the device asks for:
 *  1. Registers are read and written in 32 bits (from 0x80 on, 64 are allowed).
 *  2. Raising sets bits in the status and interrupts. With MSI each raise is a
 *     message; with a pin, the line stays up until all bits are acknowledged.
 *  3. A factorial is computed by a thread of the host: COMPUTING is set
 *     meanwhile, and a write is ignored. Results wrap at 32 bits.
 *  4. DMA sees 28 bits of address. A copy takes 100 ms, its registers are
 *     frozen meanwhile. A range outside of the device's 4 KiB is never asked
 *     for: it would end the machine, or worse.
 *
 * Follows the kernel book, 11.5, and QEMU's docs/specs/edu.rst.
 */
#include <linux/cleanup.h>
#include <linux/debugfs.h>
#include <linux/dma-mapping.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "line.h"

#define EDU_ID		0x00
#define EDU_ID_VALUE	0x010000ed
#define EDU_FACTORIAL	0x08
#define EDU_STATUS	0x20
#define EDU_COMPUTING	0x01
#define EDU_FACT_IRQ	0x80
#define EDU_IRQ_STATUS	0x24
#define EDU_RAISE	0x60
#define EDU_ACK		0x64
#define EDU_DMA_SRC	0x80
#define EDU_DMA_DST	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_CMD	0x98
#define EDU_DMA_RUN	0x1
#define EDU_DMA_TO_RAM	0x2
#define EDU_DMA_IRQ	0x4
#define EDU_BUFFER	0x40000
#define EDU_BUFFER_SIZE	4096
/* QEMU 7.2 takes a range that ends where the window ends for a bad one. */
#define EDU_DMA_MAX	(EDU_BUFFER_SIZE - 1)

#define EDU_FACT_DONE	0x001
#define EDU_DMA_DONE	0x100

static bool intx;
module_param(intx, bool, 0444);
MODULE_PARM_DESC(intx, "Use the edu device's pin, not MSI (default N)");

struct edu_dev {
	struct irq_line line;
	struct pci_dev *pdev;
	void __iomem *bar;
	void *buffer;
	dma_addr_t bus;
	struct mutex lock;	/* one operation of the device at a time */
	struct completion done;
	struct dentry *dir;
	u32 factorial;
	unsigned int got;
};

static struct dentry *debug_root;
static atomic_t devices = ATOMIC_INIT(0);

static void edu_raise(struct irq_line *line, u32 bits)
{
	struct edu_dev *edu = line->priv;

	iowrite32(bits, edu->bar + EDU_RAISE);
}

static u32 edu_status(struct irq_line *line)
{
	struct edu_dev *edu = line->priv;

	return ioread32(edu->bar + EDU_IRQ_STATUS);
}

static void edu_ack(struct irq_line *line, u32 bits)
{
	struct edu_dev *edu = line->priv;

	iowrite32(bits, edu->bar + EDU_ACK);
}

static void edu_event(struct irq_line *line, u32 bits)
{
	struct edu_dev *edu = line->priv;

	if (bits & (EDU_FACT_DONE | EDU_DMA_DONE))
		complete(&edu->done);
}

static const struct line_source edu_source = {
	.raise = edu_raise,
	.status = edu_status,
	.ack = edu_ack,
	.event = edu_event,
};

/*
 * The operation was begun with the line attached, by whomever. A person may raise
 * the bits that end it as well: then @reg still has @busy.
 */
static int edu_wait(struct edu_dev *edu, unsigned int reg, u32 busy)
{
	unsigned long left = 2 * HZ;

	do {
		left = wait_for_completion_timeout(&edu->done, left);
	} while (left && ioread32(edu->bar + reg) & busy);
	return left ? 0 : -ETIMEDOUT;
}

static int edu_factorial(struct edu_dev *edu, u32 n, u32 *result)
{
	int err;

	if (ioread32(edu->bar + EDU_STATUS) & EDU_COMPUTING)
		return -EBUSY;
	reinit_completion(&edu->done);
	WRITE_ONCE(edu->line.edge, ktime_get_ns());
	iowrite32(EDU_FACT_IRQ, edu->bar + EDU_STATUS);
	iowrite32(n, edu->bar + EDU_FACTORIAL);
	err = edu_wait(edu, EDU_STATUS, EDU_COMPUTING);
	iowrite32(0, edu->bar + EDU_STATUS);
	if (!err)
		*result = ioread32(edu->bar + EDU_FACTORIAL);
	return err;
}

/* @offset: in our buffer; the device's window is used from its start. */
static int edu_dma(struct edu_dev *edu, bool to_ram, unsigned int offset,
		   unsigned int len)
{
	dma_addr_t ram = edu->bus + offset;

	if (!len || len > EDU_DMA_MAX || offset > 2 * EDU_BUFFER_SIZE - len)
		return -EINVAL;
	if (ioread32(edu->bar + EDU_DMA_CMD) & EDU_DMA_RUN)
		return -EBUSY;
	reinit_completion(&edu->done);
	WRITE_ONCE(edu->line.edge, ktime_get_ns());
	iowrite32(to_ram ? EDU_BUFFER : ram, edu->bar + EDU_DMA_SRC);
	iowrite32(to_ram ? ram : EDU_BUFFER, edu->bar + EDU_DMA_DST);
	iowrite32(len, edu->bar + EDU_DMA_COUNT);
	iowrite32(EDU_DMA_RUN | EDU_DMA_IRQ | (to_ram ? EDU_DMA_TO_RAM : 0),
		  edu->bar + EDU_DMA_CMD);
	return edu_wait(edu, EDU_DMA_CMD, EDU_DMA_RUN);
}

/* The interrupt must be heard: attach the line unless it is attached. */
static int edu_listen(struct edu_dev *edu)
{
	guard(mutex)(&line_mutex);
	return edu->line.state == LINE_ATTACHED ? 0 :
	       line_attach(&edu->line, BH_HARD, false);
}

static ssize_t factorial_write(struct file *file, const char __user *buf,
			       size_t len, loff_t *pos)
{
	struct edu_dev *edu = file_inode(file)->i_private;
	u32 n;
	int err = kstrtou32_from_user(buf, len, 0, &n);

	if (err)
		return err;
	/* The host computes n multiplications. */
	if (n > 1000)
		return -ERANGE;
	guard(mutex)(&edu->lock);
	err = edu_listen(edu);
	if (!err)
		err = edu_factorial(edu, n, &edu->factorial);
	return err ?: len;
}

static ssize_t factorial_read(struct file *file, char __user *buf, size_t len,
			      loff_t *pos)
{
	struct edu_dev *edu = file_inode(file)->i_private;
	char text[16];
	int n = scnprintf(text, sizeof(text), "%u\n", edu->factorial);

	return simple_read_from_buffer(buf, len, pos, text, n);
}

static const struct file_operations factorial_fops = {
	.owner = THIS_MODULE,
	.write = factorial_write,
	.read = factorial_read,
};

/* To the device, and back from there into the buffer's other half. */
static ssize_t dma_write(struct file *file, const char __user *buf, size_t len,
			 loff_t *pos)
{
	struct edu_dev *edu = file_inode(file)->i_private;
	int err;

	if (!len || len > EDU_DMA_MAX)
		return -EINVAL;
	guard(mutex)(&edu->lock);
	edu->got = 0;
	if (copy_from_user(edu->buffer, buf, len))
		return -EFAULT;
	memset(edu->buffer + EDU_BUFFER_SIZE, 0, EDU_BUFFER_SIZE);
	err = edu_listen(edu);
	if (!err)
		err = edu_dma(edu, false, 0, len);
	if (!err)
		err = edu_dma(edu, true, EDU_BUFFER_SIZE, len);
	if (err)
		return err;
	edu->got = len;
	return len;
}

static ssize_t dma_read(struct file *file, char __user *buf, size_t len,
			loff_t *pos)
{
	struct edu_dev *edu = file_inode(file)->i_private;

	guard(mutex)(&edu->lock);
	return simple_read_from_buffer(buf, len, pos,
				       edu->buffer + EDU_BUFFER_SIZE, edu->got);
}

static const struct file_operations dma_fops = {
	.owner = THIS_MODULE,
	.write = dma_write,
	.read = dma_read,
};

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct edu_dev *edu;
	int err;

	edu = kzalloc_obj(*edu);
	if (!edu)
		return -ENOMEM;
	edu->pdev = pdev;
	mutex_init(&edu->lock);
	init_completion(&edu->done);
	pci_set_drvdata(pdev, edu);

	err = pci_enable_device(pdev);
	if (err)
		goto free;
	err = pci_request_regions(pdev, "irqdemo");
	if (err)
		goto disable;
	err = -ENODEV;
	edu->bar = pci_iomap(pdev, 0, 0);
	if (!edu->bar)
		goto release;
	if (ioread32(edu->bar + EDU_ID) != EDU_ID_VALUE)
		goto unmap;
	err = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(28));
	if (err)
		goto unmap;
	/* Without it neither MSI nor DMA leaves the device. */
	pci_set_master(pdev);
	err = -ENOMEM;
	edu->buffer = dma_alloc_coherent(&pdev->dev, 2 * EDU_BUFFER_SIZE,
					 &edu->bus, GFP_KERNEL);
	if (!edu->buffer)
		goto unmap;
	err = pci_alloc_irq_vectors(pdev, 1, 1, intx ? PCI_IRQ_INTX :
				    PCI_IRQ_MSI | PCI_IRQ_INTX);
	if (err < 0)
		goto free_buffer;

	/* What another had left un-acknowledged must not count as ours. */
	iowrite32(~0, edu->bar + EDU_ACK);
	edu->line.irq = pci_irq_vector(pdev, 0);
	edu->line.name = "irqdemo-edu";
	edu->line.trigger = pdev->msi_enabled ? "msi" : "intx";
	edu->line.flags = pdev->msi_enabled ? 0 : IRQF_SHARED;
	edu->line.mine = ~0;
	edu->line.source = &edu_source;
	edu->line.priv = edu;
	err = line_add(&edu->line);
	if (err)
		goto free_vectors;
	edu->dir = debugfs_create_dir(pci_name(pdev), debug_root);
	debugfs_create_file("factorial", 0600, edu->dir, edu, &factorial_fops);
	debugfs_create_file("dma", 0600, edu->dir, edu, &dma_fops);
	atomic_inc(&devices);
	return 0;

free_vectors:
	pci_free_irq_vectors(pdev);
free_buffer:
	dma_free_coherent(&pdev->dev, 2 * EDU_BUFFER_SIZE, edu->buffer, edu->bus);
unmap:
	pci_iounmap(pdev, edu->bar);
release:
	pci_release_regions(pdev);
disable:
	pci_disable_device(pdev);
free:
	kfree(edu);
	return err;
}

static void edu_remove(struct pci_dev *pdev)
{
	struct edu_dev *edu = pci_get_drvdata(pdev);

	atomic_dec(&devices);
	debugfs_remove(edu->dir);
	line_remove(&edu->line);
	pci_clear_master(pdev);
	pci_free_irq_vectors(pdev);
	dma_free_coherent(&pdev->dev, 2 * EDU_BUFFER_SIZE, edu->buffer, edu->bus);
	pci_iounmap(pdev, edu->bar);
	pci_release_regions(pdev);
	pci_disable_device(pdev);
	kfree(edu);
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{}
};
MODULE_DEVICE_TABLE(pci, edu_ids);

static struct pci_driver edu_driver = {
	.name = "irqdemo",
	.id_table = edu_ids,
	.probe = edu_probe,
	.remove = edu_remove,
};

/**
 * edu_pci_init - drive the edu devices that there are, and that come
 * @root: the module's debugfs folder
 *
 * Return: how many there are, or what pci_register_driver() says.
 */
int edu_pci_init(struct dentry *root)
{
	int err;

	debug_root = debugfs_create_dir("pci", root);
	err = pci_register_driver(&edu_driver);
	return err ?: atomic_read(&devices);
}

/**
 * edu_pci_exit - the opposite
 */
void edu_pci_exit(void)
{
	pci_unregister_driver(&edu_driver);
}
