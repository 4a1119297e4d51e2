// SPDX-License-Identifier: GPL-2.0
/*
 * line/<n>: an interrupt from the device to its handlers, as the documents
 * draw it: vector, irq_desc, the stack of irq_data, the chain of irqaction.
 *
 * The descriptor is printed under its lock. The vector is not in any of these:
 * it is what the device was told to write, so it is read from its MSI
 * registers. Follows document B 21.2 to 21.5 and the kernel book, 11.3, 11.4.
 */
#include <linux/debugfs.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/module.h>
#include <linux/msi.h>
#include <linux/pci.h>

#include "line.h"

static void walk_vector(struct seq_file *m, struct irq_data *data)
{
#ifdef CONFIG_PCI_MSI
	struct msi_desc *msi = irq_data_get_msi_desc(data);
	struct pci_dev *pdev;
	u16 control, value;
	u32 address;

	if (!msi || !dev_is_pci(msi->dev))
		return;
	pdev = to_pci_dev(msi->dev);
	if (!pdev->msi_cap)
		return;
	pci_read_config_word(pdev, pdev->msi_cap + PCI_MSI_FLAGS, &control);
	pci_read_config_dword(pdev, pdev->msi_cap + PCI_MSI_ADDRESS_LO, &address);
	pci_read_config_word(pdev, pdev->msi_cap +
			     (control & PCI_MSI_FLAGS_64BIT ? PCI_MSI_DATA_64 :
							      PCI_MSI_DATA_32),
			     &value);
	seq_printf(m, "  message   write %#x to %#x: vector %#x of APIC %u\n",
		   value, address, value & 0xff, address >> 12 & 0xff);
#endif
}

static struct irq_data *parent_of(struct irq_data *data)
{
#ifdef CONFIG_IRQ_DOMAIN_HIERARCHY
	return data->parent_data;
#else
	return NULL;
#endif
}

static void walk_desc(struct seq_file *m, struct irq_data *data)
{
	struct irq_desc *desc = irq_data_to_desc(data);
	struct irqaction *action;
	unsigned int cpu;

	seq_printf(m, "  irq_desc  irq %u flow %ps depth %u unhandled %u of %u%s%s\n",
		   data->irq, desc->handle_irq, desc->depth, desc->irqs_unhandled,
		   desc->irq_count, irqd_irq_disabled(data) ? " disabled" : "",
		   irqd_irq_masked(data) ? " masked" : "");
	seq_puts(m, "  kstat    ");
	for_each_online_cpu(cpu)
		seq_printf(m, " cpu%u %u", cpu, irq_desc_kstat_cpu(desc, cpu));
	seq_printf(m, "\n  affinity  %*pbl effective %*pbl\n",
		   cpumask_pr_args(irq_data_get_affinity_mask(data)),
		   cpumask_pr_args(irq_data_get_effective_affinity_mask(data)));
	for (; data; data = parent_of(data))
		seq_printf(m, "  irq_data  domain %s hwirq %#lx chip %s\n",
			   data->domain ? data->domain->name : "-", data->hwirq,
			   data->chip && data->chip->name ? data->chip->name : "-");
	for (action = desc->action; action; action = action->next)
		seq_printf(m, "  irqaction %s handler %ps thread %s flags %#x\n",
			   action->name, action->handler,
			   action->thread ? action->thread->comm : "-",
			   action->flags);
}

/**
 * line_walk - print the way of a line's interrupt
 * @m: where
 * @line: which
 *
 * line_mutex held. Takes the descriptor's lock.
 */
void line_walk(struct seq_file *m, struct irq_line *line)
{
	struct irq_data *data = irq_get_irq_data(line->irq);

	if (!data)
		return;
	walk_vector(m, data);
	guard(raw_spinlock_irqsave)(&irq_data_to_desc(data)->lock);
	walk_desc(m, data);
}

static void show_hist(struct seq_file *m, const char *what,
		      const struct hist *hist)
{
	seq_printf(m, " %s n %llu p50 %llu p90 %llu p99 %llu max %llu", what,
		   hist_total(hist), hist_percentile(hist, 500), hist_percentile(hist, 900),
		   hist_percentile(hist, 990), (u64)atomic64_read(&hist->max));
}

static int line_show(struct seq_file *m, void *unused)
{
	struct irq_line *line = m->private;
	unsigned int i;

	guard(mutex)(&line_mutex);
	seq_printf(m, "line %u %s %s irq %d %s%s%s\n", line->index, line->name,
		   line->trigger, line->irq,
		   line->state == LINE_ATTACHED ? bh_table[line->bh->kind].name :
						  "free",
		   line->mute ? " mute" : "", line->late ? " late" : "");
	line_walk(m, line);
	seq_puts(m, "counters");
	for (i = 0; i < LINE_COUNTERS; i++)
		seq_printf(m, " %s %llu", line_counter_name(i),
			   (u64)atomic64_read(&line->count[i]));
	seq_puts(m, "\nhard_ns");
	show_hist(m, "edge", &line->hard);
	seq_putc(m, '\n');
	for (i = 0; i < BH_KINDS; i++) {
		struct bh *bh = line->kinds[i];
		struct bh_facts *f;

		if (!bh || !atomic64_read(&bh->ran))
			continue;
		f = &bh->facts;
		seq_printf(m, "bottom %s raised %llu merged %llu ran %llu ",
			   bh_table[i].name, (u64)atomic64_read(&bh->raised),
			   (u64)atomic64_read(&bh->merged),
			   (u64)atomic64_read(&bh->ran));
		seq_printf(m, "hardirq %d softirq %d irqs_off %d preempt_count %#x may_sleep %d cpu %d policy %u prio %u comm %s",
			   f->hardirq, f->softirq, f->irqs_off, f->preempt,
			   f->may_sleep, f->cpu, f->policy, f->rt_priority,
			   f->comm);
		show_hist(m, "edge", &bh->from_edge);
		show_hist(m, "hard", &bh->from_hard);
		seq_putc(m, '\n');
	}
	return 0;
}

static int line_open(struct inode *inode, struct file *file)
{
	return single_open(file, line_show, inode->i_private);
}

const struct file_operations line_fops = {
	.owner = THIS_MODULE,
	.open = line_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};
