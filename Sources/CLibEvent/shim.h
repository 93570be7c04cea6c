// SPDX-License-Identifier: MIT
#ifndef EVRELAY_CLIBEVENT_SHIM_H
#define EVRELAY_CLIBEVENT_SHIM_H

// Before event2/*: Debian's event-config.h defines _GNU_SOURCE. Without this line glibc's headers are first read without
// it, and a debug build fails where fd_set is used ("'__fds_bits' is not present in definition of 'fd_set'").
#include <features.h>

#include <event2/event.h>
#include <event2/thread.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <event2/util.h>

#include <linux/memfd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

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

#endif
