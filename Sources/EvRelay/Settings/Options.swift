// SPDX-License-Identifier: MIT
import ArgumentParser

/// The flags as they were typed, under their titles. `Setting` has their meaning, defaults and ranges.
struct Options: ParsableArguments {
    @OptionGroup var file: SettingsOption
    @Flag(.check) var check = false
    @OptionGroup(title: SettingGroup.listening.rawValue) var listening: Listening
    @OptionGroup(title: SettingGroup.tls.rawValue) var tls: TLS
    @OptionGroup(title: SettingGroup.access.rawValue) var access: Access
    @OptionGroup(title: SettingGroup.limits.rawValue) var limits: Limits
    @OptionGroup(title: SettingGroup.times.rawValue) var times: Times
    @OptionGroup(title: SettingGroup.ages.rawValue) var ages: Ages
    @OptionGroup(title: SettingGroup.operation.rawValue) var operation: Operation

    /// The typed values by the settings' names.
    var typed: [String: [String]] {
        let groups: [any TypedGroup] = [listening, tls, access, limits, times, ages, operation]
        var typed: [String: [String]] = [:]
        for (setting, values) in groups.flatMap(\.typed) { typed[setting.name] = values }
        return typed
    }
}

// Flags that subcommands have, too, each in a group of its own. A flag after a subcommand's name reaches the subcommand
// through the program's own flags if both use the same type, and not at all if only the names are the same.

/// `--config`.
struct SettingsOption: ParsableArguments {
    @Option(.config) var config: String?
}

/// `--listen`.
struct ListenOption: ParsableArguments {
    @Option(.listen) var listen: [String] = []

    var typed: [String: [String]] { [Setting.listen.name: listen] }
}

/// `--tls-listen`.
struct TLSListenOption: ParsableArguments {
    @Option(.tlsListen) var tlsListen: [String] = []

    var typed: [String: [String]] { [Setting.tlsListen.name: tlsListen] }
}

/// `--keys`.
struct KeysOption: ParsableArguments {
    @Option(.keys) var keys: String?

    var typed: [String: [String]] { [Setting.keys.name: keys.asValues] }
}

/// `--token-secret`.
struct TokenSecretOption: ParsableArguments {
    @Option(.tokenSecret) var tokenSecret: String?

    var typed: [String: [String]] { [Setting.tokenSecret.name: tokenSecret.asValues] }
}

/// `--public-url`.
struct PublicURLOption: ParsableArguments {
    @Option(.publicURL) var publicURL: String?

    var typed: [String: [String]] { [Setting.publicURL.name: publicURL.asValues] }
}

/// One titled group of flags.
private protocol TypedGroup {
    /// The settings with their typed values; empty for a flag that was not typed.
    var typed: [(Setting, [String])] { get }
}

extension Options {
    struct Listening: ParsableArguments, TypedGroup {
        @OptionGroup var listen: ListenOption
        @Option(.threads) var threads: String?

        fileprivate var typed: [(Setting, [String])] { [(.listen, listen.listen), (.threads, threads.asValues)] }
    }

    struct TLS: ParsableArguments, TypedGroup {
        @OptionGroup var tlsListen: TLSListenOption
        @Option(.tlsCertificate) var tlsCertificate: [String] = []
        @Option(.tlsKey) var tlsKey: [String] = []
        @Flag(.tlsSelfSigned) var tlsSelfSigned = false
        @Option(.httpsRedirect) var httpsRedirect: String?
        @Option(.hsts) var hsts: String?

        fileprivate var typed: [(Setting, [String])] {
            [
                (.tlsListen, tlsListen.tlsListen),
                (.tlsCertificate, tlsCertificate),
                (.tlsKey, tlsKey),
                (.tlsSelfSigned, tlsSelfSigned.asValues),
                (.httpsRedirect, httpsRedirect.asValues),
                (.hsts, hsts.asValues),
            ]
        }
    }

    struct Access: ParsableArguments, TypedGroup {
        @OptionGroup var keys: KeysOption
        @OptionGroup var tokenSecret: TokenSecretOption
        @Option(.tokenLeeway) var tokenLeeway: String?
        @Flag(.openPublishing) var openPublishing = false
        @Flag(.isPrivate) var isPrivate = false
        @Option(.takeover) var takeover: String?
        @Option(.allowOrigin) var allowOrigin: [String] = []
        @Option(.frameAncestors) var frameAncestors: [String] = []
        @Option(.allowHost) var allowHost: [String] = []
        @Option(.trustedProxy) var trustedProxy: [String] = []
        @OptionGroup var publicURL: PublicURLOption

        fileprivate var typed: [(Setting, [String])] {
            [
                (.keys, keys.keys.asValues),
                (.tokenSecret, tokenSecret.tokenSecret.asValues),
                (.tokenLeeway, tokenLeeway.asValues),
                (.openPublishing, openPublishing.asValues),
                (.isPrivate, isPrivate.asValues),
                (.takeover, takeover.asValues),
                (.allowOrigin, allowOrigin),
                (.frameAncestors, frameAncestors),
                (.allowHost, allowHost),
                (.trustedProxy, trustedProxy),
                (.publicURL, publicURL.publicURL.asValues),
            ]
        }
    }

    struct Limits: ParsableArguments, TypedGroup {
        @Option(.maxConnections) var maxConnections: String?
        @Option(.maxConnectionsPerAddress) var maxConnectionsPerAddress: String?
        @Option(.maxViewers) var maxViewers: String?
        @Option(.maxViewersPerCamera) var maxViewersPerCamera: String?
        @Option(.maxCameras) var maxCameras: String?
        @Option(.maxKeys) var maxKeys: String?
        @Option(.maxKeyFailures) var maxKeyFailures: String?
        @Option(.maxFrameBytes) var maxFrameBytes: String?
        @Option(.frameMemory) var frameMemory: String?
        @Option(.answerMemory) var answerMemory: String?
        @Option(.maxPendingAnswer) var maxPendingAnswer: String?
        @Option(.maxDoctors) var maxDoctors: String?
        @Option(.maxHeaderBytes) var maxHeaderBytes: String?
        @Option(.maxHeaderFields) var maxHeaderFields: String?

        fileprivate var typed: [(Setting, [String])] {
            [
                (.maxConnections, maxConnections.asValues),
                (.maxConnectionsPerAddress, maxConnectionsPerAddress.asValues),
                (.maxViewers, maxViewers.asValues),
                (.maxViewersPerCamera, maxViewersPerCamera.asValues),
                (.maxCameras, maxCameras.asValues),
                (.maxKeys, maxKeys.asValues),
                (.maxKeyFailures, maxKeyFailures.asValues),
                (.maxFrameBytes, maxFrameBytes.asValues),
                (.frameMemory, frameMemory.asValues),
                (.answerMemory, answerMemory.asValues),
                (.maxPendingAnswer, maxPendingAnswer.asValues),
                (.maxDoctors, maxDoctors.asValues),
                (.maxHeaderBytes, maxHeaderBytes.asValues),
                (.maxHeaderFields, maxHeaderFields.asValues),
            ]
        }
    }

    struct Times: ParsableArguments, TypedGroup {
        @Option(.headerTimeout) var headerTimeout: String?
        @Option(.bodyTimeout) var bodyTimeout: String?
        @Option(.idleTimeout) var idleTimeout: String?
        @Option(.stallTimeout) var stallTimeout: String?
        @Option(.drainTimeout) var drainTimeout: String?
        @Option(.keyFailureTime) var keyFailureTime: String?

        fileprivate var typed: [(Setting, [String])] {
            [
                (.headerTimeout, headerTimeout.asValues),
                (.bodyTimeout, bodyTimeout.asValues),
                (.idleTimeout, idleTimeout.asValues),
                (.stallTimeout, stallTimeout.asValues),
                (.drainTimeout, drainTimeout.asValues),
                (.keyFailureTime, keyFailureTime.asValues),
            ]
        }
    }

    struct Ages: ParsableArguments, TypedGroup {
        @Option(.staleAfter) var staleAfter: String?
        @Option(.offlineAfter) var offlineAfter: String?
        @Option(.forgetAfter) var forgetAfter: String?
        @Option(.repeatAfter) var repeatAfter: String?

        fileprivate var typed: [(Setting, [String])] {
            [
                (.staleAfter, staleAfter.asValues),
                (.offlineAfter, offlineAfter.asValues),
                (.forgetAfter, forgetAfter.asValues),
                (.repeatAfter, repeatAfter.asValues),
            ]
        }
    }

    struct Operation: ParsableArguments, TypedGroup {
        @Option(.webRoot) var webRoot: String?
        @Option(.logLevel) var logLevel: String?
        @Option(.logFormat) var logFormat: String?

        fileprivate var typed: [(Setting, [String])] {
            [
                (.webRoot, webRoot.asValues),
                (.logLevel, logLevel.asValues),
                (.logFormat, logFormat.asValues),
            ]
        }
    }
}

extension Bool {
    /// The flag's value as its variable would have it; empty if the flag was not typed.
    fileprivate var asValues: [String] { self ? ["on"] : [] }
}

extension String? {
    fileprivate var asValues: [String] { map { [$0] } ?? [] }
}
