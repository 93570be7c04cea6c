# SPDX-License-Identifier: MIT
"""Malformed and odd requests: a name, the bytes, the answers that are right, and whether the connection must end.

`CLOSE` among the answers means that the connection may also just end, as for bytes that are no HTTP at all.
"""

import dataclasses

CLOSE = "close"
BEHIND = b"GET /cameras HTTP/1.1\r\nHost: localhost\r\n\r\n"


@dataclasses.dataclass(frozen=True)
class Hostile:
    name: str
    data: bytes
    answers: tuple
    must_end: bool = True


def _line(name: str, line: bytes, *answers) -> Hostile:
    return Hostile(f"line: {name}", line + b"\r\nHost: localhost\r\n\r\n" + BEHIND, answers or (400,))


def _target(name: str, target: bytes, *answers, must_end: bool = False) -> Hostile:
    data = b"GET " + target + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    return Hostile(f"target: {name}", data, answers or (400,), must_end)


def _head(name: str, fields: bytes, *answers) -> Hostile:
    return Hostile(f"head: {name}", b"GET /healthz HTTP/1.1\r\n" + fields + b"\r\n\r\n" + BEHIND, answers or (400,))


def _length(name: str, fields: bytes, *answers, body: bytes = b"") -> Hostile:
    """How long a body is: what one server reads as a body, another must not read as a request."""
    data = b"POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\n" + fields + b"\r\n\r\n"
    return Hostile(f"length: {name}", data + body + BEHIND, answers or (400,))


def _body(name: str, method: bytes, target: bytes, *answers) -> Hostile:
    data = b"%b %b HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % (method, target, len(BEHIND))
    return Hostile(f"body: {name}", data + BEHIND, answers or (400,))


def _chunks(name: str, chunks: bytes, *answers) -> Hostile:
    data = (b"POST /upload/attic HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/x-mixed-replace; boundary=x\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    return Hostile(f"chunks: {name}", data + chunks, answers or (400,))


def _parts(name: str, body: bytes, *answers, content_type: bytes = b"multipart/x-mixed-replace; boundary=x") -> Hostile:
    kind = b"Content-Type: " + content_type + b"\r\n" if content_type else b""
    data = b"POST /upload/attic HTTP/1.1\r\nHost: localhost\r\n" + kind + b"Content-Length: %d\r\n\r\n" % len(body)
    return Hostile(f"parts: {name}", data + body, answers or (400,))


def _upload(name: str, target: bytes, fields: bytes, body: bytes, *answers) -> Hostile:
    data = b"POST %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%b\r\nContent-Length: %d\r\n\r\n" % (
        target, fields, len(body))
    return Hostile(f"upload: {name}", data + body, answers, must_end=False)


_LINES = [
    _line("no version", b"GET /healthz", 400, 505),
    _line("version 0.9", b"GET /healthz HTTP/0.9", 400, 505),
    _line("version 2.0", b"GET /healthz HTTP/2.0", 505),
    _line("version 9.9", b"GET /healthz HTTP/9.9", 505),
    _line("version without minor", b"GET /healthz HTTP/1", 400, 505),
    _line("version with an empty minor", b"GET /healthz HTTP/1.", 400, 505),
    _line("version without a dot", b"GET /healthz HTTP/11", 400, 505),
    _line("version with a letter", b"GET /healthz HTTP/1.1x", 400, 505),
    _line("version with two digits", b"GET /healthz HTTP/01.1", 400, 505),
    _line("version in small letters", b"GET /healthz http/1.1", 400, 505),
    _line("another protocol", b"GET /healthz ICY/1.1", 400, 505),
    _line("HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n", 400, 505),
    _line("two blanks", b"GET  /healthz HTTP/1.1"),
    _line("two blanks before the version", b"GET /healthz  HTTP/1.1"),
    _line("a word too many", b"GET /healthz HTTP/1.1 again"),
    _line("a blank first", b" GET /healthz HTTP/1.1"),
    _line("a blank last", b"GET /healthz HTTP/1.1 "),
    _line("tabs", b"GET\t/healthz\tHTTP/1.1"),
    _line("only a method", b"GET"),
    _line("an empty method", b" /healthz HTTP/1.1"),
    _line("a method with a colon", b"GET: /healthz HTTP/1.1", 400, 501),
    _line("CONNECT", b"CONNECT example.org:443 HTTP/1.1", 400, 405, 501),
    _line("folded", b"GET /healthz\r\n HTTP/1.1"),
    _line("folded behind the version", b"GET /healthz HTTP/1.1\r\n folded: x"),
    _line("a bare LF", b"GET /healthz HTTP/1.1\nX: y"),
    _line("a bare CR", b"GET /healthz HTTP/1.1\rX: y"),
    _line("a NUL", b"GET /healthz\0 HTTP/1.1"),
]
# Whole and clear requests: each gets its answer, and the connection may go on.
_ODD = [Hostile(f"line: {name}", data + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n", answers, must_end=False)
        for name, data, answers in (
            ("an empty line first", b"\r\nGET /healthz HTTP/1.1", (200, 400)),
            ("a method in small letters", b"get /healthz HTTP/1.1", (400, 501)),
            ("an unknown method", b"BREW /healthz HTTP/1.1", (501,)),
            ("a method of 5000 letters", b"G" * 5000 + b" /healthz HTTP/1.1", (400, 431, 501)))]
_TARGETS = [
    _target("NUL encoded", b"/healthz%00", must_end=True),
    _target("NUL encoded in a name", b"/stream/a%00b", must_end=True),
    _target("a control character", b"/heal\x01thz", must_end=True),
    _target("DEL", b"/healthz\x7f", must_end=True),
    _target("raw bytes above ASCII", "/stream/дверь".encode(), must_end=True),
    _target("no slash", b"healthz", must_end=True),
    _target("asterisk", b"*", must_end=True),
    _target("authority", b"localhost:80", must_end=True),
    _target("half an escape", b"/healthz%4", 400),
    _target("no escape", b"/healthz%zz", 400),
    _target("an escape alone", b"/%", 400),
    _target("9000 letters", b"/" + b"x" * 9000, 431, must_end=True),
    _target("dots to the root", b"/../../../../etc/passwd", 400, 404),
    _target("dots below a folder", b"/js/../../../etc/passwd", 400, 404),
    _target("encoded dots", b"/js/%2e%2e/%2e%2e/etc/passwd", 400, 404),
    _target("encoded slashes", b"/js/..%2f..%2fetc%2fpasswd", 400, 404),
    _target("backslashes", b"/js/..\\..\\etc\\passwd", 400, 404),
    _target("two slashes first", b"//etc/passwd", 400, 404),
    _target("a folder", b"/js/", 400, 404),
    _target("a name that begins with a dot", b"/snapshot/.hidden", 400),
    _target("a name of 65 characters", b"/stream/" + b"x" * 65, 400),
    _target("an encoded slash in a name", b"/stream/a%2Fb", 400, 404),
    _target("an encoded line end in a name", b"/stream/a%0D%0AX-Evil:%20yes", 400),
    _target("a name in a wrong alphabet", b"/cameras/%D0%B4%D0%B2%D0%B5%D1%80%D1%8C", 400),
    _target("deeper than a name", b"/stream/a/b", 400, 404),
    *[_target(query, b"/stream?" + query.encode(), 400) for query in (
        "fps=0", "fps=-1", "fps=fast", "fps=1001", "fps=0.001", "fps=", "fps=1e400", "fps=nan", "frames=0", "frames=-1",
        "frames=1.5", "frames=1000000001", "frames=99999999999999999999", "frames=0x10", "advance_headers=2",
        "advance_headers=yes")],
    *[_target(query, b"/snapshot?" + query.encode(), 400) for query in (
        "after=x", "after=-1", "after=99999999999999999999", "max_age=-1", "max_age=soon")],
    _target("an unknown action", b"/?action=command&value=1", 404),
    _target("an action for no camera", b"/?action=snapshot_99999999999999999999", 400, 404),
]
_HEADS = [
    _head("no Host", b"X: y"),
    _head("two Hosts", b"Host: a\r\nHost: b"),
    _head("no colon", b"Host: localhost\r\nnonsense"),
    _head("an empty name", b"Host: localhost\r\n: value"),
    _head("a blank before the colon", b"Host : localhost"),
    _head("a tab before the colon", b"Host: localhost\r\nX\t: y"),
    _head("a blank in a name", b"Host: localhost\r\nX Y: z"),
    _head("a bracket in a name", b"Host: localhost\r\nX(: z"),
    _head("a name above ASCII", "Host: localhost\r\nИмя: z".encode()),
    _head("a blank before the first name", b" Host: localhost"),
    _head("folded", b"Host: localhost\r\nX: y\r\n z"),
    _head("folded by a tab", b"Host: localhost\r\nX: y\r\n\tz"),
    _head("bare LF line ends", b"Host: localhost\nX: y\nZ: a"),
    _head("a bare CR in a value", b"Host: localhost\r\nX: y\rz"),
    _head("a NUL in a value", b"Host: localhost\r\nX: y\0z"),
    _head("a control character in a value", b"Host: localhost\r\nX: y\x02z"),
    _head("a DEL in a value", b"Host: localhost\r\nX: y\x7fz"),
    _head("an unusable Host", b"Host: a b"),
    _head("65 fields", b"Host: localhost\r\n" + b"\r\n".join(b"X-%d: y" % i for i in range(64)), 431),
    _head("a value of 9000 bytes", b"Host: localhost\r\nX: " + b"y" * 9000, 431),
    _head("a name of 9000 bytes", b"Host: localhost\r\n" + b"X" * 9000 + b": y", 431),
    Hostile("head: ends by LF LF", b"GET /healthz HTTP/1.1\nHost: localhost\n\n" + BEHIND, (400,)),
    Hostile("head: ends by CRLF LF", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\n\r\n\r\n", (400,)),
    _length("an unknown Expect", b"Content-Length: 3\r\nExpect: 200-ok", 417),
]
_LENGTHS = [
    _length("none", b"X: y", 411),
    _length("two that differ", b"Content-Length: 3\r\nContent-Length: 4", body=b"abc"),
    _length("two that agree", b"Content-Length: 3\r\nContent-Length: 3", body=b"abc"),
    *[_length(value.decode(), b"Content-Length: " + value, body=b"abc") for value in (
        b"+3", b"-3", b"0x3", b"3,3", b"3;", b"3 3", b"three", b"3.0", b"'3'", b"3e0")],
    _length("empty", b"Content-Length: ", body=b"abc"),
    _length("beyond 64 bits", b"Content-Length: 99999999999999999999", 400, 413),
    _length("2^63", b"Content-Length: 9223372036854775808", 400, 413),
    _length("wraps to 3", b"Content-Length: 18446744073709551619", 400, 413),
    _length("in a folded line", b"Content-Length:\r\n 3", body=b"abc"),
    _length("both length and chunks", b"Content-Length: 3\r\nTransfer-Encoding: chunked", body=b"0\r\n\r\n"),
    _length("both, the other way round", b"Transfer-Encoding: chunked\r\nContent-Length: 3", body=b"0\r\n\r\n"),
    _length("chunks for one frame", b"Transfer-Encoding: chunked", 400, 411, body=b"0\r\n\r\n"),
    *[_length(f"coding {value.decode()}", b"Transfer-Encoding: " + value, 400, 411, 501, body=b"0\r\n\r\n")
      for value in (b"gzip", b"gzip, chunked", b"chunked, gzip", b"chunked, chunked", b"identity", b"xchunked",
                    b"chunked;x", b"\x0bchunked", b",chunked", b"\"chunked\"")],
    _length("two codings", b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", 400, 411, 501,
            body=b"0\r\n\r\n"),
    _length("a blank before the colon", b"Content-Length : 3", body=b"abc"),
    Hostile("length: chunks in HTTP/1.0", b"POST /upload HTTP/1.0\r\nContent-Type: image/jpeg\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + BEHIND, (400, 411)),
    # A body where none belongs: refused, or answered unread; but nothing of it may be taken for a request.
    _body("of a GET", b"GET", b"/healthz", 200, 400),
    _body("of a HEAD", b"HEAD", b"/healthz", 200, 400),
    _body("of a DELETE", b"DELETE", b"/healthz", 400, 405),
    _body("of an OPTIONS", b"OPTIONS", b"/upload", 204, 400),
    _body("of a GET for a stream", b"GET", b"/stream"),
    Hostile("body: chunked, of a GET", b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\n" + BEHIND, (200, 400, 411)),
]
_PART = b"--x\r\nContent-Type: image/jpeg\r\n"
_CHUNKS = [
    *[_chunks(f"size {size!r}", size + b"\r\n" + _PART[:5] + b"\r\n0\r\n\r\n", 400) for size in (
        b"0x5", b"+5", b"-5", b" 5", b"5 junk", b"", b"zz", b"5\x00", b"123456789", b"FFFFFFFFFFFFFFFF", b"5\n5")],
    _chunks("no line end behind a chunk", b"5\r\n--x\r\nXX0\r\n\r\n"),
    _chunks("a size line without end", b"5;" + b"x" * 20000, 400, 431),
    _chunks("bare LF", b"5\n--x\r\n\n0\n\n"),
    _chunks("no part at all", b"0\r\n\r\n", 400),
]
_PARTS = [
    _parts("no delimiter", b"nonsense without any delimiter\r\n\r\n"),
    _parts("another delimiter", b"--y\r\n\r\nabc\r\n--y--"),
    _parts("a head without colon", b"--x\r\nnonsense\r\n\r\nabc\r\n--x--"),
    _parts("a head of 20000 bytes", b"--x\r\nX: " + b"y" * 20000 + b"\r\n\r\nabc\r\n--x--", 400, 431),
    _parts("a length with a sign", _PART + b"Content-Length: +3\r\n\r\nabc\r\n--x--"),
    _parts("two lengths", _PART + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc\r\n--x--"),
    _parts("a length that is wrong", _PART + b"Content-Length: 2\r\n\r\nabcdef\r\n--x--", 400, 422),
    _parts("a length beyond the limit", _PART + b"Content-Length: 9999999999\r\n\r\nabc\r\n--x--", 413),
    _parts("no JPEG", _PART + b"Content-Length: 3\r\n\r\nabc\r\n--x--", 422),
    _parts("no JPEG, and no length", _PART + b"\r\nabc\r\n--x--", 422),
    _parts("an empty part", _PART + b"Content-Length: 0\r\n\r\n\r\n--x--", 400, 422),
    _parts("of another type", b"--x\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\nabc\r\n--x--",
           400, 415, 422),
    _parts("cut in the middle", _PART + b"Content-Length: 300\r\n\r\nabc", 400, 422),
    *[_parts(f"boundary {kind!r}", _PART + b"Content-Length: 3\r\n\r\nabc\r\n--x--", 400, 415, 422,
             content_type=b"multipart/x-mixed-replace" + kind)
      for kind in (b"", b"; boundary=", b"; boundary=\"", b"; boundary=" + b"x" * 71, b"; boundary=a\x01b")],
    _parts("of a form", b"--x\r\n\r\nabc\r\n--x--", 415, content_type=b"multipart/form-data; boundary=x"),
    _parts("no type and no delimiter", b"abcdef", 400, 415, content_type=b""),
]
_UPLOADS = [
    _upload("nothing", b"/upload", b"Content-Type: image/jpeg", b"", 400, 422),
    _upload("no JPEG", b"/upload", b"Content-Type: image/jpeg", b"nonsense", 422),
    _upload("half a JPEG", b"/upload", b"Content-Type: image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF", 422),
    _upload("plain text", b"/upload", b"Content-Type: text/plain", b"abc", 415),
    _upload("compressed", b"/upload", b"Content-Type: image/jpeg\r\nContent-Encoding: gzip", b"abc", 415),
    _upload("two types", b"/upload", b"Content-Type: image/jpeg\r\nContent-Type: text/plain", b"abc",
            400, 415, 422),
    _upload("from a foreign page", b"/upload", b"Content-Type: image/jpeg\r\nOrigin: https://elsewhere.example",
            b"abc", 403),
    _upload("from no page in particular", b"/upload", b"Content-Type: image/jpeg\r\nOrigin: null", b"abc", 403),
    _upload("through a proxy", b"/upload", b"Content-Type: image/jpeg\r\nX-Forwarded-For: 192.0.2.1", b"abc", 403),
    _upload("through a newer proxy", b"/upload", b"Content-Type: image/jpeg\r\nForwarded: for=192.0.2.1", b"abc", 403),
    _upload("a hidden name", b"/upload/.hidden", b"Content-Type: image/jpeg", b"abc", 400),
    _upload("to the stream", b"/stream", b"Content-Type: image/jpeg", b"abc", 405),
    _upload("to a page", b"/camera", b"Content-Type: image/jpeg", b"abc", 405),
    _upload("to nothing", b"/nothing", b"Content-Type: image/jpeg", b"abc", 404, 405),
]
_OTHERS = [Hostile(f"not HTTP: {name}", data, (400, 501, 505, CLOSE)) for name, data in (
    ("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) + b"\r\n\r\n"),
    ("SSH", b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n"), ("SMTP", b"EHLO relay\r\n\r\n"),
    ("a RESP command", b"*1\r\n$4\r\nPING\r\n\r\n"),
    ("zeros", bytes(4096) + b"\r\n\r\n"), ("all bits", b"\xff" * 4096 + b"\r\n\r\n"), ("line ends", b"\r\n" * 2000),
    ("a JPEG", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\r\n\r\n"),
    ("a WebSocket frame", b"\x82\xfe\x00\x80" + b"x" * 128 + b"\r\n\r\n"),
)]

HOSTILE = [*_LINES, *_ODD, *_TARGETS, *_HEADS, *_LENGTHS, *_CHUNKS, *_PARTS, *_UPLOADS, *_OTHERS]
