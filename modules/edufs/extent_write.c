// SPDX-License-Identifier: GPL-2.0
/*
 * The extent tree, changed: a piece put in, a range taken out, a range that was
 * only reserved marked as written.
 *
 * The rules, in the order they apply:
 *  1. A piece goes to the leaf that a search for it ends in. If a neighbour there
 *     can grow by it, that is all.
 *  2. If the leaf is full, the lowest node above it that is not takes one more
 *     entry: its full child is split in two. If all are full, the root's entries
 *     move to a new block, and the root leads there: the tree is one deeper. Then
 *     the search begins anew; the tree is whole after each such step.
 *  3. A split leaves half of the entries; but where a file grows at its end, all
 *     but the last: so a file that is written from front to back has full nodes.
 *  4. The key of a node's entry is the first key of the child, always: a change
 *     of a first entry goes up as far as it is first.
 *  5. A range is taken out from its end to its front. A node without entries is
 *     freed. A root that leads to one node with no more entries than a root has
 *     takes them in: the tree is one less deep.
 *  6. All from a block on are shifted by changing keys in place, in the leaves and
 *     above: that needs no block, so it cannot stop half-way for want of one.
 *
 * Locks: the caller holds map_sem for writing, inside edufs_start(), and writes
 * the inode afterwards: the root is in it. Each node changes under its
 * buffer's lock, with the checksum, so that it never goes to disk half changed.
 */
#include <linux/buffer_head.h>

#include "csum.h"
#include "edufs.h"
#include "extent.h"
#include "trace.h"

/* From the root, level 0, to the leaf, level depth. */
struct extent_path {
	int depth;
	struct {
		struct buffer_head *bh;	/* NULL: the root */
		void *node;
		int at;			/* of the leaf: -1 before the first */
	} level[EDUFS_EXTENT_MAX_DEPTH + 1];
};

static void node_begin(struct inode *inode, struct buffer_head *bh)
{
	if (bh)
		edufs_buffer_begin(inode->i_sb, bh);
}

static void node_end(struct inode *inode, struct buffer_head *bh)
{
	if (!bh)
		return;
	edufs_csum_extent_set(inode, bh->b_data);
	edufs_buffer_end(inode->i_sb, bh);
}

static void release(struct extent_path *path)
{
	int i;

	for (i = 0; i <= EDUFS_EXTENT_MAX_DEPTH; i++)
		brelse(path->level[i].bh);
}

static int walk(struct inode *inode, u64 lblk, struct extent_path *path)
{
	void *node = EDUFS_I(inode)->data;
	u64 low = 0, next = EDUFS_MAX_LBLK;
	const char *why = extent_check_node(node, sizeof(EDUFS_I(inode)->data), -1, low, next);
	int i, at;

	*path = (struct extent_path){};
	if (why)
		return edufs_corrupt(inode->i_sb, inode->i_ino, 0, "%s", why);
	path->depth = extent_depth(node);
	for (i = 0; ; i++) {
		struct buffer_head *bh;

		path->level[i].node = node;
		at = extent_search(node, lblk);
		if (i == path->depth) {
			path->level[i].at = at;
			return 0;
		}
		at = max(at, 0);
		path->level[i].at = at;
		low = extent_key(node, at);
		if (at + 1 < extent_count(node))
			next = extent_key(node, at + 1);
		bh = extent_read_node(inode, extent_child(node, at), path->depth - i - 1,
				      low, next);
		if (IS_ERR(bh)) {
			release(path);
			return PTR_ERR(bh);
		}
		path->level[i + 1].bh = bh;
		node = bh->b_data;
	}
}

/* Rule 4: the first key of the node at @level is now @key. */
static void fix_keys(struct inode *inode, struct extent_path *path, int level, u64 key)
{
	while (--level >= 0) {
		node_begin(inode, path->level[level].bh);
		extent_set_key(path->level[level].node, path->level[level].at, key);
		node_end(inode, path->level[level].bh);
		if (path->level[level].at)
			break;
	}
}

/* The root's entries move to a new block. */
static int deepen(struct inode *inode, unsigned int flags)
{
	void *root = EDUFS_I(inode)->data;
	int depth = extent_depth(root), count = extent_count(root);
	struct buffer_head *bh;
	u64 key;

	if (depth == EDUFS_EXTENT_MAX_DEPTH)
		return -EFBIG;
	bh = edufs_new_meta(inode, flags);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	key = extent_key(root, 0);
	node_begin(inode, bh);
	extent_init_node(bh->b_data, bh->b_size, depth);
	extent_move_tail(root, bh->b_data, count);
	node_end(inode, bh);
	extent_init_node(root, sizeof(EDUFS_I(inode)->data), depth + 1);
	extent_set_count(root, 1);
	extent_put_index(root, 0, key, bh->b_blocknr);
	trace_edufs_walk(inode, "extent-grow", depth + 1, 0, bh->b_blocknr);
	brelse(bh);
	return 0;
}

/* Rule 2: one step towards room in the leaf. */
static int make_room(struct inode *inode, struct extent_path *path, unsigned int flags)
{
	int parent = path->depth - 1, move, count, at;
	void *node, *above;
	struct buffer_head *bh;

	while (parent >= 0 && !extent_room(path->level[parent].node))
		parent--;
	if (parent < 0)
		return deepen(inode, flags);
	bh = edufs_new_meta(inode, flags);
	if (IS_ERR(bh))
		return PTR_ERR(bh);
	node = path->level[parent + 1].node;
	above = path->level[parent].node;
	count = extent_count(node);
	move = path->level[parent + 1].at == count - 1 ? 1 : count / 2;
	at = path->level[parent].at + 1;

	node_begin(inode, bh);
	extent_init_node(bh->b_data, bh->b_size, extent_depth(node));
	node_begin(inode, path->level[parent + 1].bh);
	extent_move_tail(node, bh->b_data, move);
	node_end(inode, path->level[parent + 1].bh);
	node_end(inode, bh);
	node_begin(inode, path->level[parent].bh);
	extent_open(above, at);
	extent_put_index(above, at, extent_key(bh->b_data, 0), bh->b_blocknr);
	node_end(inode, path->level[parent].bh);
	trace_edufs_walk(inode, "extent-split", extent_depth(above), at, bh->b_blocknr);
	brelse(bh);
	return 0;
}

static int insert(struct inode *inode, const struct extent_piece *p, unsigned int flags,
		  bool absorb)
{
	struct extent_path path;
	int err, at;

	while (true) {
		struct buffer_head *bh;
		bool done = false;
		void *leaf;

		err = walk(inode, p->lblk, &path);
		if (err)
			return err;
		leaf = path.level[path.depth].node;
		bh = path.level[path.depth].bh;
		at = path.level[path.depth].at;
		node_begin(inode, bh);
		if (absorb)
			done = extent_absorb(leaf, at, p);
		if (!done && extent_room(leaf)) {
			extent_open(leaf, at + 1);
			extent_put(leaf, at + 1, p);
			done = true;
		}
		node_end(inode, bh);
		if (done)
			break;
		err = make_room(inode, &path, flags);
		release(&path);
		if (err)
			return err;
	}
	if (at < 0)
		fix_keys(inode, &path, path.depth, p->lblk);
	release(&path);
	return 0;
}

/**
 * extent_insert - put a piece into the tree
 * @inode: the file
 * @p: the piece; where it goes there is a hole; no longer than an extent may be
 * @flags: EDUFS_ALLOC_* for the tree's own blocks
 *
 * Return: 0; -ENOSPC, -EIO, -EUCLEAN, and then the piece is not in the tree.
 */
int extent_insert(struct inode *inode, const struct extent_piece *p, unsigned int flags)
{
	return insert(inode, p, flags, true);
}

/* Let no extent reach across a block of the file. */
static int split_at(struct inode *inode, u64 lblk, unsigned int flags)
{
	struct extent_piece p, head, tail;
	struct extent_path path;
	int at, err = walk(inode, lblk, &path);
	void *leaf;

	if (err)
		return err;
	leaf = path.level[path.depth].node;
	at = path.level[path.depth].at;
	if (at < 0)
		goto out;
	p = extent_get(leaf, at);
	if (lblk <= p.lblk || lblk >= p.lblk + p.len)
		goto out;
	head = p;
	head.len = lblk - p.lblk;
	tail = p;
	tail.lblk += head.len;
	tail.pblk += head.len;
	tail.len -= head.len;
	node_begin(inode, path.level[path.depth].bh);
	extent_put(leaf, at, &head);
	node_end(inode, path.level[path.depth].bh);
	release(&path);
	err = insert(inode, &tail, flags, false);
	if (!err)
		return 0;
	/* No room for one entry more: as it was. The way there may be another. */
	if (walk(inode, head.lblk, &path))
		return err;
	node_begin(inode, path.level[path.depth].bh);
	extent_put(path.level[path.depth].node, path.level[path.depth].at, &p);
	node_end(inode, path.level[path.depth].bh);
out:
	release(&path);
	return err;
}

/* Free as much of the end of a piece as one step may: its length. */
static unsigned int last_of(struct inode *inode, const struct extent_piece *p)
{
	struct edufs_sb_info *sbi = edufs_sbi(inode->i_sb);
	u64 last = p->pblk + p->len - 1;
	u64 first = edufs_group_first(sbi, edufs_group_of_block(sbi, last));
	u64 most = edufs_content_logged(inode) ? EDUFS_REVOKE_MOST : p->len;

	return min(last - max(first, p->pblk) + 1, most);
}

static int cut_leaf(struct inode *inode, void *node, struct buffer_head *bh, u64 from, u64 to)
{
	int i;

	for (i = extent_count(node) - 1; i >= 0; ) {
		struct extent_piece p = extent_get(node, i), gone;

		if (p.lblk >= to) {
			i--;
			continue;
		}
		if (p.lblk + p.len <= from)
			break;
		if (!edufs_can_go_on(inode->i_sb))
			return -EAGAIN;
		gone = p;
		if (p.lblk < from) {
			gone.pblk += from - p.lblk;
			gone.len -= from - p.lblk;
		}
		gone.pblk += gone.len;
		gone.len = last_of(inode, &(struct extent_piece){
			.pblk = gone.pblk - gone.len, .len = gone.len });
		gone.pblk -= gone.len;
		p.len -= gone.len;
		node_begin(inode, bh);
		if (p.len)
			extent_put(node, i, &p);
		else
			extent_close(node, i--);
		node_end(inode, bh);
		edufs_free_content(inode, gone.pblk, gone.len);
	}
	return 0;
}

static int cut(struct inode *inode, void *node, struct buffer_head *bh, u64 high,
	       u64 from, u64 to)
{
	int depth = extent_depth(node), i, err;

	if (!depth)
		return cut_leaf(inode, node, bh, from, to);
	for (i = extent_count(node) - 1; i >= 0; i--) {
		u64 key = extent_key(node, i), next = high, block = extent_child(node, i);
		struct buffer_head *child;

		if (i + 1 < extent_count(node))
			next = extent_key(node, i + 1);
		if (key >= to)
			continue;
		if (next <= from)
			break;
		if (!edufs_can_go_on(inode->i_sb))
			return -EAGAIN;
		child = extent_read_node(inode, block, depth - 1, key, next);
		if (IS_ERR(child))
			return PTR_ERR(child);
		err = cut(inode, child->b_data, child, next, from, to);
		node_begin(inode, bh);
		if (!extent_count(child->b_data))
			extent_close(node, i);
		else
			extent_set_key(node, i, extent_key(child->b_data, 0));
		node_end(inode, bh);
		if (!extent_count(child->b_data))
			edufs_free_meta(inode, block);
		brelse(child);
		if (err)
			return err;
	}
	return 0;
}

/* Rule 5: a root that could hold what its only child holds. */
static int shrink_root(struct inode *inode)
{
	void *root = EDUFS_I(inode)->data;
	unsigned int size = sizeof(EDUFS_I(inode)->data);

	if (extent_depth(root) && !extent_count(root))
		extent_init_node(root, size, 0);
	while (extent_depth(root) && extent_count(root) == 1) {
		u64 block = extent_child(root, 0);
		struct buffer_head *bh;

		bh = extent_read_node(inode, block, extent_depth(root) - 1,
				      extent_key(root, 0), EDUFS_MAX_LBLK);
		if (IS_ERR(bh))
			return PTR_ERR(bh);
		if (extent_count(bh->b_data) > 4) {
			brelse(bh);
			break;
		}
		extent_init_node(root, size, extent_depth(bh->b_data));
		node_begin(inode, bh);
		extent_move_tail(bh->b_data, root, extent_count(bh->b_data));
		node_end(inode, bh);
		brelse(bh);
		edufs_free_meta(inode, block);
	}
	return 0;
}

/**
 * extent_remove - take a range out of the tree, and free its blocks
 * @inode: the file
 * @from: first block of the range
 * @to: the one behind its last; EDUFS_MAX_LBLK for all there is
 *
 * Return: 0; -EAGAIN if this handle can do no more, -ENOSPC (a hole in an extent
 * needs one entry more, and that a block), -EIO, -EUCLEAN, and then some of it
 * may be left.
 */
int extent_remove(struct inode *inode, u64 from, u64 to)
{
	void *root = EDUFS_I(inode)->data;
	const char *why;
	int err = 0;

	if (from >= to)
		return 0;
	/* Then what reaches into the range ends in it. */
	if (to < EDUFS_MAX_LBLK)
		err = split_at(inode, to, 0);
	if (err)
		return err;
	why = extent_check_node(root, sizeof(EDUFS_I(inode)->data), -1, 0, EDUFS_MAX_LBLK);
	if (why)
		return edufs_corrupt(inode->i_sb, inode->i_ino, 0, "%s", why);
	err = cut(inode, root, NULL, EDUFS_MAX_LBLK, from, to);
	return err ?: shrink_root(inode);
}

/**
 * extent_convert - mark a range that was only reserved as written
 * @inode: the file
 * @lblk: first block of the range
 * @len: its length; all of it is in unwritten extents
 * @flags: EDUFS_ALLOC_* for the tree's own blocks
 *
 * Return: 0; -ENOSPC, -EIO, -EUCLEAN, and then some of it may be unwritten still.
 */
int extent_convert(struct inode *inode, u64 lblk, unsigned int len, unsigned int flags)
{
	u64 end = lblk + len;
	int err = split_at(inode, lblk, flags);

	if (!err)
		err = split_at(inode, end, flags);
	while (!err && lblk < end) {
		struct extent_piece p;
		struct extent_path path;
		void *leaf;
		int at;

		err = walk(inode, lblk, &path);
		if (err)
			break;
		leaf = path.level[path.depth].node;
		at = path.level[path.depth].at;
		if (at >= 0)
			p = extent_get(leaf, at);
		if (at < 0 || p.lblk != lblk) {
			release(&path);
			return edufs_corrupt(inode->i_sb, inode->i_ino, 0,
					     "extent tree changed under us");
		}
		p.unwritten = false;
		node_begin(inode, path.level[path.depth].bh);
		extent_put(leaf, at, &p);
		extent_join(leaf, at);
		extent_join(leaf, at - 1);
		node_end(inode, path.level[path.depth].bh);
		release(&path);
		lblk += p.len;
	}
	return err;
}

/*
 * Rule 6 for a node: every entry that begins at @from or behind it. In @nodes those
 * below it are counted.
 */
static int shift(struct inode *inode, void *node, struct buffer_head *bh, u64 high, u64 from,
		 s64 by, unsigned int *nodes)
{
	int i, err = 0;

	for (i = 0; i < extent_count(node) && !err; i++) {
		u64 key = extent_key(node, i), next = high;
		struct buffer_head *child = NULL;

		if (i + 1 < extent_count(node))
			next = extent_key(node, i + 1);
		if (extent_depth(node) ? next <= from : key < from)
			continue;
		if (extent_depth(node)) {
			child = extent_read_node(inode, extent_child(node, i),
						 extent_depth(node) - 1, key, next);
			if (IS_ERR(child))
				return PTR_ERR(child);
			err = shift(inode, child->b_data, child, next, from, by, nodes);
			++*nodes;
			key = extent_key(child->b_data, 0);
		} else {
			key += by;
		}
		if (by) {
			node_begin(inode, bh);
			extent_set_key(node, i, key);
			node_end(inode, bh);
		}
		brelse(child);
	}
	return err;
}

/* One beyond the last block that a file has. */
static int end_of(struct inode *inode, u64 *end)
{
	struct extent_path path;
	int at, err = walk(inode, EDUFS_MAX_LBLK, &path);

	if (err)
		return err;
	*end = 0;
	at = path.level[path.depth].at;
	if (at >= 0) {
		struct extent_piece p = extent_get(path.level[path.depth].node, at);

		*end = p.lblk + p.len;
	}
	release(&path);
	return 0;
}

/**
 * extent_shift - let a file's blocks lie elsewhere in the file
 * @inode: the file
 * @from: the first block that moves; all behind it do, too
 * @by: how many blocks, negative to the front; there nothing is in the way. With 0 it
 *	is only seen whether it can be done
 * @nodes: how many nodes may change, and with -EAGAIN how many there are
 *
 * Return: 0; -EAGAIN; -EINVAL if a block behind the file's end would come where no
 * block can be; -ENOSPC, -EIO, -EUCLEAN; and then nothing has moved.
 */
int extent_shift(struct inode *inode, u64 from, s64 by, unsigned int *nodes)
{
	void *root = EDUFS_I(inode)->data;
	unsigned int may = *nodes;
	u64 end;
	int err = end_of(inode, &end);

	if (!err && by > 0 && end + by > EDUFS_MAX_LBLK)
		err = -EINVAL;
	if (!err)
		err = split_at(inode, from, 0);
	/* First only to count them, and to see that every one can be read. */
	*nodes = 0;
	if (!err)
		err = shift(inode, root, NULL, EDUFS_MAX_LBLK, from, 0, nodes);
	if (!err && *nodes > may)
		err = -EAGAIN;
	if (!err)
		err = shift(inode, root, NULL, EDUFS_MAX_LBLK, from, by, nodes);
	return err;
}
