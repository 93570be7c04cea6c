// SPDX-License-Identifier: MIT
import Cameras
import LibEvent
import TestSupport
import Testing

@testable import EvRelay

@Suite struct CameraStateTests {
    @Test func `a camera that stops sending is stale, then offline, then forgotten`() throws {
        try withRelay({
            $0.ages.stale = .milliseconds(200)
            $0.ages.offline = .milliseconds(600)
            $0.ages.forget = .milliseconds(1_500)
        }) { relay in
            let client = try relay.connect()
            func state() throws -> String? {
                let answer = try client.request("GET", "/cameras/door")
                return answer.status == 404 ? "forgotten" : try answer.json()["state"]?.string
            }
            let first = try client.publish(JPEGSamples.grey, to: "door")
            #expect(try state() == "live")
            try eventually("the camera is stale") { try state() == "stale" }
            // The next frame makes it live again.
            #expect(try client.publish(JPEGSamples.grey, to: "door") == first + 1)
            #expect(try state() == "live")
            try eventually("the camera is offline") { try state() == "offline" }
            // Its latest frame is still served.
            #expect(try client.request("GET", "/snapshot/door").body == JPEGSamples.grey)
            try eventually("the camera is forgotten") { try state() == "forgotten" }
            #expect(try client.request("GET", "/cameras").json()["cameras"] == .array([]))
            #expect(try client.request("GET", "/snapshot/door").status == 404)
            #expect(relay.ledger.usedBytes == 0)
            #expect(relay.log.count("camera forgotten", ["camera.id=door"]) == 1)
            // Sequences keep growing for clients that remember the last one.
            #expect(try client.publish(JPEGSamples.grey, to: "door") > first + 1)
        }
    }

    @Test func `a camera that somebody watches is not forgotten`() throws {
        try withRelay({
            $0.ages.stale = .milliseconds(50)
            $0.ages.offline = .milliseconds(100)
            $0.ages.forget = .milliseconds(200)
        }) { relay in
            let client = try relay.connect()
            try client.publish(JPEGSamples.grey, to: "watched")
            try client.publish(JPEGSamples.grey, to: "alone")
            let viewer = try relay.view("/stream/watched")
            #expect(try viewer.part().jpeg == JPEGSamples.grey)
            try eventually("the other is forgotten") { try client.request("GET", "/cameras/alone").status == 404 }
            #expect(try client.request("GET", "/cameras/watched").json()["state"]?.string == "offline")
            try client.publish(JPEGSamples.colour, to: "watched")
            #expect(try viewer.part().jpeg == JPEGSamples.colour)
            viewer.client.close()
            try eventually("this one is forgotten") { try client.request("GET", "/cameras/watched").status == 404 }
        }
    }
}
