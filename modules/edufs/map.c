// SPDX-License-Identifier: GPL-2.0
/*
 * The one question of the data path, "where does block n of this file lie",
 * put to whichever map the inode has, and its answer as iomap wants it.
 *
 * iomap asks once for as long a piece as the map can give and does the rest:
 * large folios, readahead, bios, direct I/O, SEEK_HOLE, fiemap. ext4 asks
 * through buffer heads for buffered reads, a block at a time.
 */
#include <linux/buffer_head.h>
#include <linux/iomap.h>
#include <edu/compat.h>

#include "csum.h"
#include "edufs.h"
#include "extent.h"
#include "indirect.h"
#include "trace.h"

/**
 * edufs_map_blocks - map a range of a file
 * @inode: a file, directory or long symlink
 * @map: m_lblk and m_len say what is wanted; filled with the first piece,
 *	which is at least one block long
 *
 * Context: may sleep.
 * Return: 0, -EFBIG, -EIO, or -EUCLEAN if the map is damaged.
 */
int edufs_map_blocks(struct inode *inode, struct edufs_map *map)
{
	int err;

	if (EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL) {
		edufs_count(EDUFS_STAT_EXTENT_MAPS);
		err = extent_map(inode, map);
		trace_edufs_ext_map_blocks_exit(inode, 0, map, err);
	} else {
		edufs_count(EDUFS_STAT_INDIRECT_MAPS);
		err = indirect_map(inode, map);
		trace_edufs_ind_map_blocks_exit(inode, 0, map, err);
	}
	return err;
}

static int edufs_iomap_begin(struct inode *inode, loff_t pos, loff_t length,
			     unsigned int flags, struct iomap *iomap,
			     struct iomap *srcmap)
{
	unsigned int bits = inode->i_blkbits;
	u64 last = (u64)(pos + length - 1) >> bits;
	struct edufs_map map = { .m_lblk = (u64)pos >> bits };
	int err;

	/* A fiemap may ask beyond what any file can have. */
	map.m_len = min_t(u64, last - map.m_lblk + 1, INT_MAX >> bits);
	if (map.m_lblk > inode->i_sb->s_maxbytes >> bits)
		return -EFBIG;
	err = edufs_map_blocks(inode, &map);
	if (err)
		return err;
	iomap->flags = 0;
	iomap->bdev = inode->i_sb->s_bdev;
	iomap->offset = (loff_t)map.m_lblk << bits;
	iomap->length = (u64)map.m_len << bits;
	if (!(map.m_flags & EDUFS_MAP_MAPPED)) {
		iomap->type = IOMAP_HOLE;
		iomap->addr = IOMAP_NULL_ADDR;
		return 0;
	}
	iomap->type = map.m_flags & EDUFS_MAP_UNWRITTEN ? IOMAP_UNWRITTEN : IOMAP_MAPPED;
	iomap->addr = map.m_pblk << bits;
	if (!(EDUFS_I(inode)->flags & EDUFS_EXTENTS_FL))
		iomap->flags = IOMAP_F_MERGED;	/* of single blocks, for fiemap */
	return 0;
}

const struct iomap_ops edufs_iomap_ops = {
	.iomap_begin = edufs_iomap_begin,
};

static int edufs_read_folio(struct file *file, struct folio *folio)
{
	iomap_bio_read_folio(folio, &edufs_iomap_ops);
	return 0;
}

static void edufs_readahead(struct readahead_control *rac)
{
	iomap_bio_readahead(rac, &edufs_iomap_ops);
}

static sector_t edufs_bmap(struct address_space *mapping, sector_t block)
{
	return iomap_bmap(mapping, block, &edufs_iomap_ops);
}

const struct address_space_operations edufs_aops = {
	.read_folio = edufs_read_folio,
	.readahead = edufs_readahead,
	.release_folio = iomap_release_folio,
	.invalidate_folio = iomap_invalidate_folio,
	.is_partially_uptodate = iomap_is_partially_uptodate,
	.migrate_folio = filemap_migrate_folio,
	.error_remove_folio = generic_error_remove_folio,
	.bmap = edufs_bmap,
};
