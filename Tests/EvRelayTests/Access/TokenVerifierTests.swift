// SPDX-License-Identifier: MIT
import Cameras
import TestSupport
import Testing
import WireFormat

@testable import EvRelay

@Suite struct TokenVerifierTests {
    /// 2026-01-01T00:00:00Z
    private static let now: Int64 = 1_767_225_600
    private static let goodHeader = #"{"alg":"HS256","typ":"JWT"}"#
    private static let goodClaims = #"{"exp":1767229200,"rights":["view"],"cameras":["door"]}"#

    /// Returns a token of these two texts, signed with the right secret unless another is given.
    private static func token(
        _ claims: String = goodClaims, header: String = goodHeader, secret: String = AccessFixture.secretText
    ) throws -> String {
        let input = JSONWebToken.signingInput(header: Array(header.utf8), claims: Array(claims.utf8))
        return JSONWebToken.compact(
            signingInput: input, signature: try AccessFixture.secret(secret).signature(of: input))
    }

    private static func verify(_ token: String, at seconds: Int64 = now, leeway: Duration = .seconds(30))
        throws -> TokenClaims
    {
        try TokenVerifier(secret: AccessFixture.secret(), leeway: leeway)
            .verify(token, nowMicroseconds: seconds * 1_000_000)
    }

    private static func error(
        _ token: String, at seconds: Int64 = now, leeway: Duration = .seconds(30)
    ) throws -> TokenError? {
        do {
            _ = try verify(token, at: seconds, leeway: leeway)
            return nil
        } catch let error as TokenError {
            return error
        }
    }

    @Test func `a token of another maker's is read`() throws {
        // PyJWT 2.15.1: jwt.encode({"exp": 1767229200, "iat": 1767225600, "rights": ["view", "publish"],
        //     "cameras": ["door", "shop-*"], "sub": "anna"}, "0123456789abcdef0123456789abcdef", "HS256")
        let token =
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
            + "eyJleHAiOjE3NjcyMjkyMDAsImlhdCI6MTc2NzIyNTYwMCwicmlnaHRzIjpbInZpZXciLCJwdWJsaXNoIl0sImNhbWVyYXMiOlsi"
            + "ZG9vciIsInNob3AtKiJdLCJzdWIiOiJhbm5hIn0"
            + ".UJHguFQMWiSZzCdIz-sN5jnRqdp1gq0htyORinN-12w"
        let claims = try Self.verify(token)
        #expect(claims.rights == [.view, .publish])
        #expect(claims.cameras.map(\.description) == ["door", "shop-*"])
        #expect(claims.expiresMicroseconds == 1_767_229_200_000_000)
        #expect(claims.beginsMicroseconds == nil)
    }

    @Test func `a token of our own is read`() throws {
        let claims = TokenClaims(
            rights: [.publish, .view], cameras: try CameraPattern.list(parsing: "a,b*"),
            expiresMicroseconds: (Self.now + 60) * 1_000_000, beginsMicroseconds: (Self.now - 60) * 1_000_000)
        #expect(try Self.verify(AccessFixture.secret().sign(claims)) == claims)
    }

    @Test(arguments: [
        #"{"alg":"none","typ":"JWT"}"#, #"{"alg":"None"}"#, #"{"alg":"nOnE"}"#, #"{"alg":""}"#, #"{"alg":null}"#,
        #"{"alg":"hs256"}"#, #"{"alg":"HS384"}"#, #"{"alg":"HS512"}"#, #"{"alg":"RS256"}"#, #"{"alg":"ES256"}"#,
        #"{"alg":["HS256"]}"#, #"{"alg":1}"#, #"{"typ":"JWT"}"#, "{}", #"{"alg":"HS256 "}"#,
        #"{"alg":"HS256","typ":"JWE"}"#, #"{"alg":"HS256","typ":1}"#, #"{"alg":"HS256","typ":null}"#,
        #"{"alg":"HS256","crit":["exp"]}"#, #"{"alg":"HS256","crit":[]}"#, #"{"alg":"HS256","crit":null}"#,
        #"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
    ])
    func `another algorithm or extension is refused, also when it is rightly signed`(header: String) throws {
        let error = try #require(try Self.error(Self.token(header: header)))
        guard case .badHeader = error else {
            Issue.record("\(error)")
            return
        }
        #expect(!error.isRightlySigned)
        #expect(Refusal(error).status == 401 && Refusal(error).reason.rawValue == "token-invalid")
    }

    @Test(arguments: [
        #"{"alg":"HS256"}"#, #"{"typ":"jwt","alg":"HS256"}"#, #"{"alg":"HS256","kid":"1","jku":"http://evil.example"}"#,
    ])
    func `what else a header says does not matter`(header: String) throws {
        #expect(try Self.error(Self.token(header: header)) == nil)
    }

    @Test func `a signature that is wrong by one bit, short, long, empty or another secret's is refused`() throws {
        let good = try Self.token()
        let signature = try JSONWebToken(Array(good.utf8).span, maxBytes: 4096, maxDepth: 2).signature
        let input = good.split(separator: ".").prefix(2).joined(separator: ".")
        func isRefused(_ bytes: [UInt8]) throws -> Bool {
            try Self.error("\(input).\(Base64URL.encode(bytes))") == .wrongSignature
        }
        for place in signature.indices {
            for bit in 0..<8 {
                var changed = signature
                changed[place] ^= 1 << UInt8(bit)
                #expect(try isRefused(changed))
            }
        }
        #expect(try isRefused(Array(signature.dropLast())))
        #expect(try isRefused(signature + [0]))
        #expect(try isRefused([0]))
        #expect(try isRefused([UInt8](repeating: 0, count: 32)))
        #expect(try Self.error("\(input).") == .malformed(.notBase64URL))
        let other = try Self.token(secret: String(repeating: "s", count: 32))
        #expect(try Self.error(other) == .wrongSignature)
        #expect(try Self.error(Self.token(secret: AccessFixture.secretText + " ")) == .wrongSignature)
    }

    @Test func `changed claims do not fit the signature`() throws {
        let parts = try Self.token().split(separator: ".").map(String.init)
        let claims = Base64URL.encode(Array(#"{"exp":4000000000,"rights":["view"],"cameras":["*"]}"#.utf8))
        #expect(try Self.error("\(parts[0]).\(claims).\(parts[2])") == .wrongSignature)
    }

    @Test func `extra dots, padding, blanks and a second way to write the same are refused`() throws {
        let good = try Self.token()
        for token in [
            good + ".", "." + good, good + "=", good + " ", " " + good, good + "\n", good.replacing(".", with: ".."),
        ] {
            let error = try #require(try Self.error(token))
            guard case .malformed = error else {
                Issue.record("\(token): \(error)")
                continue
            }
            #expect(Refusal(error).reason.rawValue == "token-invalid")
        }
        // The last character of 32 bytes has two unused bits.
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let same = digits.filter { (try? Self.error(good.dropLast() + "\($0)")) == .some(nil) }
        #expect(same == [good.last])
    }

    @Test(arguments: [
        "{}", #"{"rights":["view"],"cameras":["*"]}"#, #"{"exp":"1767229200","rights":["view"],"cameras":["*"]}"#,
        #"{"exp":null,"rights":["view"],"cameras":["*"]}"#, #"{"exp":true,"rights":["view"],"cameras":["*"]}"#,
        #"{"exp":[1767229200],"rights":["view"],"cameras":["*"]}"#, #"{"exp":-1,"rights":["view"],"cameras":["*"]}"#,
        #"{"exp":1767229200000,"rights":["view"],"cameras":["*"]}"#,
        #"{"exp":1e400,"rights":["view"],"cameras":["*"]}"#,
        #"{"exp":99999999999999999999999,"rights":["view"],"cameras":["*"]}"#,
        #"{"exp":1767229200,"nbf":"0","rights":["view"],"cameras":["*"]}"#,
        #"{"exp":1767229200,"nbf":-5,"rights":["view"],"cameras":["*"]}"#,
        #"{"exp":1767229200,"iat":"now","rights":["view"],"cameras":["*"]}"#,
        #"{"exp":1767229200,"cameras":["*"]}"#, #"{"exp":1767229200,"rights":["view"]}"#,
        #"{"exp":1767229200,"rights":[],"cameras":["*"]}"#, #"{"exp":1767229200,"rights":["view"],"cameras":[]}"#,
        #"{"exp":1767229200,"rights":"view","cameras":["*"]}"#, #"{"exp":1767229200,"rights":["view"],"cameras":"*"}"#,
        #"{"exp":1767229200,"rights":["admin"],"cameras":["*"]}"#,
        #"{"exp":1767229200,"rights":["VIEW"],"cameras":["*"]}"#,
        #"{"exp":1767229200,"rights":["view",1],"cameras":["*"]}"#,
        #"{"exp":1767229200,"rights":["view","view"],"cameras":["*"]}"#,
        #"{"exp":1767229200,"rights":["view"],"cameras":["a/b"]}"#,
        #"{"exp":1767229200,"rights":["view"],"cameras":[""]}"#,
        #"{"exp":1767229200,"rights":["view"],"cameras":["*"],"aud":"other"}"#,
        #"{"exp":1767229200,"rights":["view"],"cameras":["*"],"aud":["other"]}"#,
        #"{"exp":1767229200,"rights":["view"],"cameras":["*"],"aud":[]}"#,
        #"{"exp":1767229200,"rights":["view"],"cameras":["*"],"aud":"EvRelay"}"#,
        #"{"exp":1767229200,"rights":["view"],"cameras":["*"],"aud":null}"#,
        #"{"exp":1767229200,"rights":["view"],"cameras":["*"],"rights":["publish"]}"#,
        #"{"exp":1767229200,"exp":4000000000,"rights":["view"],"cameras":["*"]}"#, "[]", "null", "", "x",
    ])
    func `claims that are wrong or missing are refused, and nobody has guessed anything`(claims: String) throws {
        let error = try #require(try Self.error(Self.token(claims)), "\(claims)")
        guard case .badClaim = error else {
            Issue.record("\(error)")
            return
        }
        #expect(error.isRightlySigned)
        #expect(Refusal(error).status == 401 && Refusal(error).reason.rawValue == "token-invalid")
        #expect(Refusal(error).message.hasPrefix("The token ") && Refusal(error).message.hasSuffix("."))
    }

    @Test(arguments: [
        #""aud":"evrelay""#, #""aud":["other","evrelay"]"#, #""iss":"shop","sub":"anna","jti":"1","x":{"y":[1]}"#,
        #""iat":4000000000"#, #""iat":1767225600.5"#,
    ])
    func `what else claims say does not matter`(more: String) throws {
        #expect(try Self.error(Self.token(#"{"exp":1767229200.25,"rights":["view"],"cameras":["*"],\#(more)}"#)) == nil)
    }

    @Test func `a token holds from its nbf until its exp, give or take the leeway`() throws {
        let token = try Self.token(#"{"nbf":1767225600,"exp":1767225700,"rights":["view"],"cameras":["*"]}"#)
        for (seconds, error) in [
            (-31, .notYetValid), (-30, nil), (0, nil), (99, nil), (129, nil), (130, .expired), (10_000, .expired),
        ] as [(Int64, TokenError?)] {
            #expect(try Self.error(token, at: Self.now + seconds) == error, "\(seconds)")
        }
        #expect(try Self.error(token, at: Self.now - 1, leeway: .zero) == .notYetValid)
        #expect(try Self.error(token, at: Self.now, leeway: .zero) == nil)
        #expect(try Self.error(token, at: Self.now + 99, leeway: .zero) == nil)
        #expect(try Self.error(token, at: Self.now + 100, leeway: .zero) == .expired)
        #expect(Refusal(TokenError.expired).reason.rawValue == "token-expired")
        #expect(Refusal(TokenError.notYetValid).reason.rawValue == "token-not-yet-valid")
        #expect(TokenError.expired.isRightlySigned && TokenError.notYetValid.isRightlySigned)
    }

    @Test func `a secret has 32 to 4096 bytes, and one line end behind it is no part of it`() throws {
        for (count, isAccepted) in [(0, false), (31, false), (32, true), (4096, true), (4097, false)] {
            let text = String(repeating: "s", count: count)
            for end in ["", "\n", "\r\n"] {
                #expect(((try? AccessFixture.secret(text + end)) != nil) == isAccepted, "\(count)")
            }
        }
        let plain = try AccessFixture.secret()
        #expect(try AccessFixture.secret(AccessFixture.secretText + "\n").fingerprint == plain.fingerprint)
        #expect(try AccessFixture.secret(AccessFixture.secretText + "\n\n").fingerprint != plain.fingerprint)
        let error = #expect(throws: ConfigurationError.self) { try AccessFixture.secret("short and secret") }
        #expect(error?.message.contains("--token-secret secret: the secret has 16 bytes") == true)
        #expect(error?.exitStatus == 78)
        #expect(error?.message.contains("short and") == false)
        #expect(!"\(plain)".contains(AccessFixture.secretText))
    }

    @Test func `a token cut anywhere or changed anywhere is refused`() throws {
        let good = Array(try Self.token().utf8)
        for count in good.indices {
            #expect(try Self.error(String(decoding: good[..<count], as: UTF8.self)) != nil)
        }
        for place in good.indices {
            var changed = good
            changed[place] = changed[place] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(try Self.error(String(decoding: changed, as: UTF8.self)) != nil, "\(place)")
        }
    }
}
