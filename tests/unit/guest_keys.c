#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/path.h"
#include "base/process.h"
#include "guest/guest.h"
#include "guest_tree.h"
#include "test.h"

TEST("a password becomes a salted SHA-512 hash, another one each time")
{
	auto_free char *one = NULL, *two = NULL;
	struct error err;

	EXPECT(password_hash("secret", &one, &err) == 0);
	EXPECT(password_hash("secret", &two, &err) == 0);
	EXPECT(strncmp(one, "$6$", 3) == 0 && strlen(one) == 3 + 16 + 1 + 86);
	EXPECT(strcmp(one, two) != 0);
}

TEST("what is a hash already is passed through, other text with dollars is hashed")
{
	static const char *const hashes[] = {
		"$6$salt$hash",          "$1$a$b",           "$5$ab./$x",
		"$6$rounds=5000$salt$x", "$y$j9T$salt$hash", "$2b$05$abcdefghijklmnopqrstuv"
	};
	static const char *const words[] = { "$6$salt",  "$6$salt$", "$7$salt$hash",
					     "$6$a b$c", "$6$$x",    "plain",
					     "$6$a$b\n" };
	struct error err;

	for (size_t i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
		auto_free char *hash = NULL;

		EXPECT(password_hash(hashes[i], &hash, &err) == 0);
		EXPECT_TEXT(hash, hashes[i]);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		auto_free char *hash = NULL;

		EXPECT(password_hash(words[i], &hash, &err) == 0);
		EXPECT(strcmp(hash, words[i]) != 0);
	}
}

static bool has_ssh_keygen(void)
{
	if (access("/usr/bin/ssh-keygen", X_OK) == 0)
		return true;
	test_skip("needs ssh-keygen (package openssh-client)");
	return false;
}

static const char good_key[] = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO4x0WNDR6NrOqmO6O1W0+"
			       "AexNrCvSX3J2kz9qvjD0Qe me@host\n";

TEST("keys that ssh-keygen reads pass, anything else is refused")
{
	static const char *const bad[] = { "# a comment\n", "ssh-rsa AAAA\n", "\n \n",
					   "-----BEGIN OPENSSH PRIVATE KEY-----\n" };
	auto_free char *twice = NULL, *broken = NULL;
	struct error err;

	if (!has_ssh_keygen())
		return;
	twice = xasprintf("\n%s\r\n%s", "", good_key);
	EXPECT(ssh_keys_check(good_key, &err) == 0);
	EXPECT(ssh_keys_check(twice, &err) == 0);
	EXPECT(ssh_keys_check("", &err) == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		EXPECT(ssh_keys_check(bad[i], &err) < 0);
		EXPECT_TEXT(err.text, "SSH public key validation error");
	}
	broken = xasprintf("%.*s\x1b[0m\n", (int)strlen(good_key) - 1, good_key);
	EXPECT(ssh_keys_check(broken, &err) < 0);
}

/* A root file system and a scratch PCT_ROOT; false: these tests cannot run here. */
static bool prepare(struct error *err)
{
	auto_free char *host = xasprintf("%s/h", test_dir());

	if (geteuid() != 0) {
		test_skip("needs root");
		return false;
	}
	mkdir(host, 0755);
	return has_ssh_keygen() && path_set_root(host, err) == 0;
}

/* Stdout of finish goes to a file whose text is returned; the caller frees it. */
static char *finish(struct host_keys *keys, int rootfd, const struct idmap *map)
{
	auto_strbuf struct strbuf text = STRBUF_INIT;
	auto_free char *path = xasprintf("%s/out", test_dir());
	auto_close int out = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
		       old = -1;
	struct error err;
	int status;

	fflush(stdout);
	old = dup(STDOUT_FILENO);
	dup2(out, STDOUT_FILENO);
	status = host_keys_finish(keys, rootfd, map, &err);
	fflush(stdout);
	dup2(old, STDOUT_FILENO);
	EXPECT_TEXT(status < 0 ? err.text : "", "");
	EXPECT(lseek(out, 0, SEEK_SET) == 0 && read_all(out, 65536, &text, &err) == 0);
	return strbuf_take(&text);
}

TEST("host keys are made, written with their modes and told; old ones are replaced")
{
	static const char *const types[] = { "rsa", "ecdsa", "ed25519" };
	auto_host_keys struct host_keys *keys = NULL;
	auto_config struct config *config = config_new(98101);
	auto_close int rootfd = tree_new(test_dir(), "root");
	auto_free char *told = NULL;
	struct idmap map;
	struct error err;

	if (!prepare(&err))
		return;
	idmap_default(&map);
	tree_puts(rootfd, "etc/ssh/ssh_host_rsa_key", "old");
	tree_puts(rootfd, "etc/debian_version", "12.1\n");
	tree_own(rootfd, "", 100000);
	config_set(config, "hostname", "h.example");
	EXPECT(host_keys_start(config, &keys, &err) == 0);
	told = finish(keys, rootfd, &map);
	EXPECT(strstr(told,
		      "Creating SSH host key 'ssh_host_rsa_key' - this may take some time "
		      "...\ndone: SHA256:") == told);
	EXPECT(strstr(told, " root@h\nCreating SSH host key 'ssh_host_ecdsa_key'") != NULL);
	for (size_t i = 0; i < 3; i++) {
		auto_free char *name = xasprintf("etc/ssh/ssh_host_%s_key", types[i]);
		auto_free char *public = xasprintf("%s.pub", name);
		struct stat st = { 0 };

		EXPECT(fstatat(rootfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0);
		EXPECT_INT(st.st_mode, S_IFREG | 0600);
		EXPECT_INT(st.st_uid, 100000);
		EXPECT(st.st_size > 100);
		EXPECT(fstatat(rootfd, public, &st, AT_SYMLINK_NOFOLLOW) == 0);
		EXPECT_INT(st.st_mode, S_IFREG | 0644);
	}
}

static void expect_untouched(const char *mark, const char *ostype)
{
	auto_host_keys struct host_keys *keys = NULL;
	auto_config struct config *config = config_new(98101);
	auto_close int rootfd = tree_new(test_dir(), "root");
	auto_strbuf struct strbuf before = STRBUF_INIT, after = STRBUF_INIT;
	auto_free char *told = NULL;
	const struct idmap map = { 0 };
	struct error err;

	tree_puts(rootfd, mark, "12.1\n");
	tree_read(rootfd, 0, &before);
	if (ostype)
		config_set(config, "ostype", ostype);
	EXPECT(host_keys_start(config, &keys, &err) == 0);
	told = finish(keys, rootfd, &map);
	tree_read(rootfd, 0, &after);
	EXPECT_TEXT(told, "");
	EXPECT_TEXT(after.at, before.at);
}

TEST("no host keys go to guests without /etc/ssh and to unmanaged ones")
{
	struct error err;

	if (!prepare(&err))
		return;
	expect_untouched("etc/debian_version", NULL);
	expect_untouched("etc/ssh/sshd_config", NULL);
	expect_untouched("etc/ssh/sshd_config", "unmanaged");
}

TEST("freed keys leave no process and no file, also those of a killed run before")
{
	auto_host_keys struct host_keys *keys = NULL;
	auto_config struct config *config = config_new(98101);
	auto_free char *dir = NULL, *left = NULL;
	struct error err;

	if (!prepare(&err))
		return;
	dir = path_in(PATH_RUN, "ct-98101.keys");
	left = xasprintf("%s/left", dir);
	EXPECT(path_make(PATH_RUN, &err) == 0 && mkdir(dir, 0755) == 0);
	EXPECT(save_path(left, slice("x"), 0600, &err) == 0);
	EXPECT(host_keys_start(config, &keys, &err) == 0);
	EXPECT(!path_exists(left));
	host_keys_free(&keys);
	EXPECT(!path_exists(dir));
	EXPECT(waitpid(-1, NULL, WNOHANG) < 0);
}
