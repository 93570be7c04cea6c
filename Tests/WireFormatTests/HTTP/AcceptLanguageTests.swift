// SPDX-License-Identifier: MIT
import Testing
import WireFormat

@Suite struct AcceptLanguageTests {
    @Test(arguments: [
        (String?.none, [String]()), ("", []), ("ru", ["ru"]),
        ("ru-RU, ru;q=0.9, en-US;q=0.8, en;q=0.7", ["ru-RU", "ru", "en-US", "en"]),
        ("en;q=0.5,ru", ["ru", "en"]), ("a;q=0.5,b;q=0.50,c;q=0.500", ["a", "b", "c"]), ("*;q=0.1,de", ["de", "*"]),
        ("a;q=0,b;q=0.0,c", ["c"]), (" a ;\tQ=1.000 , b", ["a", "b"]), (",,a,", ["a"]),
    ])
    func `languages come by weight, and those of the same weight as they stand`(field: String?, ranges: [String]) {
        #expect(AcceptLanguage(field).ranges == ranges)
    }

    @Test(arguments: [
        "a;q=2", "a;q=1.001", "a;q=0.1234", "a;q=-1", "a;q=x", "a;q=", "a;p=1", "a;q=1;q=1", ";q=1", "a;q=0.٣",
    ])
    func `a malformed weight counts for nothing`(element: String) {
        #expect(AcceptLanguage("\(element), b").ranges == ["b"])
    }
}
