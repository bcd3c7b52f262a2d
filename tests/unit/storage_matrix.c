#include "storage_cells.h"
#include "storage_stage.h"

#include <fcntl.h>

/*
 * storage.md 6.7 as a table: for each type and format, the states (c current, b base, s
 * snapshot) that have a feature. What is done for real here: dir and btrfs, on this
 * machine's own file systems.
 */
static const struct matrix_row {
	const char *type;
	enum volume_format format;
	const char *more; /* property lines beside the required ones */
	const char *states[FEATURE_COUNT];
} rows[] = {
	/* snapshot, clone, template, copy, rename, sparseinit, replicate */
	{ "dir", FORMAT_RAW, "", { "", "", "c", "cb", "c", "cb", "" } },
	{ "dir", FORMAT_RAW, "\treflink 1\n", { "c", "", "c", "cbs", "c", "cb", "" } },
	{ "dir", FORMAT_SUBVOL, "", { "", "", "c", "cb", "", "", "" } },
	{ "dir", FORMAT_SUBVOL, "\treflink 1\n", { "", "", "c", "cb", "", "", "" } },
	{ "nfs", FORMAT_RAW, "", { "", "", "c", "cb", "c", "cb", "" } },
	{ "cifs", FORMAT_RAW, "", { "", "", "c", "cb", "c", "cb", "" } },
	{ "btrfs", FORMAT_RAW, "", { "cs", "cbs", "c", "cbs", "c", "cb", "" } },
	{ "btrfs", FORMAT_SUBVOL, "", { "cs", "b", "c", "cbs", "", "", "" } },
	{ "zfspool", FORMAT_RAW, "", { "cs", "b", "c", "cb", "c", "cb", "cb" } },
	{ "zfspool", FORMAT_SUBVOL, "", { "cs", "b", "c", "cb", "c", "cb", "cb" } },
	{ "lvmthin", FORMAT_RAW, "", { "c", "bs", "c", "cbs", "c", "cb", "" } },
	{ "lvm", FORMAT_RAW, "", { "", "", "", "cb", "c", "", "" } },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *const required[] = {
	"\tpath /mnt/x\n",
	"\tserver s\n\texport /e\n",
	"\tserver s\n\tshare x\n",
	"\tpath /mnt/btrfs\n",
	"\tpool tank\n",
	"\tvgname v\n\tthinpool t\n",
	"\tvgname v\n",
	NULL,
};
static const char *const required_of[] = { "dir",     "nfs",     "cifs", "btrfs",
					   "zfspool", "lvmthin", "lvm",  NULL };

/* storage.cfg with one storage "pool" of this row. */
static void given(struct storages *all, const struct matrix_row *row)
{
	auto_free char *cfg = NULL;
	size_t i = 0;

	while (strcmp(required_of[i], row->type) != 0)
		i++;
	cfg = xasprintf("%s: pool\n%s%s", row->type, required[i], row->more);
	stage_host(all, cfg);
}

static const struct storage *pool(const struct storages *all)
{
	const struct storage *st = NULL;
	struct error err;

	EXPECT(storage_find(all, slice("pool"), &st, &err) == 0);
	return st;
}

/* What is told of each cell: by row, feature and the states "cbs". */
static bool told[ROWS][FEATURE_COUNT][3];

static void tell(const struct matrix_row *row, enum volume_feature feature, char state)
{
	told[row - rows][feature][state == 'c' ? 0 : state == 'b' ? 1 : 2] = true;
}

static void expect_cell(const struct matrix_row *row, const struct storage *st,
			enum volume_feature feature, char state)
{
	const struct volume volume = { .content = CONTENT_IMAGES,
				       .format = row->format,
				       .is_base = state == 'b' };
	bool has = storage_has_feature(st, &volume, state == 's' ? "one" : NULL, feature);
	bool want = strchr(row->states[feature], state) != NULL;
	auto_free char *cell = xasprintf("%s %d: feature %d state %c is %d", row->type,
					 row->format, feature, state, has);
	auto_free char *wanted = xasprintf("%s %d: feature %d state %c is %d", row->type,
					   row->format, feature, state, want);

	EXPECT_TEXT(cell, wanted);
}

TEST("every cell of the matrix is as specified, and other content has no feature")
{
	for (size_t i = 0; i < ROWS; i++) {
		auto_storages struct storages all = { 0 };
		const struct volume file = { .content = CONTENT_ISO };
		const struct storage *st;

		given(&all, &rows[i]);
		st = pool(&all);
		for (unsigned feature = 0; st && feature < FEATURE_COUNT; feature++) {
			for (const char *state = "cbs"; *state; state++)
				expect_cell(&rows[i], st, feature, *state);
			EXPECT(!storage_has_feature(st, &file, NULL, feature));
		}
	}
}

TEST("what the matrix allows has an operation in its backend")
{
	for (size_t i = 0; i < ROWS; i++) {
		auto_storages struct storages all = { 0 };
		const struct storage *st;
		const struct storage_type *type;

		given(&all, &rows[i]);
		st = pool(&all);
		type = st ? st->type : &storage_dir;
		EXPECT(!*rows[i].states[FEATURE_SNAPSHOT] ||
		       (type->snapshot && type->snapshot_delete && type->can_roll_back &&
			type->roll_back));
		EXPECT(!*rows[i].states[FEATURE_CLONE] || type->clone);
		EXPECT(!*rows[i].states[FEATURE_TEMPLATE] || type->make_base);
		EXPECT(!*rows[i].states[FEATURE_RENAME] || type->rename);
		EXPECT(type->size && type->resize && type->create && type->free);
	}
}

/* A volid of that row and state that need not exist, for refusals. */
static const char *volid_of(const struct matrix_row *row, bool base)
{
	bool is_subvol = row->format == FORMAT_SUBVOL;

	if (strcmp(row->type, "zfspool") == 0)
		return is_subvol ? (base ? "pool:basevol-100-disk-0"
					 : "pool:subvol-100-disk-0")
				 : (base ? "pool:base-100-disk-0" : "pool:vm-100-disk-0");
	if (strncmp(row->type, "lvm", 3) == 0)
		return base ? "pool:base-100-disk-0" : "pool:vm-100-disk-0";
	if (is_subvol)
		return "pool:100/subvol-100-disk-0.subvol";
	return base ? "pool:100/base-100-disk-0.raw" : "pool:100/vm-100-disk-0.raw";
}

/* The verbs on volumes of that state that the matrix does not allow. */
static void expect_refused_state(const struct storages *all, const struct matrix_row *row,
				 char state)
{
	struct slice volid = slice(volid_of(row, state == 'b'));
	const char *snap = state == 's' ? "one" : NULL;
	auto_free char *new_volid = NULL;
	struct error err = { 0 };

	if (!strchr(row->states[FEATURE_CLONE], state)) {
		EXPECT(volume_clone(all, volid, snap, 101, NULL, &new_volid, &err) < 0);
		EXPECT(strncmp(err.text, "Linked clone feature for '", 26) == 0);
		tell(row, FEATURE_CLONE, state);
	}
	if (snap)
		return;
	if (!strchr(row->states[FEATURE_SNAPSHOT], state)) {
		EXPECT(volume_snapshot(all, volid, "one", &err) < 0);
		EXPECT_TEXT(err.text, "snapshot feature is not available");
		tell(row, FEATURE_SNAPSHOT, state);
	}
	if (!strchr(row->states[FEATURE_TEMPLATE], state)) {
		EXPECT(volume_make_base(all, volid, NULL, &new_volid, NULL, &err) < 0);
		EXPECT(strncmp(err.text, "Template feature is not available for", 37) == 0);
		tell(row, FEATURE_TEMPLATE, state);
	}
	if (!strchr(row->states[FEATURE_RENAME], state)) {
		EXPECT(volume_rename(all, volid, 101, NULL, &new_volid, &err) < 0);
		EXPECT(strncmp(err.text, "Rename feature is not available for", 35) == 0);
		tell(row, FEATURE_RENAME, state);
	}
	EXPECT(new_volid == NULL);
}

static bool has_base_names(const struct matrix_row *row)
{
	return strcmp(row->type, "lvm") != 0 &&
	       (row->format != FORMAT_SUBVOL || strcmp(row->type, "zfspool") == 0);
}

static void expect_refused(const struct storages *all, const struct matrix_row *row)
{
	for (const char *state = "cbs"; *state; state++)
		if (*state != 'b' || has_base_names(row))
			expect_refused_state(all, row, *state);
}

TEST("what the matrix does not allow is refused in the specified words")
{
	for (size_t i = 0; i < ROWS; i++) {
		auto_storages struct storages all = { 0 };

		given(&all, &rows[i]);
		expect_refused(&all, &rows[i]);
	}
}

/* Every feature that a row has, on a real volume of it. */
static void use_for_real(const struct storages *all, const struct matrix_row *row)
{
	auto_free char *volid = NULL, *renamed = NULL, *base = NULL;
	struct error err = { 0 };

	volid = stage_alloc(all, "pool", 100, row->format,
			    row->format == FORMAT_RAW ? 64 : 0);
	stage_write(all, volid, "data");
	if (strchr(row->states[FEATURE_SNAPSHOT], 'c')) {
		EXPECT(volume_snapshot(all, slice(volid), "one", &err) == 0);
		EXPECT(stage_holds(all, volid, "one", "data"));
		stage_write(all, volid, "gone");
		EXPECT(volume_roll_back(all, slice(volid), "one", &err) == 0);
		EXPECT(stage_holds(all, volid, NULL, "data"));
	}
	for (const char *state = "cs"; *state; state++) {
		auto_free char *clone = NULL;

		if (!strchr(row->states[FEATURE_CLONE], *state))
			continue;
		EXPECT(volume_clone(all, slice(volid), *state == 's' ? "one" : NULL, 102,
				    NULL, &clone, &err) == 0);
		EXPECT(clone && stage_holds(all, clone, NULL, "data"));
		EXPECT(volume_free(all, slice(clone ? clone : ""), NULL, &err) == 0);
	}
	if (strchr(row->states[FEATURE_SNAPSHOT], 'c'))
		EXPECT(volume_snapshot_delete(all, slice(volid), "one", &err) == 0);
	if (strchr(row->states[FEATURE_RENAME], 'c')) {
		EXPECT(volume_rename(all, slice(volid), 101, NULL, &renamed, &err) == 0);
		EXPECT(renamed && stage_holds(all, renamed, NULL, "data"));
	}
	EXPECT(volume_make_base(all, slice(renamed ? renamed : volid), NULL, &base, NULL,
				&err) == 0);
	EXPECT_TEXT(err.text, "");
	EXPECT(base && stage_holds(all, base, NULL, "data"));
	if (strchr(row->states[FEATURE_CLONE], 'b') && row->format == FORMAT_RAW) {
		auto_free char *clone = NULL;

		EXPECT(volume_clone(all, slice(base), NULL, 102, NULL, &clone, &err) == 0);
		EXPECT(clone && stage_holds(all, clone, NULL, "data"));
		EXPECT(volume_free(all, slice(clone ? clone : ""), NULL, &err) == 0);
	}
	EXPECT(volume_free(all, slice(base ? base : ""), NULL, &err) == 0);
}

static void use_rows(const char *type, const char *fstype, const char *size)
{
	const char *path = stage_fs(fstype, size);

	for (size_t i = 0; path && i < ROWS; i++) {
		auto_free char *cfg =
			xasprintf("%s: pool\n\tpath %s\n%s", type, path, rows[i].more);
		auto_storages struct storages all = { 0 };

		if (strcmp(rows[i].type, type) != 0)
			continue;
		stage_host(&all, cfg);
		use_for_real(&all, &rows[i]);
	}
}

TEST("every feature of btrfs works on a real one")
{
	use_rows("btrfs", "btrfs", "256M");
}

TEST("every feature of dir works on btrfs, where blocks can be shared")
{
	use_rows("dir", "btrfs", "256M");
}

TEST("every feature of dir works on xfs, where blocks can be shared")
{
	use_rows("dir", "xfs", "320M");
}

TEST("without shared blocks a snapshot of an image fails and leaves nothing")
{
	auto_storages struct storages all = { 0 };
	auto_free char *cfg = NULL, *volid = NULL, *name = NULL;
	const char *path = stage_fs("ext4", "32M");
	struct error err;

	if (!path)
		return;
	cfg = xasprintf("dir: pool\n\tpath %s\n\treflink 1\n", path);
	stage_host(&all, cfg);
	volid = stage_alloc(&all, "pool", 100, FORMAT_RAW, 64);
	EXPECT(volume_snapshot(&all, slice(volid), "one", &err) < 0);
	EXPECT(strstr(err.text, "the file system cannot share the blocks of '") &&
	       strstr(err.text, "Operation not supported"));
	name = xasprintf("%s/images/100/vm-100-disk-0.raw@one", path);
	EXPECT(!path_exists(name));
	EXPECT(volume_free(&all, slice(volid), NULL, &err) == 0);
	EXPECT(!stage_is_there(path, "images/100"));
}

TEST("names of snapshots that could be paths or options are refused")
{
	static const char *const bad[] = { "", "-x", "a/b", "../x", "a@b", "a b", "a.b" };
	auto_storages struct storages all = { 0 };
	auto_free char *new_volid = NULL;
	struct error err;

	given(&all, &rows[6]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct slice volid = slice("pool:100/vm-100-disk-0.raw");

		EXPECT(volume_snapshot(&all, volid, bad[i], &err) < 0);
		EXPECT(strncmp(err.text, "invalid snapshot name '", 23) == 0);
		EXPECT(volume_roll_back(&all, volid, bad[i], &err) < 0);
		EXPECT(volume_clone(&all, volid, bad[i], 101, NULL, &new_volid, &err) < 0);
	}
}

static bool is_about(const struct evidence *one, const struct matrix_row *row)
{
	return !one->type ||
	       (strcmp(one->type, row->type) == 0 && one->format == row->format);
}

/* Cells that cannot come: no name says "base" there, or there are no snapshots at all. */
static bool is_impossible(const struct matrix_row *row, enum volume_feature feature,
			  char state)
{
	return (state == 'b' && !has_base_names(row)) ||
	       (state == 's' && feature == FEATURE_COPY &&
		!*row->states[FEATURE_SNAPSHOT]) ||
	       (state == 'b' && feature == FEATURE_SPARSEINIT && !has_base_names(row));
}

static bool is_told(const struct matrix_row *row, enum volume_feature feature, char state)
{
	if (told[row - rows][feature][state == 'c'   ? 0
				      : state == 'b' ? 1
						     : 2] ||
	    is_impossible(row, feature, state))
		return true;
	for (size_t i = 0; i < sizeof(evidence) / sizeof(evidence[0]); i++)
		if (is_about(&evidence[i], row) && evidence[i].feature == feature &&
		    strchr(evidence[i].states, state))
			return true;
	return false;
}

TEST("each cell of the matrix is refused above or exercised somewhere")
{
	for (size_t i = 0; i < ROWS; i++)
		for (unsigned feature = 0; feature < FEATURE_COUNT; feature++)
			for (const char *state = "cbs"; *state; state++) {
				auto_free char *cell = xasprintf(
					"%s %s, feature %u, state %c", rows[i].type,
					rows[i].format == RAW ? "raw" : "subvol", feature,
					*state);

				EXPECT_TEXT(is_told(&rows[i], feature, *state) ? cell
									       : "untold",
					    cell);
			}
}

TEST("the specs that exercise cells are there, with the words that are named")
{
	for (size_t i = 0; i < sizeof(evidence) / sizeof(evidence[0]); i++) {
		auto_strbuf struct strbuf text = STRBUF_INIT;
		auto_free char *path = NULL;
		struct error err = { 0 };

		if (!evidence[i].file)
			continue;
		path = xasprintf("tests/%s", evidence[i].file);
		EXPECT(read_file(AT_FDCWD, path, 1 << 20, &text, &err) == 0);
		EXPECT_TEXT(text.at && strstr(text.at, evidence[i].words)
				    ? evidence[i].words
				    : path,
			    evidence[i].words);
	}
}
