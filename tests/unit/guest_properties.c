/*
 * What holds for every golden guest (guest-setup.md 18), whatever its case is about, in
 * each of the events.
 */
#include "guest_cases.h"

/* A guest of a case, on which events run one after the other. */
struct subject {
	struct golden golden;
	struct config *config;
	int rootfd;
};

static void subject_done(struct subject *subject)
{
	golden_done(&subject->golden);
	config_free(subject->config);
	close_fd(&subject->rootfd);
}

#define auto_subject __attribute__((cleanup(subject_done)))

static void subject_init(struct subject *subject, const char *name, const struct idmap *map)
{
	*subject = (struct subject){ .rootfd = -1 };
	if (!load(name, &subject->golden))
		tree_fail("cannot read case", name);
	subject->config = config_parse(strbuf_slice(&subject->golden.conf), 101, NULL);
	subject->golden.job.config = subject->config;
	subject->rootfd = tree_new(test_dir(), "root");
	tree_make(subject->rootfd, subject->golden.tree);
	tree_own(subject->rootfd, "", idmap_root(map, 'u'));
}

/* One event, and the tree that it leaves. False: it failed, as golden cases may tell. */
static bool run_event(struct subject *subject, enum guest_event event,
		      const struct idmap *map, struct strbuf *tree)
{
	struct guest_job job = subject->golden.job;
	auto_notes struct notes notes = { 0 };
	struct error err;
	bool done;

	job.rootfd = subject->rootfd;
	job.map = map;
	job.event = event;
	done = guest_setup(&job, &notes, &err) == 0;
	tree_read(subject->rootfd, idmap_root(map, 'u'), tree);
	return done;
}

/* One event for each case, all of them with PCT_TEST_ALL=1. */
static bool is_chosen(const char *name, size_t event)
{
	return getenv("PCT_TEST_ALL") || event == strlen(name) % EVENTS;
}

static void expect_same(const char *name, const char *what, const struct strbuf *got,
			const struct strbuf *want)
{
	auto_free char *told_got = xasprintf("%s (%s):\n%s", name, what, got->at);
	auto_free char *told_want = xasprintf("%s (%s):\n%s", name, what, want->at);

	EXPECT_TEXT(told_got, told_want);
}

static void expect_none(const char *name, const struct strbuf *tree, const char *text)
{
	if (strstr(tree->at, text))
		expect_same(name, text, tree, &(struct strbuf)STRBUF_INIT);
}

/* Twice the same, no temporary file, nothing that belongs to the host's root. */
static void check_events(const char *name, const struct idmap *map)
{
	for (size_t event = 0; event < EVENTS; event++) {
		auto_strbuf struct strbuf first = STRBUF_INIT, second = STRBUF_INIT;
		auto_subject struct subject subject = { .rootfd = -1 };

		if (!is_chosen(name, event))
			continue;
		subject_init(&subject, name, map);
		(void)run_event(&subject, (enum guest_event)event, map, &first);
		(void)run_event(&subject, (enum guest_event)event, map, &second);
		expect_same(name, event_names[event], &second, &first);
		expect_none(name, &first, ".pct-");
		expect_none(name, &first, ".tmp");
		expect_none(name, &first, " owner=");
	}
}

TEST("any event run twice leaves the same bytes, no temporary file, and no file of host root")
{
	struct idmap map;

	idmap_default(&map);
	for_each_case(&map, check_events);
}

/* The line of a tree that begins an entry which is no directory. */
static bool is_entry(struct slice line, struct slice *path)
{
	struct slice rest;

	if (!slice_starts(line, "== "))
		return false;
	*path = slice_cut(slice_from(line, 3), ' ', &rest);
	return !slice_ends(*path, "/");
}

/* The entry of this path with its lines; empty: there is none. */
static struct slice entry_of(const struct strbuf *tree, struct slice wanted)
{
	struct slice rest = strbuf_slice(tree), line, path, found = slice("");

	while (slice_line(&rest, &line)) {
		bool begins = slice_starts(line, "== ");

		if (begins && found.len)
			return found;
		if (is_entry(line, &path) && path.len == wanted.len &&
		    memcmp(path.at, wanted.at, path.len) == 0)
			found = slice_of(line.at, line.len + 1);
		else if (found.len)
			found.len += line.len + 1;
	}
	return found;
}

/* The tree without the empty file that each start makes, whatever was there before. */
static void drop_fastboot(struct strbuf *tree)
{
	struct slice entry = entry_of(tree, slice("fastboot"));
	size_t at = entry.len ? (size_t)(entry.at - tree->at) : tree->len;

	memmove(tree->at + at, tree->at + at + entry.len, tree->len - at - entry.len);
	strbuf_cut(tree, tree->len - entry.len);
}

static void check_start_after_create(const char *name, const struct idmap *map)
{
	auto_strbuf struct strbuf created = STRBUF_INIT, started = STRBUF_INIT;
	auto_subject struct subject subject;

	subject_init(&subject, name, map);
	if (!run_event(&subject, GUEST_CREATE, map, &created))
		return; /* there is no such container to start */
	(void)run_event(&subject, GUEST_START, map, &started);
	drop_fastboot(&created);
	drop_fastboot(&started);
	expect_same(name, "start after create", &started, &created);
}

TEST("a start after the creation changes nothing but /fastboot")
{
	struct idmap map;

	idmap_default(&map);
	for_each_case(&map, check_start_after_create);
}

static bool is_same(struct slice left, struct slice right)
{
	return left.len == right.len && memcmp(left.at, right.at, left.len) == 0;
}

static void put_ignore_file(const struct subject *subject, struct slice path,
			    const struct idmap *map)
{
	auto_free char *text = slice_dup(path);
	char *slash = strrchr(text, '/');
	auto_free char *ignore = slash ? xasprintf("%.*s/.pve-ignore.%s",
						   (int)(slash - text), text, slash + 1)
				       : xasprintf(".pve-ignore.%s", text);

	tree_puts(subject->rootfd, ignore, "");
	tree_own(subject->rootfd, "", idmap_root(map, 'u'));
}

/* Ignore files for the entries of one tree that the other one has differently. */
static void freeze(const struct subject *subject, const struct strbuf *from,
		   const struct strbuf *other, const struct idmap *map)
{
	struct slice rest = strbuf_slice(from), line, path;

	while (slice_line(&rest, &line))
		if (is_entry(line, &path) &&
		    !is_same(entry_of(from, path), entry_of(other, path)))
			put_ignore_file(subject, path, map);
}

/* Every entry of from is in other as it is. */
static void expect_entries(const char *name, const char *event, const struct strbuf *from,
			   const struct strbuf *other)
{
	struct slice rest = strbuf_slice(from), line, path;

	while (slice_line(&rest, &line)) {
		auto_free char *told = NULL;

		if (!is_entry(line, &path) ||
		    is_same(entry_of(from, path), entry_of(other, path)))
			continue;
		told = xasprintf("%s (%s): " SLICE_FMT, name, event, SLICE_ARG(path));
		EXPECT_TEXT(told, "a file that stays as it is");
	}
}

static void check_frozen(const char *name, const struct idmap *map)
{
	for (size_t event = 0; event < EVENTS; event++) {
		auto_strbuf struct strbuf before = STRBUF_INIT, changed = STRBUF_INIT,
					  frozen = STRBUF_INIT, after = STRBUF_INIT;
		auto_subject struct subject subject = { .rootfd = -1 },
					    again = { .rootfd = -1 };

		if (!is_chosen(name, event))
			continue;
		subject_init(&subject, name, map);
		tree_read(subject.rootfd, idmap_root(map, 'u'), &before);
		(void)run_event(&subject, (enum guest_event)event, map, &changed);
		subject_init(&again, name, map);
		freeze(&again, &before, &changed, map);
		freeze(&again, &changed, &before, map);
		tree_read(again.rootfd, idmap_root(map, 'u'), &frozen);
		(void)run_event(&again, (enum guest_event)event, map, &after);
		expect_entries(name, event_names[event], &frozen, &after);
		expect_entries(name, event_names[event], &after, &frozen);
	}
}

TEST("with an ignore file for each path that an event changes, none of them changes")
{
	struct idmap map;

	idmap_default(&map);
	for_each_case(&map, check_frozen);
}

static bool run_preview(struct subject *subject, enum guest_event event,
			const struct idmap *map, struct strbuf *diff)
{
	struct guest_job job = subject->golden.job;
	struct error err;

	job.rootfd = subject->rootfd;
	job.map = map;
	job.event = event;
	return guest_preview(&job, diff, NULL, &err) == 0;
}

/* Every entry of from that other has differently, or not at all, is in the diff. */
static void expect_told(const char *name, const struct strbuf *diff,
			const struct strbuf *from, const struct strbuf *other)
{
	struct slice rest = strbuf_slice(from), line, path;

	while (slice_line(&rest, &line)) {
		auto_free char *told = NULL;

		if (!is_entry(line, &path) ||
		    is_same(entry_of(from, path), entry_of(other, path)))
			continue;
		told = xasprintf("diff --git a/" SLICE_FMT " b/" SLICE_FMT "\n",
				 SLICE_ARG(path), SLICE_ARG(path));
		if (!strstr(diff->at, told))
			EXPECT_TEXT(name, told);
	}
}

/* A preview fails when the event does. */
static void check_preview(const char *name, const struct idmap *map)
{
	auto_strbuf struct strbuf before = STRBUF_INIT, looked = STRBUF_INIT,
				  after = STRBUF_INIT, diff = STRBUF_INIT,
				  rest = STRBUF_INIT;
	auto_subject struct subject subject = { .rootfd = -1 };
	bool told, done;

	subject_init(&subject, name, map);
	tree_read(subject.rootfd, idmap_root(map, 'u'), &before);
	told = run_preview(&subject, GUEST_START, map, &diff);
	tree_read(subject.rootfd, idmap_root(map, 'u'), &looked);
	expect_same(name, "preview", &looked, &before);
	done = run_event(&subject, GUEST_START, map, &after);
	EXPECT(told == done);
	if (!done)
		return;
	(void)run_preview(&subject, GUEST_START, map, &rest);
	expect_same(name, "preview after the event", &rest, &(struct strbuf)STRBUF_INIT);
	expect_told(name, &diff, &before, &after);
	expect_told(name, &diff, &after, &before);
}

TEST("a preview changes nothing, tells each file that a start changes, and is empty after it")
{
	struct idmap map;

	idmap_default(&map);
	for_each_case(&map, check_preview);
}

static const char user_stanzas[] = "# the user's own\n"
				   "auto br0\n"
				   "iface br0 inet static\n"
				   "    address 198.51.100.9/24\n"
				   "    bridge_ports none\n"
				   "\n"
				   "allow-hotplug usb0\n"
				   "iface usb0 inet6 auto\n"
				   "    accept_ra 2\n"
				   "\n"
				   "source /etc/network/interfaces.d/*\n";

TEST("the user's stanzas survive any sequence of interface changes")
{
	static const char *const nics[] = {
		"net0: name=eth0,ip=192.0.2.5/24,gw=192.0.2.1\n",
		"net0: name=eth0,ip=dhcp,ip6=auto\nnet1: name=eth1,ip=manual\n",
		"net0: name=eth0,ip=192.0.2.6/24,gw=198.51.100.1\n",
		"net2: name=eth10,ip6=2001:db8::5/64,gw6=2001:db8:1::1\n",
		"",
		"net0: name=eth0\n",
		"net0: name=eth0,ip=192.0.2.7/32\nnet3: name=usb1,ip6=dhcp\n",
	};
	auto_close int root = tree_new(test_dir(), "root");
	const struct guest_facts facts = { 0 };
	const struct idmap map = { 0 };

	if (geteuid() != 0) {
		test_skip("needs root");
		return;
	}
	tree_puts(root, "etc/os-release", "ID=debian\n");
	tree_puts(root, "etc/debian_version", "12.1\n");
	tree_puts(root, "etc/network/interfaces", user_stanzas);
	for (size_t i = 0; i < 3 * sizeof(nics) / sizeof(nics[0]); i++) {
		const char *nic = nics[i * 5 % (sizeof(nics) / sizeof(nics[0]))];
		auto_config struct config *config = config_parse(slice(nic), 101, NULL);
		auto_strbuf struct strbuf text = STRBUF_INIT;
		struct error err = { 0 };

		if (guest_setup(&(struct guest_job){ .rootfd = root,
						     .map = &map,
						     .config = config,
						     .facts = &facts,
						     .event = GUEST_NETWORK },
				NULL, &err) < 0)
			EXPECT_TEXT(err.text, "");
		EXPECT(read_file(root, "etc/network/interfaces", 65536, &text, &err) == 0);
		EXPECT(strstr(text.at, user_stanzas) != NULL);
	}
}
