// SPDX-License-Identifier: GPL-2.0
/* What shim.h declares: buffers of an image in memory, inodes, a CRC. */
#include "shim.h"
#include "edufs.h"
#include "fuzz.h"

struct edufs_stats edufs_stats;
struct user_namespace init_user_ns;

static const u8 *image;
static struct buffer_head *buffers[FUZZ_BLOCKS];
static struct inode *inodes;

u32 crc32c(u32 crc, const void *p, size_t len)
{
	static u32 table[256];
	const u8 *byte = p;
	int i, bit;

	for (i = 0; !table[1] && i < 256; i++) {
		u32 c = 255 - i;

		for (bit = 0; bit < 8; bit++)
			c = c & 1 ? c >> 1 ^ 0x82F63B78 : c >> 1;
		table[255 - i] = c;
	}
	while (len--)
		crc = crc >> 8 ^ table[(crc ^ *byte++) & 255];
	return crc;
}

static void drop_buffers(void)
{
	int i;

	for (i = 0; i < FUZZ_BLOCKS; i++) {
		if (!buffers[i])
			continue;
		/* A reference that nobody gave back. */
		if (buffers[i]->count)
			abort();
		free(buffers[i]->b_data);
		free(buffers[i]);
		buffers[i] = NULL;
	}
}

int sb_set_blocksize(struct super_block *sb, int size)
{
	drop_buffers();
	sb->s_blocksize = size;
	sb->s_blocksize_bits = __builtin_ctz(size);
	return size;
}

struct buffer_head *sb_bread(struct super_block *sb, u64 block)
{
	struct buffer_head *bh;

	if (block >= sb_bdev_nr_blocks(sb))
		return NULL;
	bh = buffers[block];
	if (!bh) {
		bh = calloc(1, sizeof(*bh));
		bh->b_size = sb->s_blocksize;
		bh->b_blocknr = block;
		bh->b_data = malloc(bh->b_size);
		memcpy(bh->b_data, image + block * bh->b_size, bh->b_size);
		buffers[block] = bh;
	}
	bh->count++;
	return bh;
}

void brelse(struct buffer_head *bh)
{
	if (bh && --bh->count < 0)
		abort();
}

struct inode *iget_locked(struct super_block *sb, u64 ino)
{
	struct edufs_inode *ei;
	struct inode *inode;

	for (inode = inodes; inode; inode = inode->next)
		if (inode->i_ino == ino)
			return inode;
	ei = calloc(1, sizeof(*ei));
	inode = &ei->vfs_inode;
	inode->i_ino = ino;
	inode->i_sb = sb;
	inode->i_blkbits = sb->s_blocksize_bits;
	inode->i_mapping = &inode->i_data;
	inode->fresh = true;
	inode->next = inodes;
	inodes = inode;
	return inode;
}

void iget_failed(struct inode *inode)
{
	/* It is the newest: nothing else is read while one is. */
	if (inodes != inode)
		abort();
	inodes = inode->next;
	free(EDUFS_I(inode));
}

/* super.c names them; iget_locked() does their work. */
struct inode *edufs_alloc_inode(struct super_block *sb)
{
	return NULL;
}

void edufs_free_inode(struct inode *inode)
{
}

void iput(struct inode *inode)
{
}

struct dentry *d_make_root(struct inode *root)
{
	root->i_sb->root = (struct dentry){ .d_inode = root, .d_sb = root->i_sb };
	return &root->i_sb->root;
}

int edufs_corrupt(struct super_block *sb, u64 ino, u64 block, const char *fmt, ...)
{
	return -EUCLEAN;
}

int edufs_writable(struct super_block *sb)
{
	return -EROFS;
}

void edufs_sysfs_add(struct super_block *sb)
{
}

int edufs_journal_recover(struct super_block *sb)
{
	return 0;
}

const char *edufs_journal_refused(struct super_block *sb)
{
	return NULL;
}

void edufs_first_tid(struct inode *inode)
{
}

int edufs_map_lookup(struct inode *inode, struct edufs_map *map)
{
	return EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL ? extent_map(inode, map) :
		indirect_map(inode, map);
}

int edufs_map_blocks(struct inode *inode, struct edufs_map *map)
{
	u64 wanted = map->m_len;
	int err = edufs_map_lookup(inode, map);

	/* What every caller of it relies on. */
	if (!err && (!map->m_len || map->m_len > wanted ||
		     (map->m_flags & EDUFS_MAP_MAPPED &&
		      !edufs_block_valid(inode->i_sb, map->m_pblk, map->m_len))))
		abort();
	return err;
}

void fuzz_begin(const u8 *bytes)
{
	image = bytes;
}

void fuzz_end(void)
{
	while (inodes) {
		struct inode *next = inodes->next;

		free(EDUFS_I(inodes));
		inodes = next;
	}
	drop_buffers();
}
