// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing

@Suite struct LibEventErrorTests {
    @Test func `one line tells operation, subject and reason`() {
        let whole = LibEventError("bind", subject: "[::]:30333", code: EADDRINUSE)
        #expect(whole.description == "bind [::]:30333: Address already in use")
        #expect(LibEventError("socket", code: EMFILE).description == "socket: Too many open files")
        #expect(LibEventError("event_new", subject: "timer").description == "event_new timer failed")
        #expect(LibEventError("evhttp_new").description == "evhttp_new failed")
        #expect(LibEventError("x", code: 99_999).description.contains("99999"))
    }

    @Test func `an address in use and one that is not there are told apart`() {
        #expect(LibEventError("bind", code: EADDRINUSE).isAddressInUse)
        #expect(!LibEventError("bind", code: EADDRINUSE).isAddressUnavailable)
        for code in [EAFNOSUPPORT, EADDRNOTAVAIL] {
            #expect(LibEventError("bind", code: code).isAddressUnavailable)
            #expect(!LibEventError("bind", code: code).isAddressInUse)
        }
        #expect(!LibEventError("bind", code: EACCES).isAddressInUse)
        #expect(!LibEventError("bind", code: EACCES).isAddressUnavailable)
    }
}
