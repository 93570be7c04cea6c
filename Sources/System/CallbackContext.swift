// SPDX-License-Identifier: MIT

/// Carries a Swift object through the `void *` argument of a C callback.
///
/// The pointer does not keep the object alive: its owner must free the C object, and so end its callbacks, before the
/// Swift object is released. Every user of `pointer(to:)` does that in `close()` or `deinit`.
public enum CallbackContext {
    /// Returns the pointer to hand to the C function.
    public static func pointer(to object: AnyObject) -> UnsafeMutableRawPointer {
        unsafe Unmanaged.passUnretained(object).toOpaque()
    }

    /// Returns the object that `pointer` refers to. The pointer must come from `pointer(to:)` of an object of this
    /// class.
    public static func object<Object: AnyObject>(_ pointer: UnsafeMutableRawPointer, as type: Object.Type) -> Object {
        unsafe Unmanaged<Object>.fromOpaque(pointer).takeUnretainedValue()
    }
}
