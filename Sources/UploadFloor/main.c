// SPDX-License-Identifier: MIT
//
// The floor that the relay's uploads are measured against: a bare evhttp server on one thread that throws the body away
// and answers 200. What it costs a request is what libevent and the kernel cost.
//
//   uploadfloor [PORT]     serves on 127.0.0.1, by default on a free port, and prints url=http://127.0.0.1:PORT
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

static void answer(struct evhttp_request *request, void *context) {
  (void)context;
  struct evbuffer *body = evhttp_request_get_input_buffer(request);
  evbuffer_drain(body, evbuffer_get_length(body));
  struct evbuffer *reply = evbuffer_new();
  if (reply == NULL) {
    evhttp_send_error(request, HTTP_INTERNAL, NULL);
    return;
  }
  evbuffer_add(reply, "{}", 2);
  evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", "application/json");
  evhttp_send_reply(request, HTTP_OK, "OK", reply);
  evbuffer_free(reply);
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  struct event_base *base = event_base_new();
  struct evhttp *server = base != NULL ? evhttp_new(base) : NULL;
  if (server == NULL) {
    fputs("uploadfloor: no event_base or evhttp\n", stderr);
    return 1;
  }
  evhttp_set_allowed_methods(server, EVHTTP_REQ_POST | EVHTTP_REQ_PUT);
  evhttp_set_gencb(server, answer, NULL);
  struct evhttp_bound_socket *bound =
      evhttp_bind_socket_with_handle(server, "127.0.0.1", (ev_uint16_t)(argc > 1 ? atoi(argv[1]) : 0));
  struct sockaddr_in address;
  socklen_t length = sizeof address;
  if (bound == NULL ||
      getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &length) != 0) {
    perror("uploadfloor: bind");
    return 1;
  }
  fprintf(stderr, "listening url=http://127.0.0.1:%d\n", ntohs(address.sin_port));
  event_base_dispatch(base);
  evhttp_free(server);
  event_base_free(base);
  return 0;
}
