// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts made in software: a controller of our own with three inputs, and
 * a device with a status register behind each.
 *
 * The rules, as of hardware:
 *  1. An edge input latches: a second edge before the first was taken is
 *     merged with it. The latch is cleared by the controller's ack.
 *  2. A level input interrupts as long as the device's status is not 0.
 *  3. A masked input does not interrupt; it is looked at when it is unmasked.
 *  4. The interrupt itself is an irq_work or, on another CPU that the input's
 *     affinity asks for, a function call interrupt: so handlers run in hard interrupt
 *     context, through the kernel's own flow handlers.
 *
 * Follows the kernel book, 11.3 and 11.4 (irq_chip, flow handlers). The
 * kernel's irq_sim has edges only, no mask latch and no affinity, and is not
 * in every kernel: so there is one of our own on all.
 */
#include <linux/cpumask.h>
#include <linux/irq.h>
#include <linux/irq_work.h>
#include <linux/irqdomain.h>
#include <linux/smp.h>
#include <edu/compat.h>

#include "line.h"

#define SOFT_INPUTS	3

struct soft_line {
	raw_spinlock_t lock;
	struct irq_work work;
	call_single_data_t call;
	u32 status;
	unsigned int cpu;
	unsigned int virq;
	bool level;
	bool latched;
	bool masked;
};

static struct soft_line soft[SOFT_INPUTS];
static struct irq_line soft_lines[4];
static struct fwnode_handle *fwnode;
static struct irq_domain *domain;

/* Rules 1 to 3; with the lock. */
static bool wants_interrupt(struct soft_line *s)
{
	return !s->masked && (s->level ? s->status : s->latched);
}

/*
 * Rule 4. Another CPU's is a function call interrupt, for a module may not
 * queue an irq_work there; one that is on its way already will see our change.
 */
static void interrupt_cpu(struct soft_line *s)
{
	unsigned int cpu = READ_ONCE(s->cpu);

	guard(preempt)();
	if (cpu == smp_processor_id() || cpu >= nr_cpu_ids || !cpu_online(cpu) ||
	    smp_call_function_single_async(cpu, &s->call) == -ENXIO)
		irq_work_queue(&s->work);
}

static void soft_interrupt(struct soft_line *s)
{
	bool wants;

	raw_spin_lock(&s->lock);
	wants = wants_interrupt(s);
	raw_spin_unlock(&s->lock);
	if (wants)
		generic_handle_irq(s->virq);
}

static void soft_work(struct irq_work *work)
{
	soft_interrupt(container_of(work, struct soft_line, work));
}

static void soft_call(void *data)
{
	soft_interrupt(data);
}

static void nothing(void *unused)
{
}

static void soft_mask(struct irq_data *data)
{
	struct soft_line *s = irq_data_get_irq_chip_data(data);

	guard(raw_spinlock_irqsave)(&s->lock);
	s->masked = true;
}

static void soft_unmask(struct irq_data *data)
{
	struct soft_line *s = irq_data_get_irq_chip_data(data);
	bool wants;

	scoped_guard(raw_spinlock_irqsave, &s->lock) {
		s->masked = false;
		wants = wants_interrupt(s);
	}
	if (wants)
		interrupt_cpu(s);
}

static void soft_chip_ack(struct irq_data *data)
{
	struct soft_line *s = irq_data_get_irq_chip_data(data);

	guard(raw_spinlock_irqsave)(&s->lock);
	s->latched = false;
}

static int soft_set_affinity(struct irq_data *data, const struct cpumask *mask,
			     bool force)
{
	struct soft_line *s = irq_data_get_irq_chip_data(data);
	unsigned int cpu = cpumask_any_and(mask, cpu_online_mask);

	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	WRITE_ONCE(s->cpu, cpu);
	irq_data_update_effective_affinity(data, cpumask_of(cpu));
	return IRQ_SET_MASK_OK;
}

static struct irq_chip soft_chip = {
	.name = "irqdemo",
	.irq_ack = soft_chip_ack,
	.irq_mask = soft_mask,
	.irq_unmask = soft_unmask,
	.irq_set_affinity = soft_set_affinity,
};

static int soft_map(struct irq_domain *d, unsigned int virq, irq_hw_number_t hw)
{
	struct soft_line *s = &soft[hw];

	irq_set_chip_and_handler_name(virq, &soft_chip,
				      s->level ? handle_level_irq : handle_edge_irq,
				      s->level ? "level" : "edge");
	irq_set_chip_data(virq, s);
	edu_irq_move_at_once(virq);
	irq_modify_status(virq, IRQ_NOREQUEST,
			  IRQ_NOPROBE | (s->level ? IRQ_LEVEL : 0));
	return 0;
}

static const struct irq_domain_ops soft_domain_ops = {
	.map = soft_map,
};

static void soft_raise(struct irq_line *line, u32 bits)
{
	struct soft_line *s = line->priv;
	bool wants;

	scoped_guard(raw_spinlock_irqsave, &s->lock) {
		WRITE_ONCE(s->status, s->status | bits);
		if (!s->level) {
			if (s->latched)
				atomic64_inc(&line->count[LINE_MERGED]);
			s->latched = true;
		}
		wants = wants_interrupt(s);
	}
	if (wants)
		interrupt_cpu(s);
}

static u32 soft_status(struct irq_line *line)
{
	struct soft_line *s = line->priv;

	return READ_ONCE(s->status);
}

static void soft_ack(struct irq_line *line, u32 bits)
{
	struct soft_line *s = line->priv;

	guard(raw_spinlock_irqsave)(&s->lock);
	WRITE_ONCE(s->status, s->status & ~bits);
}

static const struct line_source soft_source = {
	.raise = soft_raise,
	.status = soft_status,
	.ack = soft_ack,
};

static const struct {
	const char *name, *trigger;
	unsigned int input;
	unsigned long flags;
	u32 mine;
} soft_table[ARRAY_SIZE(soft_lines)] = {
	{ "irqdemo-edge", "edge", 0, 0, 0xffffff },
	{ "irqdemo-level", "level", 1, 0, 0xffffff },
	{ "irqdemo-shared-a", "level", 2, IRQF_SHARED, 0x000fff },
	{ "irqdemo-shared-b", "level", 2, IRQF_SHARED, 0xfff000 },
};

/**
 * soft_exit - take lines, inputs and controller away
 *
 * Process context. Works on what a failed soft_init() has left, too.
 */
void soft_exit(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(soft_lines); i++)
		if (soft_lines[i].source)
			line_remove(&soft_lines[i]);
	/* Calls are served in order: after this, none of ours is on its way. */
	on_each_cpu(nothing, NULL, 1);
	for (i = 0; i < SOFT_INPUTS; i++) {
		if (!soft[i].virq)
			continue;
		irq_work_sync(&soft[i].work);
		irq_dispose_mapping(soft[i].virq);
	}
	if (domain)
		irq_domain_remove(domain);
	if (fwnode)
		irq_domain_free_fwnode(fwnode);
}

/**
 * soft_init - make the controller, its inputs and lines 0 to 3
 *
 * Process context.
 *
 * Return: 0, -ENOMEM, or what line_add() says.
 */
int soft_init(void)
{
	int err = -ENOMEM;
	unsigned int i;

	fwnode = irq_domain_alloc_named_fwnode("irqdemo");
	if (!fwnode)
		return err;
	domain = irq_domain_create_linear(fwnode, SOFT_INPUTS, &soft_domain_ops,
					  NULL);
	if (!domain)
		goto fail;
	for (i = 0; i < SOFT_INPUTS; i++) {
		raw_spin_lock_init(&soft[i].lock);
		soft[i].work = IRQ_WORK_INIT_HARD(soft_work);
		INIT_CSD(&soft[i].call, soft_call, &soft[i]);
		soft[i].level = i > 0;
		soft[i].cpu = UINT_MAX;
		soft[i].virq = irq_create_mapping(domain, i);
		if (!soft[i].virq)
			goto fail;
	}
	for (i = 0; i < ARRAY_SIZE(soft_lines); i++) {
		struct irq_line *line = &soft_lines[i];

		line->irq = soft[soft_table[i].input].virq;
		line->name = soft_table[i].name;
		line->trigger = soft_table[i].trigger;
		line->priv = &soft[soft_table[i].input];
		line->flags = soft_table[i].flags;
		line->mine = soft_table[i].mine;
		line->source = &soft_source;
		err = line_add(line);
		if (err) {
			line->source = NULL;
			goto fail;
		}
	}
	return 0;
fail:
	soft_exit();
	return err;
}
