// SPDX-License-Identifier: GPL-2.0
/*
 * Where inodes in memory come from: a cache of the kernel's, or, for a mount with
 * inodes=slab_edu, one of the twin's. So both allocators can be watched at the
 * same real work. slab_edu is held from the first such mount to the last only:
 * neither module needs the other to load.
 * Reference: "memory, files" 16.1; the kernel book, 6.9 and 6.10.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "edu/slab.h"
#include "edufs.h"

static struct kmem_cache *inode_cache;

static struct {
	struct mutex lock;		/* guards the rest, but for alloc() and free() */
	unsigned int mounts;
	struct edu_cache *cache;
	typeof(edu_cache_create) *create;
	typeof(edu_cache_destroy) *destroy;
	typeof(edu_cache_alloc) *alloc;
	typeof(edu_cache_free) *free;
} twin = { .lock = __MUTEX_INITIALIZER(twin.lock) };

static void init_once(void *object)
{
	struct edufs_inode *ei = object;

	init_rwsem(&ei->map_sem);
	init_rwsem(&ei->xattr_sem);
	ei->delayed = (struct ranges){};
	ei->window = (struct window){};
	INIT_LIST_HEAD(&ei->orphan);
	inode_init_once(&ei->vfs_inode);
}

static void let_twin_go(void)
{
	if (twin.free)
		symbol_put(edu_cache_free);
	if (twin.alloc)
		symbol_put(edu_cache_alloc);
	if (twin.destroy)
		symbol_put(edu_cache_destroy);
	if (twin.create)
		symbol_put(edu_cache_create);
}

static int hold_twin(void)
{
	/* Inodes of earlier mounts were left: see below. */
	if (twin.cache)
		return -EBUSY;
	twin.create = symbol_get(edu_cache_create);
	twin.destroy = symbol_get(edu_cache_destroy);
	twin.alloc = symbol_get(edu_cache_alloc);
	twin.free = symbol_get(edu_cache_free);
	if (!twin.create || !twin.destroy || !twin.alloc || !twin.free) {
		let_twin_go();
		return -EINVAL;
	}
	twin.cache = twin.create("edufs_inode", sizeof(struct edufs_inode), 0,
				 SLAB_RECLAIM_ACCOUNT, init_once);
	if (!twin.cache) {
		let_twin_go();
		return -ENOMEM;
	}
	return 0;
}

/**
 * edufs_icache_mount - a mount with inodes=slab_edu begins
 *
 * Context: may sleep.
 * Return: 0, -EINVAL (slab_edu is not loaded), -ENOMEM, -EBUSY (inodes were left).
 */
int edufs_icache_mount(void)
{
	int err = 0;

	mutex_lock(&twin.lock);
	if (!twin.mounts)
		err = hold_twin();
	if (!err)
		twin.mounts++;
	mutex_unlock(&twin.lock);
	return err;
}

/**
 * edufs_icache_umount - one of them has ended: its inodes are evicted
 *
 * Context: may sleep.
 */
void edufs_icache_umount(void)
{
	mutex_lock(&twin.lock);
	if (!--twin.mounts) {
		/* Inodes are freed after a grace period. */
		rcu_barrier();
		/* With an inode left the cache stays, and slab_edu with it. */
		if (!WARN_ON(twin.destroy(twin.cache))) {
			let_twin_go();
			twin.cache = NULL;
		}
	}
	mutex_unlock(&twin.lock);
}

/**
 * edufs_alloc_inode - memory for an inode
 * @sb: the filesystem
 *
 * Context: may sleep.
 * Return: the inode, or NULL.
 */
struct inode *edufs_alloc_inode(struct super_block *sb)
{
	bool of_twin = edufs_sbi(sb)->opts & EDUFS_OPT_TWIN_INODES;
	struct edufs_inode *ei;

	ei = of_twin ? twin.alloc(twin.cache, GFP_KERNEL) :
		       alloc_inode_sb(sb, inode_cache, GFP_KERNEL);
	if (!ei)
		return NULL;
	/* All before vfs_inode is ours; locks and lists are set up by init_once(). */
	ei->of_twin = of_twin;
	memset(ei->data, 0, sizeof(ei->data));
	ei->flags = 0;
	ei->xattr_block = 0;
	ei->extra_isize = 0;
	ei->next_orphan = 0;
	ei->dtime = 0;
	ei->fresh = false;
	ei->emptied = false;
	ei->disk_size = 0;
	ei->sync_tid = 0;
	ei->datasync_tid = 0;
	ei->promised = 0;
	ei->map_seq = 0;
	ei->last_lblk = 0;
	ei->last_pblk = 0;
	ei->ahead = 0;
	return &ei->vfs_inode;
}

/**
 * edufs_free_inode - give it back
 * @inode: nobody's any more; its filesystem may be gone
 *
 * Context: after a grace period, in a softirq.
 */
void edufs_free_inode(struct inode *inode)
{
	struct edufs_inode *ei = EDUFS_I(inode);

	if (ei->of_twin)
		twin.free(twin.cache, ei);
	else
		kmem_cache_free(inode_cache, ei);
}

/**
 * edufs_icache_init - make the cache of the kernel's
 *
 * Return: 0 or -ENOMEM.
 */
int __init edufs_icache_init(void)
{
	/* i_block is copied to user space when a short symlink is read. */
	inode_cache = kmem_cache_create_usercopy("edufs_inode", sizeof(struct edufs_inode), 0,
						 SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT,
						 offsetof(struct edufs_inode, data),
						 sizeof_field(struct edufs_inode, data),
						 init_once);
	return inode_cache ? 0 : -ENOMEM;
}

/** edufs_icache_exit - no filesystem is registered any more */
void edufs_icache_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(inode_cache);
}
