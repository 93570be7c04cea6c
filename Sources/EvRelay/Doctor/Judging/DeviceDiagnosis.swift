// SPDX-License-Identifier: MIT

/// Judges a device on which a page is open: its browser, and the camera that it may use.
enum DeviceDiagnosis {
    /// - Parameter isSecure: true if browsers count the site as a secure context.
    static func judgeSecure(_ isSecure: Bool) -> Finding {
        isSecure ? .ok(.secureFine) : .warn(.secureNo, [:], .secureNoAdvice, .https)
    }

    static func judgeCamera(_ device: DoctorMeasurements.Device) -> Finding {
        guard device.hasCamera else { return .note(device.isSecure ? .cameraMissing : .cameraInsecure) }
        switch device.trial {
        case "works": return .ok(.cameraWorks)
        case "NotFoundError", "OverconstrainedError": return .note(.cameraMissing)
        case "NotAllowedError", "SecurityError": return .warn(.cameraDenied, [:], .cameraDeniedAdvice)
        case _ where device.permission == "denied": return .warn(.cameraDenied, [:], .cameraDeniedAdvice)
        case "": return .ok(device.permission == "granted" ? .cameraGranted : .cameraPrompt)
        default: return .warn(.cameraBusy, [:], .cameraBusyAdvice)
        }
    }

    static func judgeBrowser(_ browser: DoctorMeasurements.Browser) -> Finding {
        guard browser.lacks.isEmpty else {
            return .bad(.browserLacks, ["what": .text(browser.lacks.joined(separator: ", "))], .browserLacksAdvice)
        }
        return browser.staysAwake ? .ok(.browserFine) : .warn(.browserSleepy, [:], .browserSleepyAdvice)
    }
}
