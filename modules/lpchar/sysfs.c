// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/class/lpchar/lpcharN: what a port is, one value a file. "push" can be
 * written while the ring is empty.
 */
#include <linux/string.h>
#include <linux/sysfs.h>

#include "lpchar.h"

static struct lpchar_port *to_port(struct device *dev)
{
	return container_of(dev, struct lpchar_port, dev);
}

static ssize_t backend_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%s\n", to_port(dev)->wires.ops->name);
}
static DEVICE_ATTR_RO(backend);

static ssize_t io_show(struct device *dev, struct device_attribute *attr,
		       char *buf)
{
	return sysfs_emit(buf, "0x%x\n", to_port(dev)->io);
}
static DEVICE_ATTR_RO(io);

static ssize_t irq_show(struct device *dev, struct device_attribute *attr,
			char *buf)
{
	return sysfs_emit(buf, "%d\n", to_port(dev)->irq);
}
static DEVICE_ATTR_RO(irq);

static ssize_t flags_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "0x%lx\n", READ_ONCE(to_port(dev)->flags));
}
static DEVICE_ATTR_RO(flags);

static ssize_t pending_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	return sysfs_emit(buf, "%u\n", ring_used(&to_port(dev)->ring));
}
static DEVICE_ATTR_RO(pending);

static ssize_t push_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%s\n", push_names[to_port(dev)->push_by]);
}

static ssize_t push_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t nr)
{
	struct lpchar_port *port = to_port(dev);
	int by = sysfs_match_string(push_names, buf), err;

	if (by < 0)
		return by;
	if (mutex_lock_interruptible(&port->mutex))
		return -EINTR;
	err = push_set(port, by);
	mutex_unlock(&port->mutex);
	return err ? err : nr;
}
static DEVICE_ATTR_RW(push);

static struct attribute *lpchar_attrs[] = {
	&dev_attr_backend.attr,
	&dev_attr_io.attr,
	&dev_attr_irq.attr,
	&dev_attr_flags.attr,
	&dev_attr_pending.attr,
	&dev_attr_push.attr,
	NULL
};

static const struct attribute_group lpchar_group = {
	.attrs = lpchar_attrs,
};

const struct attribute_group *lpchar_groups[] = {
	&lpchar_group,
	NULL
};
