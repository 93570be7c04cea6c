# SPDX-License-Identifier: MIT
# The words of this project: `make help` lists them. Each installs what it needs first.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# One step after the other: two Swift builds at once would only wait for each other.
.NOTPARALLEL:

ARGS ?=
binary := .build/release/evrelay
# Release builds carry Swift's libraries in the binary: what is tested here is what is installed elsewhere.
# "-z now": addresses of library functions are looked up at the start and cannot be overwritten later. The build id tells
# which build a crash report is of.
release := swift build -c release --static-swift-stdlib -Xlinker -z -Xlinker now -Xlinker --build-id=sha1
# Where gold is missing, as in Debian 13, Swift takes ld.bfd, which does not protect these addresses (RELRO).
release += $(if $(shell command -v ld.gold),,-Xswiftc -use-ld=lld)
python := .venv/bin/python
pytest := $(python) -m pytest
# Files of process tests that run at a time: they wait most of the time.
JOBS ?= 3
# Those that run alone: schemathesis gives all its tests one id, so they cannot be shared out, and a flood takes both
# processors, while it is measured how long others wait.
alone := Tests/system/test_openapi.py Tests/system/test_flood.py
# $(call process_tests,VARIABLES,FLAGS)
define process_tests
@$(1) $(pytest) Tests/system --numprocesses $(JOBS) --dist loadfile $(alone:%=--ignore %) $(2)
@$(1) $(pytest) $(alone) $(2)
endef
# How long `make lives` goes on.
SECONDS ?= 60
SEED ?=
# The Debians that `make test-systemd` boots, and the one that `make on` works in.
SUITES ?= bookworm trixie
SUITE ?= trixie
DO ?= test
# XCTest's own allocations would be reported as leaks; every test here is a Swift Testing one.
sanitized_test := swift test --disable-xctest --no-parallel

# Where `make install` puts things. DESTDIR stands before all of them, for those who build packages.
DESTDIR ?=
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system
ZSHDIR ?= $(PREFIX)/share/zsh/site-functions
install uninstall: export DESTDIR := $(DESTDIR)
install uninstall: export PREFIX := $(PREFIX)
install uninstall: export SYSCONFDIR := $(SYSCONFDIR)
install uninstall: export UNITDIR := $(UNITDIR)
install uninstall: export ZSHDIR := $(ZSHDIR)

.PHONY: help run build deb image install uninstall test lint swift-test web-test system-test browser-test package-test \
	lives-test test-systemd on test-image lives lives-asan lives-tsan test-asan test-asan-swift test-tsan test-valgrind bench costs clean tools-build tools-deb \
	tools-image tools-test tools-systemd tools-containers

help: ## list these words
	@echo "make WORD, where WORD is one of:"
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/  \1\t\2/p' Makefile | expand -t 18

run: build ## build, then serve on http://localhost:30333 (make run ARGS="--open-publishing")
	@echo "==> serving; the line \"listening\" has the address (Ctrl-C ends it)"
	@exec $(binary) $(ARGS)

build: tools-build ## install what the build needs, then build the release binary
	@echo "==> building $(binary)"
	@$(release) --product evrelay

deb: tools-deb build ## build the Debian package into .build-deb/
	@scripts/build-deb.sh

image: tools-image deb ## build the container image into .build-image/, without a daemon
	@scripts/build-image.sh

install: ## install what `make build` built; DESTDIR, PREFIX (/usr/local), SYSCONFDIR (/etc) and UNITDIR are heeded
	@scripts/install.sh install

uninstall: ## remove what `make install` installed, with the same variables; settings stay
	@scripts/install.sh uninstall

test: tools-test lint swift-test build web-test system-test lives-test browser-test package-test ## install what the tests need, then run them all
	@echo "==> every test passed"

lint: tools-test ## check format, scripts, and the rules of CONTRIBUTING.md
	@scripts/lint.sh

swift-test: tools-build ## the Swift tests: pure types, and real sockets inside one process
	@echo "==> swift test"
	@swift test

web-test: tools-test ## the tests of the pages' own modules, in node
	@echo "==> node --test"
	@node --test Tests/web/

system-test: tools-test build ## the binary as a process, with real clients and hostile ones
	@echo "==> pytest Tests/system"
	$(call process_tests)

lives-test: tools-test build ## a minute of connections' lives, drawn at random
	@echo "==> pytest Tests/lives"
	@$(pytest) Tests/lives

browser-test: tools-test build ## the pages in headless Chromium with its fake camera
	@echo "==> pytest Tests/browser"
	@$(pytest) Tests/browser

package-test: tools-test deb ## the Debian package and what `make install` lays out
	@echo "==> pytest Tests/package"
	@$(pytest) Tests/package

test-systemd: tools-systemd deb ## the package in Debians of its own that boot: restarts, upgrade, load, purge (as root)
	@for suite in $(SUITES); do SUITE=$$suite scripts/test-systemd.sh; done

on: tools-systemd ## words of this list in another Debian, as root: make on SUITE=trixie DO="deb package-test"
	@scripts/in-debian.sh $(SUITE) make $(DO)

test-image: tools-containers image ## the container image, run by crun: keys, TLS, health, restarts, and what docs/containers.md says (as root)
	@scripts/test-image.sh

# EVRELAY_BINARY is what is played against; a failure prints the seed and the command that repeats it.
lives: tools-test build ## more lives: make lives SECONDS=3600 (SEED=N begins with that round)
	@$(python) Tests/lives --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

# Sanitized builds run several times slower.
lives-asan lives-tsan test-asan test-tsan: export PATIENCE := 4
# It keeps 256 MB that were freed, which the lives would take for a leak.
lives-asan: export ASAN_OPTIONS := quarantine_size_mb=4
lives-asan: tools-test ## lives under AddressSanitizer
	@swift build --sanitize=address --scratch-path .build-asan --product evrelay
	@EVRELAY_BINARY=.build-asan/debug/evrelay LSAN_OPTIONS="suppressions=$(CURDIR)/Tests/system/leaks.supp:print_suppressions=0" \
		$(python) Tests/lives --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

lives-tsan: tools-test ## lives under ThreadSanitizer
	@swift build --sanitize=thread --scratch-path .build-tsan --product evrelay
	@EVRELAY_BINARY=.build-tsan/debug/evrelay \
		TSAN_OPTIONS="suppressions=$(CURDIR)/Tests/system/races.supp:print_suppressions=0:atexit_sleep_ms=0" \
		$(python) Tests/lives --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

test-asan: export LSAN_OPTIONS := suppressions=$(CURDIR)/Tests/system/leaks.supp:print_suppressions=0
test-asan: test-asan-swift ## the Swift tests, then the process tests, under AddressSanitizer
	@swift build --sanitize=address --scratch-path .build-asan --product evrelay
	@echo "==> pytest Tests/system under AddressSanitizer"
	$(call process_tests,EVRELAY_BINARY=.build-asan/debug/evrelay,-m "not release_only")

test-asan-swift: export LSAN_OPTIONS := suppressions=$(CURDIR)/Tests/system/leaks.supp:print_suppressions=0
test-asan-swift: tools-test ## the Swift tests under AddressSanitizer
	@echo "==> swift test under AddressSanitizer"
	@$(sanitized_test) --sanitize=address --scratch-path .build-asan

test-tsan: export TSAN_OPTIONS := suppressions=$(CURDIR)/Tests/system/races.supp:print_suppressions=0:atexit_sleep_ms=0
test-tsan: tools-test ## the Swift tests, then the process tests, under ThreadSanitizer
	@echo "==> swift test under ThreadSanitizer"
	@$(sanitized_test) --sanitize=thread --scratch-path .build-tsan
	@swift build --sanitize=thread --scratch-path .build-tsan --product evrelay
	@echo "==> pytest Tests/system under ThreadSanitizer"
	$(call process_tests,EVRELAY_BINARY=.build-tsan/debug/evrelay,-m "not release_only")

test-valgrind: tools-test build ## a short part of the process tests under valgrind
	@echo "==> pytest Tests/system under valgrind"
	@EVRELAY_WRAPPER="valgrind --quiet --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite --error-exitcode=99" \
		$(pytest) Tests/system -m valgrind

costs: tools-test build ## what a byte of the worst inputs costs, and how long the others wait
	@$(python) Tests/costs

bench: tools-test ## measure against the bare C programs and print the ratios
	@scripts/bench.sh

clean: ## remove everything that was built or installed into this folder
	@rm -rf .build .build-* .venv artifacts .pytest_cache .hypothesis

tools-build:
	@scripts/install-tools.sh build

tools-deb:
	@scripts/install-tools.sh deb

tools-image:
	@scripts/install-tools.sh image

tools-test:
	@scripts/install-tools.sh test

tools-systemd: tools-test
	@scripts/install-tools.sh systemd

tools-containers: tools-test
	@scripts/install-tools.sh containers
