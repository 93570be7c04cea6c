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

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <pthread.h>
#include <sys/epoll.h>

// glibc declares it only under _GNU_SOURCE, which Swift's own reading of the headers goes without.
extern int pthread_setname_np(pthread_t thread, const char *name);

static inline int evrelay_name_this_thread(const char *name) {
  return pthread_setname_np(pthread_self(), name);
}

#endif
