# ChatDesk: build, run and test.
#
#   make run      a whole demo on this machine, until Ctrl-C
#   make test     everything that proves that it works
#   make help     the other targets
#
# Purpose:    one place that knows how each part is built.
# Owner:      build/ and ui/node_modules/ are this file's; nothing else is
#             written to.
# Invariants: needs GNU make; safe with -j; every object knows its headers.
#
# What a test or fuzz program links stands in its first comment, in a line
# " * link: ...": folders (all of their .c), files, and -l options.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

# nginx lies where not every user's shell looks
export PATH := $(PATH):/usr/sbin:/sbin

TOP := $(CURDIR)
B   := build
A   := build/asan

PREFIX ?= /usr
SEEDS  ?= 200
FUZZ_SECONDS ?= 60

# -- flags -------------------------------------------------------------------

# fields that an initializer leaves out are 0, as C says
WARN   := -Wall -Wextra -Wno-missing-field-initializers -Werror
INCS   := -Iinclude -Iworker -I$(B)/gen
HARDEN := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE
LINK   := -Wl,-z,relro -Wl,-z,now -pie
SAN    := -fsanitize=address,undefined -fno-sanitize-recover=all \
          -fno-omit-frame-pointer

CFLAGS_release := -std=gnu11 -O2 -g $(WARN) $(HARDEN) $(INCS)
CFLAGS_asan    := -std=gnu11 -O1 -g $(WARN) $(SAN) $(INCS)
LDFLAGS_release := $(LINK)
LDFLAGS_asan    := $(SAN)

CORE_LIBS   := -lmsgpackc -lpcre2-8
WORKER_LIBS := -lhiredis -luv -lcurl -ljson-c -linih -lcrypt -lssl -lcrypto \
               -lglib-2.0 $(CORE_LIBS)
CTL_LIBS    := -lcurl -ljson-c -linih -lcrypt -lcrypto -lglib-2.0 \
               $(CORE_LIBS)
SIM_LIBS    := $(CORE_LIBS)

# time zones are GLib's
INCS_worker := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags-only-I \
                   glib-2.0 2>/dev/null))

# nginx's headers, for unit tests of the module's pure parts
NGX_SRC  := /usr/share/nginx/src/src
NGX_INCS := $(addprefix -isystem $(NGX_SRC)/,core event event/modules \
                os/unix http http/modules http/v2) \
            -isystem $(B)/nginx/src/objs -Ingx_chatdesk_module

# -- what there is -----------------------------------------------------------

worker_c  := $(wildcard worker/*.c worker/core/*.c worker/io/*.c \
                 worker/api/*.c)
ctl_c     := $(wildcard worker/ctl/*.c)
# what it checks files with, as the worker does
ctl_io    := $(wildcard worker/io/desk_*.c) $(addprefix worker/io/, \
                 document.c json_check.c settings.c settings_redis.c \
                 settings_out.c password.c log.c zone.c p256.c \
                 https_url.c) $(wildcard worker/core/*.c)
sim_c     := $(wildcard t/sim/*.c worker/core/*.c)
module_c  := $(wildcard ngx_chatdesk_module/*.c)
unit_c    := $(wildcard t/unit/*.c)
fuzz_c    := $(wildcard t/fuzz/*.c)
bench_c   := $(wildcard t/bench/*.c)
crowd_c   := $(wildcard t/bench/core/*.c worker/core/*.c) t/sim/ops.c
filler_c  := $(wildcard t/bench/templates/*.c worker/core/*.c)
lua       := $(wildcard worker/redis/*.lua) worker/redis/library.list
ui_files  := $(shell find ui -name node_modules -prune -o -type f -print)
headers   := $(wildcard include/*.h include/tbl/*.h ngx_chatdesk_module/*.h)

units := $(basename $(notdir $(unit_c)))
fuzzs := $(basename $(notdir $(fuzz_c)))

# the words behind "link:" in a program's first comment
links = $(shell sed -n 's/^ \* link: *//p' $(1))

# of those, the .c files
link_c = $(foreach w,$(filter-out -%,$(call links,$(1))),$(if \
            $(filter %.c,$(w)),$(w),$(wildcard $(w)/*.c)))
link_l = $(filter -%,$(call links,$(1))) \
         $(if $(filter worker/core,$(call links,$(1))),$(CORE_LIBS))

# -- targets for people ------------------------------------------------------

.PHONY: all run test sim bench fuzz fault lint compat ui install package help \
        deps deps-test deps-bench deps-compat module worker asan units fuzz-targets tables clean FORCE

all: module worker ui

help:
	@echo 'make run      install what is missing, build, start a demo;'
	@echo '              PORT=8080 KEEP=1 TLS=1'
	@echo 'make test     install what is missing, build, run all tests'
	@echo 'make all      the module, the worker and the user interface'
	@echo 'make sim      the simulator; SEEDS=200'
	@echo 'make fuzz     each fuzz target; FUZZ_SECONDS=60'
	@echo 'make fault    every fault as often as docs/testing.md says (hours)'
	@echo 'make bench    speed, beside what one would pick instead;'
	@echo '              QUICK=1 RUNS=5 ONLY=idle,relay,connect'
	@echo 'make lint     the rules of docs/style.md, and stale tables'
	@echo 'make ui       the widget, the desktop and the demo site'
	@echo 'make compat   other versions of nginx and hiredis'
	@echo 'make install  into DESTDIR'
	@echo 'make tables   write again what is generated from include/tbl, and'
	@echo '              the proofs in docs/features.md'

deps:
	@t/tools/deps run

deps-test deps-bench deps-compat:
	@t/tools/deps $(@:deps-%=%)

run: deps
	@echo 'Building (a minute, the first time) ...'
	@$(MAKE) --no-print-directory -s -j$$(nproc) all
	@exec t/tools/demo

sim: $(B)/chatdesk-sim
	$< --seeds $(SEEDS)

fuzz: fuzz-targets
	FUZZ_SECONDS=$(FUZZ_SECONDS) prove -v t/run_fuzz.t

fault: all asan
	CHATDESK_FULL=1 CHATDESK_RELOADS=50 CHATDESK_FLAVOUR=asan \
	    prove --timer -v -It/lib t/fault_*.t t/drain_*.t t/redis_sentinel.t \
	    t/redis_lost.t t/ws_memory.t t/worker_entries.t

lint: all
	prove t/house_*.t

tables:
	include/tbl/generate.pl
	t/tools/features

bench: deps-bench
	@$(MAKE) --no-print-directory -s -j$$(nproc) module worker ui \
	    $(bench_programs) $(B)/bench/peers/node_modules/.package-lock.json
	@t/bench/run

compat: deps-compat module worker
	t/tools/compat

package:
	@echo 'make $@: not there yet; see "Not there yet" in README.md' >&2
	@exit 1

clean:
	rm -rf $(B)

# -- tests -------------------------------------------------------------------

test: deps-test
	@echo 'Building, as release and with sanitizers (some minutes) ...'
	-@$(MAKE) --no-print-directory -s $(NGX_SOURCE)
	@$(MAKE) --no-print-directory -s -j$$(nproc) \
	    all asan units fuzz-targets
	@t/tools/test-all

# -- the module --------------------------------------------------------------

# nginx's configure finds the sources when it runs; this list changes only
# when files come or go
define list_rule
	@mkdir -p $(@D)
	@printf '%s\n' $(1) | cmp -s - $@ || printf '%s\n' $(1) > $@
endef

$(B)/gen/module.list: FORCE
	$(call list_rule,$(sort $(module_c)))

MODULE_CC := -O2 -g -fPIC -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
             -Wall -Wextra -Wno-unused-parameter
MODULE_LD := -Wl,-z,relro -Wl,-z,now -fPIC

$(B)/nginx/configured: config $(B)/gen/module.list
	rm -rf $(B)/nginx
	mkdir -p $(B)/nginx
	cp -r /usr/share/nginx/src $(B)/nginx/src
	cd $(B)/nginx/src && CHATDESK_ECHO=1 bash -c '. ./conf_flags; \
	    ./configure "$${NGX_CONF_FLAGS[@]}" \
	        --with-cc-opt="$(MODULE_CC)" --with-ld-opt="$(MODULE_LD)" \
	        --add-dynamic-module="$(TOP)"' > configure.log 2>&1 \
	    || { tail -n 20 configure.log >&2; exit 1; }
	touch $@

$(B)/nginx/built: $(B)/nginx/configured $(module_c) $(headers) \
        $(wildcard ngx_chatdesk_module/*.map)
	$(MAKE) -C $(B)/nginx/src -f objs/Makefile modules
	cp $(B)/nginx/src/objs/ngx_http_chatdesk*_module.so $(B)/
	touch $@

module: $(B)/nginx/built

# -- programs in C, as release and with sanitizers ---------------------------

# the functions of Redis, inside the worker
$(B)/gen/chatdesk_library.c: worker/redis/embed.pl $(lua)
	@mkdir -p $(@D)
	worker/redis/embed.pl chatdesk_library worker/redis/library.list > $@

define flavour
# $(1) release or asan, $(2) its folder

$(2)/obj/%.o: %.c
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_$(1)) $$(INCS_$$(firstword $$(subst /, ,$$*))) \
	    -MMD -MP -c -o $$@ $$<

$(2)/obj/gen/%.o: $(B)/gen/%.c
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS_$(1)) -MMD -MP -c -o $$@ $$<

$(2)/chatdesk-worker: $(worker_c:%.c=$(2)/obj/%.o) \
        $(2)/obj/gen/chatdesk_library.o
	$$(CC) $$(LDFLAGS_$(1)) -o $$@ $$^ $$(WORKER_LIBS)

$(2)/chatdeskctl: $(ctl_c:%.c=$(2)/obj/%.o) $(ctl_io:%.c=$(2)/obj/%.o)
	$$(CC) $$(LDFLAGS_$(1)) -o $$@ $$^ $$(CTL_LIBS)

$(2)/chatdesk-sim: $(sim_c:%.c=$(2)/obj/%.o)
	$$(CC) $$(LDFLAGS_$(1)) -o $$@ $$^ $$(SIM_LIBS)
endef

bench_programs := $(addprefix $(B)/bench/chatdesk-,load echo calls bench-core \
    bench-templates)

$(B)/bench/chatdesk-echo: $(B)/obj/t/bench/echo/echo.o
$(B)/bench/chatdesk-calls: $(B)/obj/t/bench/calls/calls.o
$(B)/bench/chatdesk-echo $(B)/bench/chatdesk-calls:
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_release) -o $@ $^

# relays on Node.js that are measured beside
$(B)/bench/peers/node_modules/.package-lock.json: $(wildcard t/bench/peers/*) \
        t/bench/peers/.npmrc
	@mkdir -p $(B)/bench/peers
	cp $^ $(B)/bench/peers/
	cd $(B)/bench/peers && npm ci --no-audit --no-fund --no-update-notifier \
	    --loglevel=error
	touch $@

$(B)/bench/chatdesk-load: $(bench_c:%.c=$(B)/obj/%.o)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_release) -o $@ $^ -lssl -lcrypto

$(B)/bench/chatdesk-bench-core: $(crowd_c:%.c=$(B)/obj/%.o)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_release) -o $@ $^ $(SIM_LIBS)

$(B)/bench/chatdesk-bench-templates: $(filler_c:%.c=$(B)/obj/%.o)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS_release) -o $@ $^ $(SIM_LIBS)

# headers of nginx are only for what is the module's
INCS_ngx_chatdesk_module = $(NGX_INCS)
INCS_t = $(if $(findstring ngx_chatdesk_module,$(call links,$<)),$(NGX_INCS))

$(eval $(call flavour,release,$(B)))
$(eval $(call flavour,asan,$(A)))

# unit tests have sanitizers always
define unit
$(B)/unit/$(1): $(A)/obj/t/unit/$(1).o \
        $(patsubst %.c,$(A)/obj/%.o,$(call link_c,t/unit/$(1).c))
	@mkdir -p $$(@D)
	$$(CC) $$(LDFLAGS_asan) -o $$@ $$^ -lcmocka $(call link_l,t/unit/$(1).c)
endef

$(foreach u,$(units),$(eval $(call unit,$(u))))

# objects of the module, and of unit tests, need nginx's configured headers;
# by name, as a pattern without a recipe would say nothing
$(patsubst %.c,$(A)/obj/%.o,$(module_c) $(unit_c) \
    $(wildcard t/unit/support/*.c)): | $(B)/nginx/configured

define fuzz
$(B)/fuzz/$(1): t/fuzz/$(1).c $(call link_c,t/fuzz/$(1).c) $(headers) \
        $(if $(findstring ngx_chatdesk_module,$(call \
            links,t/fuzz/$(1).c)),| $(B)/nginx/configured)
	@mkdir -p $$(@D)
	clang -std=gnu11 -O1 -g $$(INCS) $$(NGX_INCS) $$(INCS_worker) \
	    -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -o $$@ $$(filter %.c,$$^) \
	    $(call link_l,t/fuzz/$(1).c)
endef

$(foreach f,$(fuzzs),$(eval $(call fuzz,$(f))))

worker: $(if $(wildcard worker/main.c),$(B)/chatdesk-worker) \
        $(if $(ctl_c),$(B)/chatdeskctl)
units: $(units:%=$(B)/unit/%)
fuzz-targets: $(fuzzs:%=$(B)/fuzz/%)

-include $(shell find $(B) -path '*/obj/*.d' 2>/dev/null)

# -- nginx itself with sanitizers --------------------------------------------

# NGX_DEBUG_PALLOC: each allocation from a pool is a malloc of its own, so
# that an overrun does not land in its neighbour unseen
ASAN_CC := -O1 -g -fPIC -fno-omit-frame-pointer -DNGX_DEBUG_PALLOC=1 \
           -fsanitize=address,undefined -Wno-error
ASAN_LD := -fsanitize=address,undefined

NGX_SOURCE := $(A)/nginx-source/src/core/nginx.c

$(NGX_SOURCE):
	t/tools/source $(TOP)/$(A)/nginx-source nginx

$(A)/nginx-build/configured: config $(B)/gen/module.list \
        | $(NGX_SOURCE)
	rm -rf $(A)/nginx-build
	mkdir -p $(A)/nginx-build
	cp -r $(A)/nginx-source $(A)/nginx-build/src
	cd $(A)/nginx-build/src && CHATDESK_ECHO=1 ./configure --with-compat \
	        --with-debug --with-threads --with-http_ssl_module \
	        --with-http_v2_module --with-http_realip_module \
	        --with-http_auth_request_module \
	        --with-http_stub_status_module \
	        --with-cc-opt="$(ASAN_CC)" --with-ld-opt="$(ASAN_LD)" \
	        --add-dynamic-module="$(TOP)" > configure.log 2>&1 \
	    || { tail -n 20 configure.log >&2; exit 1; }
	touch $@

$(A)/nginx-build/built: $(A)/nginx-build/configured $(module_c) $(headers) \
        $(wildcard ngx_chatdesk_module/*.map)
	$(MAKE) -C $(A)/nginx-build/src -f objs/Makefile binary modules
	cd $(A)/nginx-build/src/objs && cp nginx ngx_http_*.so $(TOP)/$(A)/
	touch $@

# without sources of nginx the rest is built; t/tools/test-all then says so
asan: $(if $(wildcard $(NGX_SOURCE)),$(A)/nginx-build/built) \
      $(A)/chatdesk-sim \
      $(if $(wildcard worker/main.c),$(A)/chatdesk-worker) \
      $(A)/chatdeskctl

# -- the user interface ------------------------------------------------------

ui: $(if $(wildcard ui/package.json),$(B)/ui/built)

ui/node_modules/.package-lock.json: $(wildcard ui/package.json \
        ui/package-lock.json)
	cd ui && npm ci --no-audit --no-fund --no-update-notifier --loglevel=error
	touch $@

$(B)/ui/built: ui/node_modules/.package-lock.json $(ui_files)
	cd ui && node build.mjs
	touch $@

# -- installation ------------------------------------------------------------

install: all
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/lib/nginx/modules \
	    $(B)/ngx_http_chatdesk_module.so
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin $(B)/chatdesk-worker \
	    $(B)/chatdeskctl
	for part in widget desk demo; do \
	    (cd $(B)/ui/$$part && find . -type f -exec install -D -m 644 {} \
	        $(DESTDIR)$(PREFIX)/share/chatdesk/$$part/{} \;) || exit 1; \
	done
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/doc/chatdesk/examples \
	    $(wildcard conf.example/*)
