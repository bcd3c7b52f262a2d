#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/own.h"
#include "storage/lvm.h"
#include "storage/program.h"

#define LVS_COLUMNS                                                              \
	"vg_name,lv_name,lv_size,lv_attr,pool_lv,data_percent,metadata_percent," \
	"snap_percent,uuid,tags,metadata_size,time"

enum column {
	VG_NAME,
	LV_NAME,
	LV_SIZE,
	LV_ATTR,
	POOL_LV,
	DATA_PERCENT,
	TAGS = 9,
	COLUMNS = 12
};

static bool has_attr(const struct lv *lv, size_t at, const char *any)
{
	return strlen(lv->attr) > at && strchr(any, lv->attr[at]);
}

bool lv_is_plain(const struct lv *lv)
{
	return has_attr(lv, 0, "-mMrR");
}

bool lv_is_thin(const struct lv *lv)
{
	return has_attr(lv, 0, "V");
}

bool lv_is_pool(const struct lv *lv)
{
	return has_attr(lv, 0, "t");
}

bool lv_is_read_only(const struct lv *lv)
{
	return has_attr(lv, 1, "rR");
}

bool lv_is_active(const struct lv *lv)
{
	return has_attr(lv, 4, "a");
}

/* "12.34" */
static double read_percent(struct slice text)
{
	struct slice fraction;
	struct slice whole = slice_cut(text, '.', &fraction);
	uint64_t number = 0, part = 0;
	double scale = 1;

	slice_number(whole, 0, 100, &number);
	slice_number(fraction, 0, 99999999, &part);
	for (size_t i = 0; i < fraction.len; i++)
		scale *= 10;
	return (double)number + (double)part / scale;
}

static bool read_columns(struct slice line, struct slice *columns)
{
	struct slice rest = slice_trim(line);

	for (int i = 0; i < COLUMNS; i++) {
		if (!rest.at)
			return false;
		columns[i] = slice_cut(rest, ':', &rest);
	}
	return true;
}

void lvs_parse(struct slice text, struct lv_list *out)
{
	struct slice line, column[COLUMNS];
	uint64_t size;

	while (slice_line(&text, &line)) {
		if (!read_columns(line, column) || !column[LV_NAME].len ||
		    !slice_number(column[LV_SIZE], 0, UINT64_MAX, &size))
			continue;
		out->at = grow_array(out->at, out->count, sizeof(*out->at));
		out->at[out->count++] = (struct lv){
			.name = slice_dup(column[LV_NAME]),
			.attr = slice_dup(column[LV_ATTR]),
			.pool = slice_dup(column[POOL_LV]),
			.tags = slice_dup(column[TAGS]),
			.size = size,
			.data_percent = read_percent(column[DATA_PERCENT]),
		};
	}
}

bool vgs_parse(struct slice text, const char *vg, uint64_t *size, uint64_t *avail)
{
	struct slice line, rest, name, total;

	while (slice_line(&text, &line)) {
		name = slice_cut(slice_trim(line), ':', &rest);
		total = slice_cut(rest, ':', &rest);
		if (slice_is(name, vg) && slice_number(total, 0, UINT64_MAX, size) &&
		    slice_number(slice_cut(rest, ':', &rest), 0, UINT64_MAX, avail))
			return true;
	}
	return false;
}

static int run(const char *const *argv, struct strbuf *output, struct error *err)
{
	return program_run(&(struct storage_program){ .package = LVM_PACKAGE,
						      .argv = argv,
						      .timeout_s = LVM_TIMEOUT_S,
						      .output = output },
			   err);
}

int lvm_list(const struct storage *st, struct lv_list *out, struct error *err)
{
	const char *const argv[] = { "lvs",
				     "--separator",
				     ":",
				     "--noheadings",
				     "--units",
				     "b",
				     "--unbuffered",
				     "--nosuffix",
				     "--config",
				     "report/time_format=\"%s\"",
				     "--options",
				     LVS_COLUMNS,
				     lvm_vg(st),
				     NULL };
	auto_strbuf struct strbuf output = STRBUF_INIT;

	if (run(argv, &output, err) < 0)
		return -1;
	lvs_parse(strbuf_slice(&output), out);
	return 0;
}

const struct lv *lv_find(const struct lv_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->at[i].name, name) == 0)
			return &list->at[i];
	return NULL;
}

void lv_list_done(struct lv_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->at[i].name);
		free(list->at[i].attr);
		free(list->at[i].pool);
		free(list->at[i].tags);
	}
	free(list->at);
	*list = (struct lv_list){ 0 };
}

void lvm_add_volumes(const struct storage *st, const struct lv_list *lvs, unsigned vmid,
		     lvm_filter *is_listed, struct volume_list *out)
{
	struct volume volume;
	struct error other;

	for (size_t i = 0; i < lvs->count; i++) {
		const struct lv *lv = &lvs->at[i];

		if (st->type->parse(st, slice(lv->name), &volume, &other) == 0 &&
		    (!vmid || volume.vmid == vmid) && is_listed(st, lv, volume.vmid))
			volume_list_add(out, &volume, xasprintf("%s:%s", st->id, lv->name),
					lv->size);
	}
}

int lvm_list_volumes(const struct storage *st, unsigned content, unsigned vmid,
		     lvm_filter *is_listed, struct volume_list *out, struct error *err)
{
	auto_lv_list struct lv_list lvs = { 0 };

	if (!(content & (CONTENT_IMAGES | CONTENT_ROOTDIR)))
		return 0;
	if (lvm_list(st, &lvs, err) < 0)
		return -1;
	lvm_add_volumes(st, &lvs, vmid, is_listed, out);
	return 0;
}

int lvm_group(const struct storage *st, uint64_t *size, uint64_t *avail, struct error *err)
{
	const char *const argv[] = { "vgs",
				     "--separator",
				     ":",
				     "--noheadings",
				     "--units",
				     "b",
				     "--unbuffered",
				     "--nosuffix",
				     "--options",
				     "vg_name,vg_size,vg_free,lv_count",
				     NULL };
	auto_strbuf struct strbuf output = STRBUF_INIT;

	if (run(argv, &output, err) < 0)
		return -1;
	if (!vgs_parse(strbuf_slice(&output), lvm_vg(st), size, avail))
		return fail(err, 0, "no such volume group '%s'", lvm_vg(st));
	return 0;
}
