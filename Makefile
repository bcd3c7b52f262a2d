# make, make install; make demo and make check are what README tells about.
CC = gcc
BUILD = build
PREFIX = /usr/local
DESTDIR =
CFLAGS = -O2 -g
STD = -std=c17 -D_GNU_SOURCE -Ilib -Itests/unit
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings \
       -Wformat=2 -Wvla -Wundef -Wpointer-arith
HARD = -fPIE -fstack-protector-strong $(if $(SANITIZE),,-D_FORTIFY_SOURCE=2)
FLAGS = $(STD) $(WARN) $(HARD) $(SANITIZE) $(WERROR)
LINK = -pie -Wl,-z,relro,-z,now,--as-needed $(SANITIZE)
LIBS = -llxc -larchive -liniparser -lcap -lseccomp -lapparmor -lcrypt -lmnl -lmd \
       -ljansson -lyaml

ROOMS = *
SBIN = $(wildcard pct pveam pvesm vzdump)
LIBEXEC = $(basename $(notdir $(wildcard pct/libexec/*.c)))
programs = $(SBIN:%=$(BUILD)/sbin/%) $(LIBEXEC:%=$(BUILD)/libexec/pct/%)
pages = $(patsubst %,$(BUILD)/%,$(wildcard man/*.[15]))
units = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(filter-out %/test.c,$(wildcard tests/unit/*.c)))
fuzzers = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*.c))
# All processors, unless make was told how many with -j.
submake = $(MAKE) --no-print-directory -s $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard $(1)))

all: $(programs) $(BUILD)/share/pct $(pages)
unit: $(units) $(BUILD)/root/netfiles

.SECONDEXPANSION:
$(BUILD)/sbin/%: $$(call objects,$$*/*.c) $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(CC) $(LINK) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/libexec/pct/%: $(BUILD)/pct/libexec/%.o $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(CC) $(LINK) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/unit/test.o $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(CC) $(LINK) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/unit/guest_broken: LIBS += -lfuse3

$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(CC) $(LINK) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/root/%: $(BUILD)/tests/root/%.o $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(CC) $(LINK) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/lib.a: $(call objects,$(ROOMS:%=lib/%/*.c))
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/share/pct:
	@mkdir -p $@
	ln -sfn $(CURDIR)/conf/lxc $@/lxc
	ln -sfn $(CURDIR)/templates $@/templates

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/man/%: man/% man/expand.sh $(SBIN:%=$(BUILD)/sbin/%)
	@mkdir -p $(@D) && sh man/expand.sh $(BUILD)/sbin <$< >$@

# The README's two commands: all that a fresh Debian with git and make needs.
demo:
	@sh conf/packages.sh build run
	@$(submake) BUILD=$(BUILD) all
	@sh tests/demo.sh $(BUILD) $(TEMPLATE)

check:
	@sh conf/packages.sh build run test
	@$(submake) BUILD=$(BUILD) WERROR=-Werror all unit
	@sh tests/run.sh $(BUILD) $(KINDS)

check-asan:
	@sh conf/packages.sh build run test
	@$(submake) BUILD=$(BUILD)-asan WERROR=-Werror CFLAGS="-O1 -g" \
		SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=undefined" all unit
	@sh tests/run.sh $(BUILD)-asan unit cli

# The same tools on a kernel that has what this one may lack; see tests/machine/.
vm-image:
	@sh conf/packages.sh vm
	@sh tests/machine/image.sh $(BUILD)

check-vm: vm-image
	@sh conf/packages.sh build run test
	@$(submake) BUILD=$(BUILD) WERROR=-Werror all unit
	@sh tests/machine/check.sh $(BUILD) $(KINDS)

golden: all unit
	@GOLDEN_REWRITE=1 sh tests/run.sh $(BUILD) unit

bench:
	@sh conf/packages.sh build run test
	@$(submake) BUILD=$(BUILD) all $(BUILD)/bench/config
	@python3 tests/bench/bench.py $(BUILD)

# make fuzz SECONDS=60: that long for each fuzzer.
FUZZ_SECONDS = $(or $(filter-out 0,$(SECONDS)),60)
fuzz:
	@sh conf/packages.sh build run fuzz
	@$(submake) BUILD=$(BUILD)-fuzz CC=clang CFLAGS="-O1 -g" \
		SANITIZE="-fsanitize=fuzzer-no-link,address,undefined" fuzzers
	@sh tests/fuzz/run.sh $(BUILD)-fuzz $(FUZZ_SECONDS)
fuzzers: $(fuzzers)
$(BUILD)/fuzz/options: $(BUILD)/pct/create.o $(BUILD)/pct/set.o
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/lib.a
	@mkdir -p $(@D)
	$(CC) $(LINK) -fsanitize=fuzzer $(CFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS)

lint:
	@sh conf/packages.sh build lint && $(submake) BUILD=$(BUILD) $(pages)
	@sh tests/lint.sh $(BUILD)

SHARE = $(DESTDIR)$(PREFIX)/share
install: all
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/sbin $(SBIN:%=$(BUILD)/sbin/%)
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/libexec/pct $(LIBEXEC:%=$(BUILD)/libexec/pct/%)
	install -D -m 644 -t $(SHARE)/pct/lxc conf/lxc/*
	install -D -m 644 -t $(SHARE)/pct/apparmor conf/apparmor/*
	install -D -m 755 -t $(SHARE)/pct/templates $(filter-out %/lib,$(wildcard templates/*))
	install -D -m 644 -t $(SHARE)/pct/templates/lib templates/lib/*
	for n in 1 5; do install -D -m 644 -t $(SHARE)/man/man$$n $(BUILD)/man/*.$$n || exit; done
	install -D -m 644 -t $(SHARE)/zsh/site-functions conf/completion/_pct
	for name in $(SBIN); do install -D -m 644 conf/completion/pct.fish \
		$(SHARE)/fish/vendor_completions.d/$$name.fish && install -D -m 644 \
		conf/completion/pct.bash $(SHARE)/bash-completion/completions/$$name || exit; done
	test -e $(DESTDIR)/etc/pve/pct.conf || install -D -m 644 conf/pct.conf $(DESTDIR)/etc/pve/pct.conf

clean:
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-fuzz

.PHONY: all unit fuzzers demo check check-asan vm-image check-vm golden bench fuzz lint install clean
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.SECONDARY .DELETE_ON_ERROR:
