// SPDX-License-Identifier: MIT
import Cameras
import WireFormat

/// The rights and cameras of a key or a link, as typed for a command.
struct RightsAndCameras {
    let rights: Set<Right>
    let cameras: [CameraPattern]

    static let rightsFlag = CommandFlag(
        "rights", "rights", "What it opens: \(Right.accepted); several with commas between.")

    /// - Parameter camerasFlag: named in errors.
    init(rights: String, cameras: [String], _ camerasFlag: CommandFlag) throws {
        do throws(ValueError) {
            self.rights = try Right.list(parsing: rights)
        } catch {
            throw CommandFailure.wrong(Self.rightsFlag, rights, error.reason, accepted: Right.accepted)
        }
        do throws(ValueError) {
            self.cameras = try CameraPattern.list(cameras)
        } catch {
            throw CommandFailure.wrong(
                camerasFlag, cameras.joined(separator: ","), error.reason, accepted: CameraPattern.accepted)
        }
    }
}
