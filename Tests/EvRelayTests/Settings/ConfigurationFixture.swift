// SPDX-License-Identifier: MIT
import ArgumentParser

@testable import EvRelay

/// Returns the configuration that a command line and an environment make on a machine with four cores.
func configuration(_ arguments: String..., environment: [String: String] = [:]) throws -> Configuration {
    // Parsing takes tens of milliseconds in a debug build.
    let typed = arguments.isEmpty ? [:] : try EvRelayCommand.parse(arguments).options.typed
    return try SettingSources(typed: typed, environment: environment).configuration(cores: 4)
}
