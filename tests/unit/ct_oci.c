#include "ct/oci.h"
#include "lxc/words.h"

#include "configs.h"

static const char *quoted(char *const *words)
{
	static char text[300];
	auto_strbuf struct strbuf out = STRBUF_INIT;

	oci_quote(words, &out);
	snprintf(text, sizeof(text), "%s", out.at);
	return text;
}

#define WORDS(...) ((char *[]){ __VA_ARGS__, NULL })

TEST("words are quoted only where they must be, as a shell reads them")
{
	char one[] = "/bin/sh", two[] = "-c", three[] = "echo hi";
	char four[] = "it's", five[] = "", six[] = "$x;\\\"`", seven[] = "a=%1,b:2@_+";

	EXPECT_TEXT(quoted(WORDS(one, two, three)), "/bin/sh -c 'echo hi'");
	EXPECT_TEXT(quoted(WORDS(four, five)), "'it'\\''s' ''");
	EXPECT_TEXT(quoted(WORDS(six, seven)), "'$x;\\\"`' a=%1,b:2@_+");
}

TEST("what is quoted is split into the same words again, whatever is in them")
{
	for (int c = 1; c < 256; c++) {
		char first[] = { 'a', (char)c, 'b', (char)c, '\0' }, second[] = "",
		     third[] = { (char)c, '\0' };
		auto_words char **words = NULL;
		struct error err = { 0 };

		if (c != '\t' && (c < ' ' || c == 0x7f))
			continue;
		EXPECT_INT(lxc_split_words(slice(quoted(WORDS(first, second, third))),
					   &words, &err),
			   0);
		EXPECT_TEXT(words[0], first);
		EXPECT_TEXT(words[1], second);
		EXPECT_TEXT(words[2], third);
		EXPECT(words[3] == NULL);
	}
}

static const char *signal_of(const char *text)
{
	static char name[40];
	auto_strbuf struct strbuf out = STRBUF_INIT;

	snprintf(name, sizeof(name), "%s", oci_signal(text, &out) ? out.at : "none");
	return name;
}

TEST("signals have the names that LXC knows")
{
	EXPECT_TEXT(signal_of("SIGTERM"), "SIGTERM");
	EXPECT_TEXT(signal_of("sigquit"), "SIGQUIT");
	EXPECT_TEXT(signal_of("WINCH"), "SIGWINCH");
	EXPECT_TEXT(signal_of("SIGRTMIN+3"), "SIGRTMIN+3");
	EXPECT_TEXT(signal_of("RTMAX-1"), "SIGRTMAX-1");
	EXPECT_TEXT(signal_of("15"), "15");
	EXPECT_TEXT(signal_of("64"), "64");
	EXPECT_TEXT(signal_of("0"), "none");
	EXPECT_TEXT(signal_of("65"), "none");
	EXPECT_TEXT(signal_of("SIGRTMIN+99"), "none");
	EXPECT_TEXT(signal_of("SIGRTMIN-1"), "none");
	EXPECT_TEXT(signal_of("SIG"), "none");
	EXPECT_TEXT(signal_of("SIGTERM x"), "none");
}

/* What an image's parts, "env" and "A=1" and so on, make of a configuration. */
static struct config *configured(const char *before, char *const *parts,
				 const struct guest_user *user, struct strbuf *told,
				 struct notes *notes)
{
	struct config *config = config_of(before);
	auto_image struct image image = { 0 };
	struct error err = { 0 };

	for (; *parts; parts += 2)
		EXPECT_INT(image_add(&image, parts[0], parts[1], &err), 0);
	EXPECT_INT(oci_configure(&image, user, config, told, notes, &err), 0);
	EXPECT_TEXT(err.text, "");
	return config;
}

#define PARTS(...) ((char *[]){ __VA_ARGS__, NULL })
#define P          (char *)

static const struct guest_user nobody = { .groups = STRBUF_INIT };

TEST("an image's words become keys and raw entries in their order")
{
	char groups[] = "10,44";
	const struct guest_user user = { .has_uid = true,
					 .uid = 1000,
					 .has_gid = true,
					 .gid = 100,
					 .groups = { .at = groups, .len = 5 } };
	auto_strbuf struct strbuf told = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config = configured(
		"hostname: a\nnet0: name=eth0,bridge=b,ip=dhcp\n"
		"net1: name=eth1,bridge=b,host-managed=0\n",
		PARTS(P "command", P "/run me", P "command", P "-x", P "env", P "B=2",
		      P "env", P "A=1", P "dir", P "/srv", P "signal", P "SIGINT"),
		&user, &told, &notes);

	EXPECT_CONFIG(config, "cmode: console\n"
			      "entrypoint: '/run me' -x\n"
			      "hostname: a\n"
			      "net0: name=eth0,bridge=b,host-managed=1,ip=dhcp\n"
			      "net1: name=eth1,bridge=b,host-managed=0\n"
			      "lxc.environment.runtime: B=2\n"
			      "lxc.environment.runtime: A=1\n"
			      "lxc.init.uid: 1000\n"
			      "lxc.init.gid: 100\n"
			      "lxc.init.groups: 10,44\n"
			      "lxc.init.cwd: /srv\n"
			      "lxc.signal.halt: SIGINT\n");
	EXPECT_TEXT(told.at,
		    "Auto-Enabling host-managed network for network device net0.\n");
	EXPECT_INT(notes.count, 0);
}

TEST("an image with /sbin/init, or without a command, is a container like others")
{
	static const char text[] = "net0: name=eth0,bridge=b\n";
	auto_strbuf struct strbuf told = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config =
		configured(text, PARTS(P "command", P "/sbin/init", P "command", P "3"),
			   &nobody, &told, &notes);
	auto_config struct config *bare =
		configured(text, PARTS(P "user", P "x"), &nobody, &told, &notes);

	EXPECT_CONFIG(config, "net0: name=eth0,bridge=b\nlxc.signal.halt: SIGTERM\n");
	EXPECT_CONFIG(bare, "net0: name=eth0,bridge=b\nlxc.signal.halt: SIGTERM\n");
	EXPECT_TEXT(told.at, "");
}

TEST("what the user gave stays: entrypoint, console mode, variables")
{
	auto_strbuf struct strbuf told = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config = configured(
		"entrypoint: /mine\ncmode: shell\nlxc.environment.runtime: A=mine\n",
		PARTS(P "command", P "/run", P "env", P "A=image", P "env", P "B=image"),
		&nobody, &told, &notes);

	EXPECT_CONFIG(config, "cmode: shell\n"
			      "entrypoint: /mine\n"
			      "lxc.environment.runtime: B=image\n"
			      "lxc.environment.runtime: A=mine\n"
			      "lxc.signal.halt: SIGTERM\n");
}

TEST("what cannot be kept is told: variables of other forms, signals, ip6=auto")
{
	auto_strbuf struct strbuf told = STRBUF_INIT;
	auto_notes struct notes notes = { 0 };
	auto_config struct config *config =
		configured("net0: name=eth0,bridge=b,ip6=auto\n",
			   PARTS(P "command", P "/run", P "env", P "A-B=1", P "env",
				 P "NOVALUE", P "env", P "C=3", P "signal", P "SIGNOT"),
			   &nobody, &told, &notes);

	EXPECT_CONFIG(config, "cmode: console\n"
			      "entrypoint: /run\n"
			      "net0: name=eth0,bridge=b,ip6=auto\n"
			      "lxc.environment.runtime: C=3\n"
			      "lxc.signal.halt: SIGTERM\n");
	EXPECT_INT(notes.count, 4);
	EXPECT_TEXT(notes.text[0], "net0: host-managed is not enabled, as the host cannot "
				   "do ip6=auto");
	EXPECT_TEXT(notes.text[1], "variable 'A-B' of the image is left out: it is not of "
				   "the form NAME=value");
	EXPECT_TEXT(notes.text[3],
		    "the image's stop signal 'SIGNOT' is not known: SIGTERM is used");
}
