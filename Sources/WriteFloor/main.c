// SPDX-License-Identifier: MIT
//
// The floor that the relay's fan-out is measured against: one thread that writes each uploaded frame to every viewer
// with writev and does nothing else that a relay must do. No limits, no checks, no cameras, no timeouts.
//
//   writefloor [PORT]      serves on 127.0.0.1, by default on a free port, and prints url=http://127.0.0.1:PORT
//
// GET (any path) answers a response head and then the plain form of the stream; POST (any path) takes one frame by its
// Content-Length and answers 200. A viewer whose last frame is not wholly written skips.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { HEAD_BYTES = 4096, MAX_DESCRIPTORS = 65536, MAX_FRAME_BYTES = 64 << 20, EVENTS = 64 };

static const char stream_head[] =
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: multipart/x-mixed-replace; boundary=frame\r\n"
    "Cache-Control: no-store, no-cache, must-revalidate, max-age=0, no-transform\r\n"
    "Pragma: no-cache\r\n"
    "Connection: close\r\n\r\n"
    "--frame\r\n";
static const char upload_answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
static const char delimiter[] = "\r\n--frame\r\n";

// One uploaded frame: freed when the publisher and the last viewer that is still writing it have let go of it.
struct frame {
  int holders;
  size_t part_head_bytes;
  size_t jpeg_bytes;
  char part_head[160];
  char jpeg[];
};

enum role { REQUEST_HEAD, UPLOAD_BODY, VIEWER };

struct connection {
  enum role role;
  size_t have;          // bytes of the head, or of the body, so far
  char *head;           // HEAD_BYTES while a request head is read
  struct frame *frame;  // the frame being received, or being written
  size_t written;       // bytes of the frame's part that this viewer has taken
  int viewer_index;
};

static struct connection *connections[MAX_DESCRIPTORS];
static int viewers[MAX_DESCRIPTORS];
static int viewer_count;
static int poller;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void *allocate(size_t bytes) {
  void *memory = calloc(1, bytes);
  if (memory == NULL) fail("calloc");
  return memory;
}

static void release(struct frame *frame) {
  if (frame != NULL && --frame->holders == 0) free(frame);
}

static void watch(int fd, int operation, unsigned events) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  if (epoll_ctl(poller, operation, fd, &event) != 0) fail("epoll_ctl");
}

static void drop(int fd) {
  struct connection *connection = connections[fd];
  if (connection->role == VIEWER) {
    int last = viewers[--viewer_count];
    viewers[connection->viewer_index] = last;
    connections[last]->viewer_index = connection->viewer_index;
  }
  release(connection->frame);
  free(connection->head);
  free(connection);
  connections[fd] = NULL;
  close(fd);
}

// Writes what is left of the viewer's frame; false when the viewer is gone. On return `frame` is NULL if it is done.
static int write_part(int fd, struct connection *viewer) {
  struct frame *frame = viewer->frame;
  struct iovec all[3] = {
      {frame->part_head, frame->part_head_bytes},
      {frame->jpeg, frame->jpeg_bytes},
      {(void *)delimiter, sizeof delimiter - 1},
  };
  size_t total = frame->part_head_bytes + frame->jpeg_bytes + sizeof delimiter - 1;
  struct iovec *first = all;
  size_t skip = viewer->written;
  while (skip >= first->iov_len) skip -= (first++)->iov_len;
  first->iov_base = (char *)first->iov_base + skip;
  first->iov_len -= skip;

  ssize_t count = writev(fd, first, (int)(all + 3 - first));
  if (count < 0 && errno != EAGAIN && errno != EINTR) return 0;
  if (count > 0) viewer->written += (size_t)count;
  if (viewer->written == total || viewer->written == 0) {
    release(frame);
    viewer->frame = NULL;
    viewer->written = 0;
  }
  return 1;
}

static void fan_out(struct frame *frame) {
  // Backwards: a viewer that is dropped is replaced by the last one, which has had its turn.
  for (int index = viewer_count - 1; index >= 0; index--) {
    int fd = viewers[index];
    struct connection *viewer = connections[fd];
    if (viewer->frame != NULL) continue;
    frame->holders++;
    viewer->frame = frame;
    if (!write_part(fd, viewer)) {
      drop(fd);
    } else if (viewer->frame != NULL) {
      watch(fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
    }
  }
}

static void finish_upload(int fd, struct connection *connection) {
  struct frame *frame = connection->frame;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  frame->part_head_bytes = (size_t)snprintf(
      frame->part_head, sizeof frame->part_head,
      "Content-Type: image/jpeg\r\nContent-Length: %zu\r\nX-Timestamp: %lld.%06ld\r\n\r\n", frame->jpeg_bytes,
      (long long)now.tv_sec, now.tv_nsec / 1000);
  fan_out(frame);
  release(frame);
  connection->frame = NULL;
  connection->role = REQUEST_HEAD;
  connection->have = 0;
  if (write(fd, upload_answer, sizeof upload_answer - 1) < 0) drop(fd);
}

// True while the connection stands and there may be more to read.
static int read_body(int fd, struct connection *connection) {
  struct frame *frame = connection->frame;
  ssize_t count = read(fd, frame->jpeg + connection->have, frame->jpeg_bytes - connection->have);
  if (count <= 0) {
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) drop(fd);
    return 0;
  }
  connection->have += (size_t)count;
  if (connection->have == frame->jpeg_bytes) finish_upload(fd, connection);
  return connections[fd] != NULL;
}

static int begin_viewer(int fd, struct connection *connection) {
  if (write(fd, stream_head, sizeof stream_head - 1) != (ssize_t)(sizeof stream_head - 1)) {
    drop(fd);
    return 0;
  }
  free(connection->head);
  connection->head = NULL;
  connection->role = VIEWER;
  connection->viewer_index = viewer_count;
  viewers[viewer_count++] = fd;
  return 1;
}

// True while the connection stands and there may be more to read.
static int read_head(int fd, struct connection *connection) {
  ssize_t count = read(fd, connection->head + connection->have, HEAD_BYTES - 1 - connection->have);
  if (count <= 0) {
    if (count == 0 || (errno != EAGAIN && errno != EINTR)) drop(fd);
    return 0;
  }
  connection->have += (size_t)count;
  connection->head[connection->have] = 0;
  char *end = strstr(connection->head, "\r\n\r\n");
  if (end == NULL) {
    if (connection->have < HEAD_BYTES - 1) return 1;
    drop(fd);
    return 0;
  }
  if (strncmp(connection->head, "GET ", 4) == 0) return begin_viewer(fd, connection);

  char *length = strcasestr(connection->head, "\r\nContent-Length:");
  long bytes = length != NULL && length < end ? strtol(length + 17, NULL, 10) : 0;
  size_t early = connection->have - (size_t)(end + 4 - connection->head);
  if (bytes <= 0 || bytes > MAX_FRAME_BYTES || early > (size_t)bytes) {
    drop(fd);
    return 0;
  }
  struct frame *frame = malloc(sizeof *frame + (size_t)bytes);
  if (frame == NULL) fail("malloc");
  frame->holders = 1;
  frame->jpeg_bytes = (size_t)bytes;
  memcpy(frame->jpeg, end + 4, early);
  connection->frame = frame;
  connection->role = UPLOAD_BODY;
  connection->have = early;
  if (early == (size_t)bytes) finish_upload(fd, connection);
  return connections[fd] != NULL;
}

static void serve(int fd, unsigned events) {
  struct connection *connection = connections[fd];
  if (connection->role == VIEWER) {
    char ignored[512];
    if (events & (EPOLLERR | EPOLLHUP)) {
      drop(fd);
    } else if ((events & EPOLLIN) && read(fd, ignored, sizeof ignored) == 0) {
      drop(fd);
    } else if ((events & EPOLLOUT) && connection->frame != NULL) {
      if (!write_part(fd, connection)) {
        drop(fd);
      } else if (connection->frame == NULL) {
        watch(fd, EPOLL_CTL_MOD, EPOLLIN);
      }
    }
    return;
  }
  int more = 1;
  while (more) {
    switch (connection->role) {
      case REQUEST_HEAD: more = read_head(fd, connection); break;
      case UPLOAD_BODY: more = read_body(fd, connection); break;
      case VIEWER: more = 0; break;
    }
  }
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    if (fd >= MAX_DESCRIPTORS) {
      close(fd);
      continue;
    }
    connections[fd] = allocate(sizeof *connections[fd]);
    connections[fd]->head = allocate(HEAD_BYTES);
    watch(fd, EPOLL_CTL_ADD, EPOLLIN);
  }
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)port)};
  socklen_t length = sizeof address;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) fail("socket");
  // Accepted sockets inherit it, as the relay's do.
  if (setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
  if (listen(listener, 4096) != 0) fail("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) fail("getsockname");
  fprintf(stderr, "listening url=http://127.0.0.1:%d\n", ntohs(address.sin_port));
  return listener;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  poller = epoll_create1(EPOLL_CLOEXEC);
  if (poller < 0) fail("epoll_create1");
  int listener = listen_on(argc > 1 ? atoi(argv[1]) : 0);
  watch(listener, EPOLL_CTL_ADD, EPOLLIN);
  for (;;) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(poller, events, EVENTS, -1);
    for (int index = 0; index < count; index++) {
      int fd = events[index].data.fd;
      if (fd == listener) {
        accept_all(listener);
      } else if (connections[fd] != NULL) {
        serve(fd, events[index].events);
      }
    }
  }
}
