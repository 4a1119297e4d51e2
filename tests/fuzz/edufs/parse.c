// SPDX-License-Identifier: GPL-2.0
/*
 * A damaged image is mounted and all of it is walked, as a mount, readdir, lookup,
 * read and getxattr do it: super.c, geometry.c, group.c, inode.c, dir.c, htree.c,
 * hlist.c, extent.c, indirect.c, xattr.c and what they call, as they are.
 *
 * An input is the number of an image (of those that the script run made with
 * mke2fs) and changes to it, eight bytes each: which of its blocks that are not
 * empty, where in it and how wide, and the new value; or that a word is the one
 * before it plus one, for maps are full of runs. So a change hits something that
 * means something, and the search for inputs is one for fields.
 *
 * What counts as a defect: what the sanitizers see; a buffer that is not given
 * back; a piece of a file in no block that a file may have; more memory than an
 * image is worth; no end (libFuzzer's -timeout).
 */
#include <dirent.h>

#include "shim.h"
#include "edufs.h"
#include "fuzz.h"
#include "record.h"
#include "xattr.h"

#define IMAGES 16
#define INODES 300
#define NAMES 700
#define PIECES 300

static struct {
	u8 *bytes;
	size_t size;
	u32 used[FUZZ_BLOCKS];		/* KiB that are not empty */
	u32 count;
} images[IMAGES];
static unsigned int image_count;

struct names {
	struct dir_context ctx;
	unsigned int count;
	struct {
		u8 len;
		char name[EDUFS_NAME_LEN];
	} name[NAMES];
};

static struct names names;
static u64 queue[INODES];
static unsigned int queued;

static bool collect(struct dir_context *ctx, const char *name, int len, u64 ino)
{
	struct names *n = container_of(ctx, struct names, ctx);

	if (n->count == NAMES)
		return false;
	if (len < 0 || len > EDUFS_NAME_LEN)
		abort();
	n->name[n->count].len = len;
	memcpy(n->name[n->count++].name, name, len);
	return true;
}

static void enqueue(u64 ino)
{
	unsigned int i;

	for (i = 0; i < queued; i++)
		if (queue[i] == ino)
			return;
	if (queued < INODES)
		queue[queued++] = ino;
}

/* A block of records takes one more, gives one away, is split: on a copy. */
static void change_leaf(struct inode *dir, struct buffer_head *bh)
{
	unsigned int size = edufs_sbi(dir->i_sb)->csum ? bh->b_size - 12 : bh->b_size, at;
	u32 inodes = edufs_sbi(dir->i_sb)->geo.inodes;
	struct record_ref refs[FUZZ_BLOCKS / 12];
	void *copy = malloc(bh->b_size), *to = malloc(bh->b_size);
	unsigned int count = 0, keep, last = 0;

	memcpy(copy, bh->b_data, bh->b_size);
	for (at = 0; at < size; at += le16_to_cpu(record_at(copy, at)->rec_len)) {
		if (record_check(copy, bh->b_size, at, inodes))
			goto out;
		last = at;
		if (record_at(copy, at)->inode)
			refs[count++] = (struct record_ref){
				.hash = at * 2654435761U, .at = at,
				.len = record_len(record_at(copy, at)->name_len),
			};
	}
	if (at == size && count > 1) {
		keep = record_split(refs, count);
		record_pack(to, size, copy, refs, keep);
		record_pack(to, size, copy, refs + keep, count - keep);
	}
	if (at == size)
		record_remove(copy, last);
	record_insert(copy, size, inodes, "a name that is not there", 24, 12, 1);
out:
	free(copy);
	free(to);
}

static void walk_dir(struct inode *dir)
{
	static const struct qstr absent = QSTR_INIT("not there", 9);
	struct file file = { dir };
	unsigned int i;
	u64 lblk;
	u32 ino;

	names.count = 0;
	names.ctx = (struct dir_context){ .actor = collect };
	edufs_dir_operations.iterate_shared(&file, &names.ctx);
	for (i = 0; i < names.count; i++) {
		struct qstr name = {
			.name = (u8 *)names.name[i].name, .len = names.name[i].len,
		};

		if (edufs_dir_find(dir, &name, &ino) == 1)
			enqueue(ino);
	}
	edufs_dir_find(dir, &absent, &ino);
	edufs_dir_empty(dir);
	for (lblk = 0; lblk < min_t(u64, dir->i_size >> dir->i_blkbits, 50); lblk++) {
		struct buffer_head *bh = edufs_dir_block(dir, lblk);

		if (IS_ERR(bh))
			continue;
		change_leaf(dir, bh);
		brelse(bh);
	}
}

static void walk_file(struct inode *inode)
{
	struct edufs_map map = {};
	u64 at = 0;
	int i;

	for (i = 0; i < PIECES && at <= U32_MAX; i++) {
		map = (struct edufs_map){ .m_lblk = at, .m_len = INT_MAX };
		if (edufs_map_blocks(inode, &map))
			break;
		at += map.m_len;
	}
}

/* A list that was found sound is taken apart, changed and put together. */
static void change_xattrs(struct inode *inode, const struct xattr_list *list, u32 header)
{
	struct xattr_item items[340], more = {
		.index = 1, .name = "new", .name_len = 3, .value = "value", .size = 5,
	};
	int count = xattr_items(list, items, 339);
	unsigned int room = inode->i_sb->s_blocksize;
	void *to = malloc(room);

	if (count >= 0) {
		count = xattr_change(items, count, &more);
		if (!xattr_build(to, room - header, header, items, count, true))
			xattr_block_hash(to);
	}
	free(to);
}

static void walk_xattrs(struct inode *inode)
{
	static char list[8192], value[8192];
	struct dentry dentry = { .d_inode = inode, .d_sb = inode->i_sb };
	ssize_t len = edufs_listxattr(&dentry, list, sizeof(list)), at;
	struct xattr_list found = {};
	int index;

	edufs_listxattr(&dentry, NULL, 0);
	for (at = 0; at < len; at += strlen(list + at) + 1) {
		const char *name = strchr(list + at, '.');

		for (index = 1; name && index <= 6; index++)
			edufs_xattr_get(inode, index, name + 1, value, sizeof(value));
	}
	if (!edufs_xattr_open_inode(inode, &found))
		change_xattrs(inode, &found, 0);
	brelse(found.bh);
	found = (struct xattr_list){};
	if (!edufs_xattr_open_block(inode, &found))
		change_xattrs(inode, &found, sizeof(struct edufs_xattr_header));
	brelse(found.bh);
}

static void walk(struct super_block *sb)
{
	unsigned int i;

	queued = 0;
	enqueue(EDUFS_ROOT_INO);
	for (i = 0; i < queued; i++) {
		struct inode *inode = edufs_iget(sb, queue[i]);

		if (IS_ERR(inode))
			continue;
		walk_xattrs(inode);
		if (S_ISDIR(inode->i_mode))
			walk_dir(inode);
		if (inode->i_link)
			names.count = strlen(inode->i_link);
		else if (S_ISREG(inode->i_mode) || S_ISDIR(inode->i_mode) || S_ISLNK(inode->i_mode))
			walk_file(inode);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *dir = getenv("FUZZ_IMAGES") ?: ".";
	struct dirent **list;
	int n = scandir(dir, &list, NULL, alphasort), i;

	for (i = 0; i < n && image_count < IMAGES; i++) {
		char path[4096];
		u32 kib;
		FILE *f;

		snprintf(path, sizeof(path), "%s/%s", dir, list[i]->d_name);
		f = strstr(path, ".img") ? fopen(path, "r") : NULL;
		if (!f)
			continue;
		images[image_count].bytes = malloc(FUZZ_BLOCKS << 10);
		images[image_count].size = fread(images[image_count].bytes, 1,
						 FUZZ_BLOCKS << 10, f);
		fclose(f);
		for (kib = 1; kib < images[image_count].size >> 10; kib++) {
			static const char empty[1024];
			u8 *block = images[image_count].bytes + (kib << 10);

			if (memcmp(block, empty, sizeof(empty)))
				images[image_count].used[images[image_count].count++] = kib;
		}
		fprintf(stderr, "%u: %s, %u KiB of %zu\n", image_count, list[i]->d_name,
			images[image_count].count, images[image_count].size >> 10);
		image_count++;
	}
	while (n > 0)
		free(list[--n]);
	free(list);
	if (!image_count) {
		fprintf(stderr, "no image in FUZZ_IMAGES=%s\n", dir);
		exit(1);
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static u8 bytes[FUZZ_BLOCKS << 10];
	struct edufs_sb_info sbi = { .resuid = { U32_MAX }, .resgid = { U32_MAX }, .opts = 3 };
	struct super_block sb = { .s_fs_info = &sbi, .s_flags = SB_RDONLY };
	size_t i;
	u32 nr;

	if (!size)
		return 0;
	nr = data[0] % image_count;
	memcpy(bytes, images[nr].bytes, images[nr].size);
	for (i = 1; i + 8 <= size; i += 8) {
		u16 which, where;
		u32 value, width;
		u8 *at;

		memcpy(&which, data + i, 2);
		memcpy(&where, data + i + 2, 2);
		memcpy(&value, data + i + 4, 4);
		width = 1U << min(where >> 14, 2);
		at = bytes + (images[nr].used[which % images[nr].count] << 10);
		at += min_t(u32, where & 1023, 1024 - width);
		if (where >> 14 == 3)
			value = le32_to_cpup(at - 4) + 1;
		memcpy(at, &value, width);
	}
	sb.dev.bytes = images[nr].size;
	sb.s_bdev = &sb.dev;
	fuzz_begin(bytes);
	if (!edufs_fill_super(&sb, true)) {
		walk(&sb);
		/* As put_super. */
		edufs_groups_release(&sbi);
		brelse(sbi.super_bh);
	}
	fuzz_end();
	return 0;
}
