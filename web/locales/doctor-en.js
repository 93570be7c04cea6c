// SPDX-License-Identifier: MIT
/** The words of the page itself; what it finds is said by the relay. */
export default {
    "doctor.title": "Connection check",
    "doctor.intro": "What lies between this browser and the relay, measured just now, and what to change.",
    "doctor.measuring": "Measuring…",
    "doctor.jump": "To change",
    "doctor.again": "Measure again",
    "doctor.report": "Copy report",
    "doctor.report.copied": "The report is copied. It holds no addresses of yours and no keys.",
    "doctor.copy": "Copy",
    "doctor.copy.label": "Copy the lines for {program}",
    "doctor.copied": "Copied",
    "doctor.state.checking": "Checking",
    "doctor.state.fine": "Fine",
    "doctor.state.warning": "Warning",
    "doctor.state.problem": "Problem",
    "doctor.state.unavailable": "Not possible here",
    "doctor.camera.try": "Try the camera",

    // The one verdict without the relay.
    "doctor.lost.title": "Relay",
    "doctor.lost": "The relay does not answer.",
    "doctor.lost.status": "The relay gives no findings (status {status}).",
    "doctor.lost.advice": "Look on the server whether it is running, and what it says:",
    "doctor.lost.outcome": "1 thing to change",
    "doctor.unmeasured": "Cannot be measured while the relay does not answer.",
};
