# SPDX-License-Identifier: MIT
"""A client of TLS 1.3 that changes its keys more often than anybody does. Python's ssl cannot, so this is libssl."""

import ctypes

_CTRL_SET_MIN_PROTO_VERSION, _TLS_1_3 = 123, 0x0304


def _load(name: str, functions: dict[str, tuple]) -> ctypes.CDLL:
    library = ctypes.CDLL(name)
    for function, (result, *arguments) in functions.items():
        getattr(library, function).restype = result
        getattr(library, function).argtypes = arguments
    return library


_P, _I, _L, _N = ctypes.c_void_p, ctypes.c_int, ctypes.c_long, None
_ssl = _load("libssl.so.3", {
    "TLS_client_method": (_P,), "SSL_CTX_new": (_P, _P), "SSL_CTX_free": (_N, _P), "SSL_new": (_P, _P),
    "SSL_free": (_N, _P), "SSL_set_bio": (_N, _P, _P, _P), "SSL_set_connect_state": (_N, _P),
    "SSL_do_handshake": (_I, _P), "SSL_key_update": (_I, _P, _I), "SSL_write": (_I, _P, ctypes.c_char_p, _I),
    "SSL_CTX_ctrl": (_L, _P, _I, _L, _P)})
_crypto = _load("libcrypto.so.3", {
    "BIO_new": (_P, _P), "BIO_s_mem": (_P,), "BIO_read": (_I, _P, _P, _I), "BIO_write": (_I, _P, ctypes.c_char_p, _I),
    "ERR_clear_error": (_N,)})


class KeyUpdateClient:
    """Knows no sockets: what comes is handed in, and what goes is taken out. Certificates are not looked at."""

    def __init__(self):
        self._context = _ssl.SSL_CTX_new(_ssl.TLS_client_method())
        _ssl.SSL_CTX_ctrl(self._context, _CTRL_SET_MIN_PROTO_VERSION, _TLS_1_3, None)
        self._ssl = _ssl.SSL_new(self._context)
        self._in, self._out = (_crypto.BIO_new(_crypto.BIO_s_mem()) for _ in range(2))
        # They belong to the connection now and are freed with it.
        _ssl.SSL_set_bio(self._ssl, self._in, self._out)
        _ssl.SSL_set_connect_state(self._ssl)
        self._space = ctypes.create_string_buffer(1 << 18)

    def close(self):
        if self._ssl:
            _ssl.SSL_free(self._ssl)
            _ssl.SSL_CTX_free(self._context)
            self._ssl = None

    def incoming(self, data: bytes):
        if data:
            _crypto.BIO_write(self._in, data, len(data))

    def outgoing(self) -> bytes:
        taken = bytearray()
        while (count := _crypto.BIO_read(self._out, self._space, len(self._space))) > 0:
            taken += self._space.raw[:count]
        return bytes(taken)

    def shake_hands(self) -> bool:
        is_over = _ssl.SSL_do_handshake(self._ssl) == 1
        _crypto.ERR_clear_error()
        return is_over

    def write(self, data: bytes):
        if _ssl.SSL_write(self._ssl, data, len(data)) != len(data):
            raise RuntimeError("libssl takes no request")

    def key_updates(self, count: int, asks_back: bool = False) -> bytes:
        """So many records that change this side's keys; `asks_back` asks for the same from the other."""
        for _ in range(count):
            if _ssl.SSL_key_update(self._ssl, int(asks_back)) != 1 or _ssl.SSL_do_handshake(self._ssl) != 1:
                raise RuntimeError("libssl makes no KeyUpdate")
        return self.outgoing()
