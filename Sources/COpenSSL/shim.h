// SPDX-License-Identifier: MIT
#ifndef EVRELAY_COPENSSL_SHIM_H
#define EVRELAY_COPENSSL_SHIM_H

#include <linux/tls.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

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
