// SPDX-License-Identifier: MIT
import ArgumentParser

// Flags with name, help and placeholder from the table of settings, or from a command's own flag.

extension Setting {
    fileprivate var nameSpecification: NameSpecification { .customLong(name) }

    fileprivate var argumentHelp: ArgumentHelp {
        var help = ArgumentHelp(stringLiteral: help)
        help.valueName = valueName
        return help
    }
}

// Values are taken verbatim ("unconditional"), so that `--threads -5` is refused by its range and not as a "missing
// value".
extension Option {
    init(_ setting: Setting) where Value == String? {
        self.init(name: setting.nameSpecification, parsing: .unconditional, help: setting.argumentHelp)
    }

    init(wrappedValue: [String], _ setting: Setting) where Value == [String] {
        self.init(
            wrappedValue: wrappedValue, name: setting.nameSpecification, parsing: .unconditionalSingleValue,
            help: setting.argumentHelp)
    }
}

extension Option where Value == String? {
    init(_ flag: CommandFlag) {
        var help = ArgumentHelp(stringLiteral: flag.help)
        help.valueName = flag.valueName
        self.init(name: .customLong(flag.name), parsing: .unconditional, help: help)
    }
}

extension Flag where Value == Bool {
    init(wrappedValue: Bool, _ flag: CommandFlag) {
        self.init(
            wrappedValue: wrappedValue, name: .customLong(flag.name), help: ArgumentHelp(stringLiteral: flag.help))
    }

    init(wrappedValue: Bool, _ setting: Setting) {
        self.init(wrappedValue: wrappedValue, name: setting.nameSpecification, help: setting.argumentHelp)
    }
}
