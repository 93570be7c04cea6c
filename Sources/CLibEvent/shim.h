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
#include <event2/bufferevent_ssl.h>
#include <event2/listener.h>
#include <event2/util.h>

#endif
