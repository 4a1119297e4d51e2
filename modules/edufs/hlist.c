// SPDX-License-Identifier: GPL-2.0
/*
 * Listing a directory in the order of its names' hashes.
 *
 * A block that is full is split by hashes, and half of its names go to a block at
 * the end. Who lists block by block, with other calls in between, would see those
 * a second time. A name's hash stays.
 *
 * The rules, in the order they apply:
 *  1. "." and ".." come first; then a position is a hash, and which of the names
 *     of that hash (in the order of the names, should there be several).
 *  2. The index leads to the leaf of that hash. Its names, and if names of its
 *     last hash go on in the next leaf those of that too, are sorted, and handed
 *     out from the position on. The next position is the lowest hash behind them.
 *  3. A directory of one block has no index yet, but its next name may bring one:
 *     it is listed like a single leaf.
 *
 * As ext4, which keeps the sorted names with the open file; here each call of
 * getdents sorts the leaf anew.
 */
#include <linux/buffer_head.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "dirhash.h"
#include "edufs.h"
#include "htree.h"
#include "record.h"

#define SAME_BITS	12		/* names of one hash that have positions */
#define SAME_BLOCKS	512		/* that they may fill; more is damage */
#define POS_END		(1LL << (32 + SAME_BITS))

struct name {
	u32 hash;
	const struct edufs_dir_entry *de;
};

/* The names of a leaf, and of those that go on with its last hash. */
struct leaf {
	struct buffer_head **bh;
	struct name *names;
	unsigned int blocks, count;
};

static loff_t pos_of(u32 hash, unsigned int nr)
{
	return 2 + ((loff_t)(hash >> 1) << SAME_BITS | nr);
}

/**
 * edufs_lists_by_hash - is a directory listed in the order of hashes?
 * @dir: the directory, locked
 */
bool edufs_lists_by_hash(struct inode *dir)
{
	return edufs_dir_has_index(dir) ||
		(edufs_sbi(dir->i_sb)->features.compat & EDUFS_COMPAT_DIR_INDEX &&
		 dir->i_size == dir->i_sb->s_blocksize);
}

static int add_block(struct inode *dir, struct leaf *leaf, struct buffer_head *bh,
		     const struct htree *tree)
{
	unsigned int at, most = leaf->count + bh->b_size / 12;
	const struct edufs_dir_entry *de;
	void *more;

	more = krealloc_array(leaf->bh, leaf->blocks + 1, sizeof(*leaf->bh), GFP_KERNEL);
	if (!more) {
		brelse(bh);
		return -ENOMEM;
	}
	leaf->bh = more;
	leaf->bh[leaf->blocks++] = bh;
	more = kvmalloc_array(most, sizeof(*leaf->names), GFP_KERNEL);
	if (!more)
		return -ENOMEM;
	if (leaf->count)
		memcpy(more, leaf->names, leaf->count * sizeof(*leaf->names));
	kvfree(leaf->names);
	leaf->names = more;
	for (at = 0; at < bh->b_size; at += le16_to_cpu(de->rec_len)) {
		de = edufs_record(dir, bh, at);
		if (IS_ERR(de))
			return PTR_ERR(de);
		if (!de->inode || (de->name_len <= 2 && !memcmp(de->name, "..", de->name_len)))
			continue;
		leaf->names[leaf->count++] = (struct name){
			.hash = htree_hash(dir, tree, de->name, de->name_len) & ~1, .de = de,
		};
	}
	return 0;
}

static int by_hash(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order;

	if (x->hash != y->hash)
		return x->hash < y->hash ? -1 : 1;
	order = memcmp(x->de->name, y->de->name, min(x->de->name_len, y->de->name_len));
	return order ?: x->de->name_len - y->de->name_len;
}

static void release(struct leaf *leaf)
{
	while (leaf->blocks)
		brelse(leaf->bh[--leaf->blocks]);
	kfree(leaf->bh);
	kvfree(leaf->names);
}

/* Rule 2: the leaf of a hash; 1 and the next leaf's lowest hash, or 0 at the end. */
static int load(struct inode *dir, u32 hash, struct leaf *leaf, u32 *next)
{
	struct htree tree;
	int ret = htree_probe_hash(dir, hash, &tree);

	while (!ret) {
		struct buffer_head *bh = htree_leaf(dir, &tree);

		ret = IS_ERR(bh) ? PTR_ERR(bh) : add_block(dir, leaf, bh, &tree);
		if (ret)
			break;
		ret = htree_advance(dir, &tree, next);
		if (ret <= 0 || !(*next & 1))
			break;
		ret = 0;
		if (leaf->blocks == SAME_BLOCKS)
			ret = edufs_corrupt(dir->i_sb, dir->i_ino, bh->b_blocknr,
					    "names of one hash without end");
	}
	htree_release(&tree);
	return ret;
}

/* Rule 3. */
static int load_only(struct inode *dir, struct leaf *leaf)
{
	struct edufs_sb_info *sbi = edufs_sbi(dir->i_sb);
	struct htree tree = { .version = sbi->raw->s_def_hash_version };
	struct buffer_head *bh = edufs_dir_block(dir, 0);

	if (tree.version > EDUFS_HASH_TEA)
		tree.version = EDUFS_HASH_HALF_MD4;
	tree.version += sbi->hash_unsigned;
	return IS_ERR(bh) ? PTR_ERR(bh) : add_block(dir, leaf, bh, &tree);
}

static bool emit(struct inode *dir, struct dir_context *ctx, const struct leaf *leaf)
{
	unsigned int i, nr = 0;

	for (i = 0; i < leaf->count; i++) {
		const struct edufs_dir_entry *de = leaf->names[i].de;
		loff_t pos;

		nr = i && leaf->names[i].hash == leaf->names[i - 1].hash ? nr + 1 : 0;
		pos = pos_of(leaf->names[i].hash, min(nr, (1U << SAME_BITS) - 1));
		if (pos < ctx->pos)
			continue;
		ctx->pos = pos;
		if (!dir_emit(ctx, de->name, de->name_len, le32_to_cpu(de->inode),
			      edufs_record_type(dir, de)))
			return false;
		ctx->pos = pos + 1;
	}
	return true;
}

static int emit_dots(struct inode *dir, struct dir_context *ctx)
{
	static const struct qstr dotdot = QSTR_INIT("..", 2);
	u32 parent;
	int found;

	if (ctx->pos == 0) {
		if (!dir_emit(ctx, ".", 1, dir->i_ino, DT_DIR))
			return 0;
		ctx->pos = 1;
	}
	if (ctx->pos > 1)
		return 1;
	found = edufs_dir_find(dir, &dotdot, &parent);
	if (found < 0)
		return found;
	if (found && !dir_emit(ctx, "..", 2, parent, DT_DIR))
		return 0;
	ctx->pos = 2;
	return 1;
}

/**
 * edufs_list_by_hash - file_operations.iterate_shared, by hashes
 * @file: a directory for which edufs_lists_by_hash() is true
 * @ctx: where it goes to
 *
 * Context: may sleep; the directory is locked at least shared.
 * Return: 0; -EOPNOTSUPP if the index's hash is not known; -EINTR, -ENOMEM, -EIO,
 * -EUCLEAN.
 */
int edufs_list_by_hash(struct file *file, struct dir_context *ctx)
{
	struct inode *dir = file_inode(file);
	int ret = emit_dots(dir, ctx);

	if (ret <= 0)
		return ret;
	while (ctx->pos < POS_END) {
		u32 hash = (u32)((ctx->pos - 2) >> SAME_BITS) << 1, next = 0;
		struct leaf leaf = {};
		bool room = true;

		if (fatal_signal_pending(current))
			return -EINTR;
		if (edufs_dir_has_index(dir))
			ret = load(dir, hash, &leaf, &next);
		else
			ret = load_only(dir, &leaf);
		if (ret >= 0) {
			sort(leaf.names, leaf.count, sizeof(*leaf.names), by_hash, NULL);
			room = emit(dir, ctx, &leaf);
		}
		release(&leaf);
		if (ret < 0 || !room)
			return min(ret, 0);
		ctx->pos = ret ? max(ctx->pos, pos_of(next, 0)) : POS_END;
	}
	return 0;
}
