// SPDX-License-Identifier: MIT
import Glibc
import System
import Testing

@Suite struct SystemErrorTests {
    @Test func `one line tells operation, subject and reason`() {
        let whole = SystemError("bind", subject: "[::]:30333", code: EADDRINUSE)
        #expect(whole.description == "bind [::]:30333: Address already in use")
        #expect(SystemError("socket", code: EMFILE).description == "socket: Too many open files")
        #expect(SystemError("event_new", subject: "timer").description == "event_new timer failed")
        #expect(SystemError("evhttp_new").description == "evhttp_new failed")
        #expect(SystemError("x", code: 99_999).description.contains("99999"))
    }

    @Test func `an address in use and one that is not there are told apart`() {
        #expect(SystemError("bind", code: EADDRINUSE).isAddressInUse)
        #expect(!SystemError("bind", code: EADDRINUSE).isAddressUnavailable)
        for code in [EAFNOSUPPORT, EADDRNOTAVAIL] {
            #expect(SystemError("bind", code: code).isAddressUnavailable)
            #expect(!SystemError("bind", code: code).isAddressInUse)
        }
        #expect(!SystemError("bind", code: EACCES).isAddressInUse)
        #expect(!SystemError("bind", code: EACCES).isAddressUnavailable)
    }
}
