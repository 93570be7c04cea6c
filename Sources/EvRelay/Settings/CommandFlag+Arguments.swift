// SPDX-License-Identifier: MIT
import ArgumentParser

// Values are taken verbatim ("unconditional"), so that a remark may begin with a dash.
extension Option {
    init(flag: CommandFlag) where Value == String {
        self.init(name: .customLong(flag.name), parsing: .unconditional, help: flag.argumentHelp)
    }

    init(flag: CommandFlag) where Value == String? {
        self.init(name: .customLong(flag.name), parsing: .unconditional, help: flag.argumentHelp)
    }

    init(wrappedValue: [String], flag: CommandFlag) where Value == [String] {
        self.init(
            wrappedValue: wrappedValue, name: .customLong(flag.name), parsing: .unconditionalSingleValue,
            help: flag.argumentHelp)
    }

    /// Creates a repeatable option that needs at least one value.
    init(flag: CommandFlag) where Value == [String] {
        self.init(name: .customLong(flag.name), parsing: .unconditionalSingleValue, help: flag.argumentHelp)
    }
}

extension Flag where Value == Bool {
    init(wrappedValue: Bool, flag: CommandFlag) {
        self.init(wrappedValue: wrappedValue, name: .customLong(flag.name), help: flag.argumentHelp)
    }
}

extension CommandFlag {
    /// Creates a flag of a single command, without an environment variable.
    init(_ name: String, _ valueName: String?, _ summary: String) {
        self.init(name: name, valueName: valueName, variable: nil, summary: summary)
    }

    fileprivate var argumentHelp: ArgumentHelp {
        var help = ArgumentHelp(stringLiteral: help)
        help.valueName = valueName
        return help
    }
}
