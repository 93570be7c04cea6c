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

#include <linux/memfd.h>
#include <linux/tls.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <malloc.h>
#include <pthread.h>
#include <qrencode.h>
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

// Macros of OpenSSL, and a setter that takes a function pointer of no particular type.

// No compression, no renegotiation; the server chooses the cipher, but for clients that put ChaCha first since they lack
// AES in hardware; a connection cut without goodbye has ended, which is no error.
static inline uint64_t evrelay_server_options(void) {
  return SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE |
         SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF;
}

static inline void evrelay_set_server_name_callback(
    SSL_CTX *context, int (*choose)(SSL *connection, int *alert, void *argument), void *argument) {
  SSL_CTX_set_tlsext_servername_callback(context, choose);
  SSL_CTX_set_tlsext_servername_arg(context, argument);
}

// The DNS name in the `index`-th alternative name; NULL for names of another kind. It belongs to `names`.
static inline const ASN1_STRING *evrelay_dns_name(const GENERAL_NAMES *names, int index) {
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  return name->type == GEN_DNS ? name->d.dNSName : NULL;
}

// The bytes of the address in the `index`-th alternative name; NULL for names of another kind.
static inline const ASN1_STRING *evrelay_ip_address(const GENERAL_NAMES *names, int index) {
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  return name->type == GEN_IPADD ? name->d.iPAddress : NULL;
}

static inline int evrelay_name_count(const GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}

// What OpenSSL gives a BIO that encrypts by itself, which is meant for the kernel's TLS: the structures of linux/tls.h.
// Writes the key (16 or 32 bytes), the fixed initialization vector and the number of the next record, and answers the
// key's size; 0 for anything but AES-GCM in TLS 1.3.
static inline size_t evrelay_record_keys(
    const void *info, unsigned char key[32], unsigned char vector[12], unsigned char sequence[8]) {
  const struct tls_crypto_info *kind = (const struct tls_crypto_info *)info;
  if (kind->version != TLS_1_3_VERSION) return 0;
  if (kind->cipher_type == TLS_CIPHER_AES_GCM_128) {
    const struct tls12_crypto_info_aes_gcm_128 *keys = (const struct tls12_crypto_info_aes_gcm_128 *)info;
    memcpy(key, keys->key, 16);
    memcpy(vector, keys->salt, 4);
    memcpy(vector + 4, keys->iv, 8);
    memcpy(sequence, keys->rec_seq, 8);
    return 16;
  }
  if (kind->cipher_type == TLS_CIPHER_AES_GCM_256) {
    const struct tls12_crypto_info_aes_gcm_256 *keys = (const struct tls12_crypto_info_aes_gcm_256 *)info;
    memcpy(key, keys->key, 32);
    memcpy(vector, keys->salt, 4);
    memcpy(vector + 4, keys->iv, 8);
    memcpy(sequence, keys->rec_seq, 8);
    return 32;
  }
  return 0;
}

// The options that turn a BIO's own encryption on.
static inline uint64_t evrelay_own_records_option(void) { return SSL_OP_ENABLE_KTLS; }

#endif
