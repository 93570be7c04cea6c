// SPDX-License-Identifier: MIT
import Glibc
import WireFormat

// Sending straight from the block to a socket.
extension SharedBytes {
    /// Sends `parts`. Returns the number of bytes that the kernel took; 0 on any error, which the loop meets when it
    /// writes the rest.
    func send(_ parts: PartRanges, to descriptor: Int32) -> Int {
        let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
        if parts.count == 1 {
            let bytes = unsafe pointer(to: parts[0])
            return unsafe max(0, Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags))
        }
        return unsafe withUnsafeTemporaryAllocation(of: iovec.self, capacity: parts.count) { vectors in
            for index in 0..<parts.count {
                let bytes = unsafe pointer(to: parts[index])
                // sendmsg only reads from it.
                let base = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                unsafe vectors.initializeElement(at: index, to: iovec(iov_base: base, iov_len: bytes.count))
            }
            var message = unsafe msghdr()
            unsafe message.msg_iov = vectors.baseAddress
            unsafe message.msg_iovlen = vectors.count
            return unsafe max(0, sendmsg(descriptor, &message, flags))
        }
    }
}
