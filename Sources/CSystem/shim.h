// SPDX-License-Identifier: MIT
#ifndef EVRELAY_CSYSTEM_SHIM_H
#define EVRELAY_CSYSTEM_SHIM_H

#include <features.h>

#include <linux/memfd.h>
#include <malloc.h>
#include <pthread.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

// glibc declares it only under _GNU_SOURCE, which Swift's own reading of the headers goes without.
extern int pthread_setname_np(pthread_t thread, const char *name);

static inline int evrelay_name_this_thread(const char *name) {
  return pthread_setname_np(pthread_self(), name);
}

// Declared only under _GNU_SOURCE, too.
extern int memfd_create(const char *name, unsigned int flags);

static inline int evrelay_memory_file(const char *name) {
  return memfd_create(name, MFD_CLOEXEC);
}

// The macros of cmsg(3) cannot be imported.

// Room for a control message of `byte_count` bytes.
static inline size_t evrelay_control_space(size_t byte_count) {
  return CMSG_SPACE(byte_count);
}

// Writes descriptors as SCM_RIGHTS into the control room of `message`, which has evrelay_control_space bytes for them.
static inline void evrelay_put_rights(struct msghdr *message, const void *descriptors, size_t byte_count) {
  struct cmsghdr *header = CMSG_FIRSTHDR(message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(byte_count);
  memcpy(CMSG_DATA(header), descriptors, byte_count);
}

// A report of the fault that ends the process; see System/Processes/CrashReport.swift. In C, since a handler may not
// allocate, lock or retain, and Swift does not promise which of its code does not.

#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <signal.h>
#include <stdint.h>
#include <unistd.h>

struct evrelay_crash_state {
  char version[64];
  char build[65];
  uintptr_t begin, end;
  int is_reporting;
};

// Within a function, since a header's own variables exist in no object file of Swift's.
static inline struct evrelay_crash_state *evrelay_crash(void) {
  static struct evrelay_crash_state state;
  return &state;
}

static inline size_t evrelay_put_text(char *line, size_t at, size_t size, const char *text) {
  while (*text && at < size) line[at++] = *text++;
  return at;
}

static inline size_t evrelay_put_number(char *line, size_t at, size_t size, uintptr_t number, unsigned base) {
  char digits[24];
  size_t count = 0;
  do {
    digits[count++] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number && count < sizeof digits);
  while (count && at < size) line[at++] = digits[--count];
  return at;
}

static inline void evrelay_write_crash_line(const char *line, size_t count) {
  while (count) {
    ssize_t written = write(STDERR_FILENO, line, count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    line += written;
    count -= (size_t)written;
  }
}

static inline void evrelay_put_address(uintptr_t address) {
  char line[64];
  size_t at = evrelay_put_text(line, 0, sizeof line, "crash at ");
  if (address >= evrelay_crash()->begin && address < evrelay_crash()->end) {
    at = evrelay_put_text(line, at, sizeof line, "evrelay+0x");
    at = evrelay_put_number(line, at, sizeof line, address - evrelay_crash()->begin, 16);
  } else {
    at = evrelay_put_text(line, at, sizeof line, "library 0x");
    at = evrelay_put_number(line, at, sizeof line, address, 16);
  }
  at = evrelay_put_text(line, at, sizeof line, "\n");
  evrelay_write_crash_line(line, at);
}

static inline void evrelay_report_crash(int number, siginfo_t *info, void *context) {
  (void)context;
  // A fault in here, or of two threads at once: the first report goes on, the second signal ends the process.
  if (!__atomic_exchange_n(&evrelay_crash()->is_reporting, 1, __ATOMIC_SEQ_CST)) {
    // Who does not read the log must not keep the process from ending.
    alarm(5);
    char line[256];
    size_t at = evrelay_put_text(line, 0, sizeof line, "crash signal=");
    at = evrelay_put_number(line, at, sizeof line, (uintptr_t)number, 10);
    at = evrelay_put_text(line, at, sizeof line, " version=");
    at = evrelay_put_text(line, at, sizeof line, evrelay_crash()->version);
    at = evrelay_put_text(line, at, sizeof line, " build=");
    at = evrelay_put_text(line, at, sizeof line, evrelay_crash()->build);
    // What kill(2) sends has a code of 0 or below, and no address.
    if (info && info->si_code > 0 && (number == SIGSEGV || number == SIGBUS)) {
      at = evrelay_put_text(line, at, sizeof line, " address=0x");
      at = evrelay_put_number(line, at, sizeof line, (uintptr_t)info->si_addr, 16);
    }
    at = evrelay_put_text(line, at, sizeof line - 1, "\n");
    evrelay_write_crash_line(line, at);
    void *frames[64];
    int count = backtrace(frames, 64);
    for (int index = 0; index < count; index++) evrelay_put_address((uintptr_t)frames[index]);
  }
  // SA_RESETHAND has put the default action back, and SA_NODEFER lets the signal in.
  raise(number);
}

// Where the linker puts the program's own ELF header, which is where it is loaded.
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

static inline void evrelay_note_binary(void) {
  const char *base = __ehdr_start;
  const ElfW(Ehdr) *file = (const ElfW(Ehdr) *)base;
  evrelay_crash()->begin = evrelay_crash()->end = (uintptr_t)base;
  for (int index = 0; index < file->e_phnum; index++) {
    const ElfW(Phdr) *part = (const ElfW(Phdr) *)(base + file->e_phoff) + index;
    uintptr_t end = (uintptr_t)base + part->p_vaddr + part->p_memsz;
    if (part->p_type == PT_LOAD && end > evrelay_crash()->end) evrelay_crash()->end = end;
    if (part->p_type != PT_NOTE) continue;
    const char *note = base + part->p_vaddr;
    const char *last = note + part->p_memsz;
    while (note + sizeof(ElfW(Nhdr)) <= last) {
      const ElfW(Nhdr) *head = (const ElfW(Nhdr) *)note;
      const char *name = note + sizeof *head;
      const unsigned char *value = (const unsigned char *)name + ((head->n_namesz + 3) & ~3u);
      // 3: NT_GNU_BUILD_ID, which elf.h shows with _GNU_SOURCE only.
      if (head->n_type == 3 && head->n_namesz == 4 && !memcmp(name, "GNU", 4)) {
        for (size_t byte = 0; byte < head->n_descsz && byte < 32; byte++) {
          evrelay_crash()->build[2 * byte] = "0123456789abcdef"[value[byte] >> 4];
          evrelay_crash()->build[2 * byte + 1] = "0123456789abcdef"[value[byte] & 15];
        }
      }
      note = (const char *)value + ((head->n_descsz + 3) & ~3u);
    }
  }
}

static inline void evrelay_install_crash_report(const char *version) {
  void *frame[1];
  backtrace(frame, 1);
  evrelay_put_text(evrelay_crash()->version, 0, sizeof evrelay_crash()->version - 1, version);
  evrelay_note_binary();
  static const int numbers[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
  for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
    struct sigaction action, before;
    if (sigaction(numbers[index], NULL, &before) || before.sa_handler != SIG_DFL) continue;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = evrelay_report_crash;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER;
    sigemptyset(&action.sa_mask);
    sigaction(numbers[index], &action, NULL);
  }
}

enum { evrelay_crash_stack_bytes = 64 << 10 };

// Gives this thread a stack for the handler; NULL if it has one, as with a sanitizer, or there is no memory.
static inline void *evrelay_prepare_crash_stack(void) {
  stack_t stack, before;
  if (sigaltstack(NULL, &before) || !(before.ss_flags & SS_DISABLE)) return NULL;
  memset(&stack, 0, sizeof stack);
  stack.ss_size = evrelay_crash_stack_bytes;
  stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack.ss_sp == MAP_FAILED) return NULL;
  sigaltstack(&stack, NULL);
  return stack.ss_sp;
}

// Before the thread ends; NULL does nothing.
static inline void evrelay_release_crash_stack(void *memory) {
  stack_t none;
  if (!memory) return;
  memset(&none, 0, sizeof none);
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, NULL);
  munmap(memory, evrelay_crash_stack_bytes);
}

#include <netinet/in.h>
#include <resolv.h>

// The seconds that one pass over all name servers takes if none of them answers: see resolv.conf(5), "timeout".
static inline int evrelay_pass_seconds(int servers, int timeout, int attempts) {
  int again = 2 * timeout / servers;
  if (attempts < 2) return servers * timeout;
  return servers * timeout + servers * (again > 1 ? again : 1);
}

// Keeps the calling thread's questions to name servers within `seconds`, two at least, by the options of resolv.conf(5),
// which `_res` holds for each thread. A name may take two passes over the servers: with and without a search domain.
// With a port other than 0 the only server is that port of 127.0.0.1.
static inline void evrelay_limit_resolver(int seconds, int port) {
  int pass = seconds / 2;
  // A thread begins with a state of zeros, whose socket has the number 0: standard input, or whatever else has it.
  if (_res.options & RES_INIT) res_nclose(&_res);
  if (res_ninit(&_res)) return;
  if (port) {
    _res.nscount = 1;
    _res.nsaddr_list[0].sin_family = AF_INET;
    _res.nsaddr_list[0].sin_port = htons((unsigned short)port);
    _res.nsaddr_list[0].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  }
  if (pass < 1) pass = 1;
  if (_res.nscount < 1) return;
  if (_res.nscount > pass) _res.nscount = pass;
  if (_res.retry > 2) _res.retry = 2;
  while (_res.retrans > 1 && evrelay_pass_seconds(_res.nscount, _res.retrans, _res.retry) > pass) _res.retrans--;
  if (evrelay_pass_seconds(_res.nscount, _res.retrans, _res.retry) > pass) _res.retry = 1;
}

#endif
