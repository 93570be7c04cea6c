// swift-tools-version: 6.3
// SPDX-License-Identifier: MIT
import PackageDescription

/// How every target is built.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    // Unsafe constructs must be marked `unsafe` (SE-0458), and `make lint` allows the word in System, Crypto and LibEvent
    // only: together they keep pointers out of everything else.
    .strictMemorySafety(),
    // A warning is a mistake or a matter for a comment.
    .treatAllWarnings(as: .error),
    // `any` is written out where a value is boxed (SE-0335).
    .enableUpcomingFeature("ExistentialAny"),
    // An import is private to its file's module unless it says `public` (SE-0409): a module's API shows what it leaks.
    .enableUpcomingFeature("InternalImportsByDefault"),
    // Members come only from modules the file itself imports (SE-0444).
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The README of a target and those of its rooms: SwiftPM warns of files that are neither sources nor excluded.
func readmes(_ rooms: String...) -> [String] {
    ["README.md"] + rooms.map { "\($0)/README.md" }
}

let package = Package(
    name: "evrelay",
    products: [
        .executable(name: "evrelay", targets: ["EvRelay"]),
        .executable(name: "relayload", targets: ["RelayLoad"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        // The C libraries: a module map each, which links what is needed. "libevent_core" alone, since libevent_openssl
        // and libevent_pthreads would add -levent, and with it a second copy of the core.
        .systemLibrary(name: "CSystem"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLibEvent", pkgConfig: "libevent_core", providers: [.apt(["libevent-dev"])]),
        .systemLibrary(name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),

        // From the bottom to the top: each may import those above it in this list, as far as its dependencies say.
        .target(
            name: "System", dependencies: ["CQREncode", "CSystem"],
            exclude: readmes("Files", "Processes", "Sockets"),
            swiftSettings: settings),
        .target(
            name: "WireFormat",
            exclude: readmes("HTTP", "JPEG", "JSON", "Metrics", "Multipart", "Values", "WebSocket"),
            swiftSettings: settings),
        .target(
            name: "Crypto", dependencies: ["COpenSSL", "System", "WireFormat"],
            exclude: readmes("Digests", "TLS"),
            swiftSettings: settings),
        .target(
            name: "LibEvent", dependencies: ["CLibEvent", "COpenSSL", "CSystem", "Crypto", "System", "WireFormat"],
            exclude: readmes("Bytes", "Client", "HTTP", "Loop"),
            swiftSettings: settings),
        .target(
            name: "Cameras", dependencies: ["LibEvent", "System", "WireFormat"],
            exclude: readmes("Frames", "Hub", "Sinks", "Sources"),
            swiftSettings: settings),
        .executableTarget(
            name: "EvRelay",
            dependencies: [
                "Cameras", "Crypto", "LibEvent", "System", "WireFormat",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: readmes(
                "Access", "Certificates", "Commands", "Doctor", "Doctor/Judging", "Echo", "Handover", "Log", "Pages",
                "Probe", "Refusals", "Requests", "Service", "Settings", "Snapshots", "Status", "Streams", "Uploads",
                "Worker"),
            swiftSettings: settings,
            plugins: ["EmbedWeb"]),

        // The pages of web/ become one Swift source file of EvRelay.
        .executableTarget(name: "WebBundler", exclude: readmes(), swiftSettings: settings),
        .plugin(name: "EmbedWeb", capability: .buildTool(), dependencies: ["WebBundler"]),

        // The load tool, and the two C programs it is measured against.
        .executableTarget(
            name: "RelayLoad",
            dependencies: [
                "Crypto", "LibEvent", "System", "WireFormat",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: readmes(),
            swiftSettings: settings),
        .executableTarget(name: "WriteFloor", exclude: readmes()),
        .executableTarget(
            name: "UploadFloor", dependencies: ["CLibEvent"], exclude: readmes(),
            linkerSettings: [.linkedLibrary("event_core"), .linkedLibrary("event_extra")]),

        .target(
            name: "TestSupport", dependencies: ["Cameras", "Crypto", "LibEvent", "System", "WireFormat"],
            path: "Tests/TestSupport",
            swiftSettings: settings),
        .testTarget(name: "WireFormatTests", dependencies: ["WireFormat", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "SystemTests", dependencies: ["CSystem", "System", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "CryptoTests", dependencies: ["COpenSSL", "Crypto", "System", "TestSupport", "WireFormat"],
            swiftSettings: settings),
        .testTarget(
            name: "LibEventTests",
            dependencies: ["COpenSSL", "CSystem", "Crypto", "LibEvent", "System", "TestSupport", "WireFormat"],
            swiftSettings: settings),
        .testTarget(
            name: "CamerasTests", dependencies: ["Cameras", "LibEvent", "System", "TestSupport", "WireFormat"],
            swiftSettings: settings),
        .testTarget(
            name: "EvRelayTests",
            dependencies: [
                "Cameras", "Crypto", "EvRelay", "LibEvent", "System", "TestSupport", "WebBundler", "WireFormat",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "Cameras", "Crypto", "EvRelay", "LibEvent", "System", "TestSupport", "WireFormat",
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "RelayLoadTests", dependencies: ["RelayLoad", "LibEvent", "System", "TestSupport", "WireFormat"],
            swiftSettings: settings),
    ]
)
