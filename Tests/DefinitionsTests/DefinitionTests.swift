// Each kind of definition by itself: what is accepted, how it is shown again, what the user is told.

import Bytes
import Definitions
import FlowLanguage
import SeededRandom
import Testing

@Suite struct FlowDefinitionTests {
    /// What every definition shows, here with the defaults.
    private static let usual = #""n":5,"t":2,"fs":",","activeTimeout":60"#

    static let bodies: [(String, String)] = [
        (
            "{keys:\"ipsource,ipdestination\",value:\"bytes\",filter:\"ipprotocol=6\",log:true}",
            #"{"keys":"ipsource,ipdestination","value":"bytes","filter":"ipprotocol=6",\#(usual),"log":true}"#
        ),
        ("{value:'frames'}", #"{"keys":"","value":"frames",\#(usual)}"#),
        (
            "{keys:[' ipsource ','ipdestination,tcpsourceport'],value:'bytes',values:['frames','avg:ipttl']}",
            #"{"keys":"ipsource,ipdestination,tcpsourceport","value":"bytes","values":"frames,avg:ipttl",\#(usual)}"#
        ),
        // A comma after a backslash is part of its key; one at the end is forgiven.
        (
            #"{keys:'concat:\\,:ipsource:ipttl,ipsource,',value:'bytes'}"#,
            #"{"keys":"concat:\\,:ipsource:ipttl,ipsource","value":"bytes",\#(usual)}"#
        ),
        // Numbers as texts; numbers moved to the limit.
        (
            "{value:'bytes',n:'20',t:' 0.5 ',activeTimeout:'1'}",
            #"{"keys":"","value":"bytes","n":20,"t":0.5,"fs":",","activeTimeout":1}"#
        ),
        (
            "{value:'bytes',n:1,t:0,activeTimeout:0}",
            #"{"keys":"","value":"bytes","n":5,"t":0.1,"fs":",","activeTimeout":1}"#
        ),
        (
            "{value:'bytes',n:1e300,t:1e9,activeTimeout:'1e300'}",
            #"{"keys":"","value":"bytes","n":1000,"t":600,"fs":",","activeTimeout":86400}"#
        ),
        (
            "{value:'bytes',n:-1e300,t:-5,activeTimeout:1.6}",
            #"{"keys":"","value":"bytes","n":5,"t":0.1,"fs":",","activeTimeout":2}"#
        ),
        // What is false, empty or null is not set.
        (
            "{value:'bytes',keys:null,filter:'',dropped:'false',log:false,flowStart:null,aggMode:'',values:[]}",
            #"{"keys":"","value":"bytes",\#(usual)}"#
        ),
        (
            "{value:'bytes',dropped:'true',flowStart:true,log:'true',aggMode:'agent',ipfixCollectors:'10.0.0.1,h2'}",
            #"{"keys":"","value":"bytes",\#(usual),"dropped":true,"log":true,"flowStart":true,"#
                + #""ipfixCollectors":["10.0.0.1","h2"],"aggMode":"AGENT"}"#
        ),
        (
            "{value:'bytes',fs:'_SEP_',aggMode:'EDGE',metric:'unknown members do not matter'}",
            #"{"keys":"","value":"bytes","n":5,"t":2,"fs":"_SEP_","activeTimeout":60,"aggMode":"edge"}"#
        ),
    ]

    @Test(arguments: bodies.indices)
    func isShownWithItsDefaults(index: Int) throws {
        let (body, shown) = FlowDefinitionTests.bodies[index]
        #expect(try shownAgain(.flow, body) == shown)
        #expect(try shownAgain(.flow, shown) == shown)
        #expect(try Definition(.flow, json: json(shown)) == Definition(.flow, json: json(body)))
    }

    static let refusals: [(String, String)] = [
        ("[]", "expected an object such as {\"keys\":\"ipsource\",\"value\":\"bytes\"}, found a list"),
        ("{}", "value: missing; expected what to add up, such as \"bytes\" or \"frames\""),
        ("{value:' '}", "value: missing; expected what to add up, such as \"bytes\" or \"frames\""),
        ("{value:['bytes']}", "value: expected a text, found a list"),
        ("{value:'bytes',keys:5}", "keys: expected a text with commas or a list of texts, found a number"),
        ("{value:'bytes',keys:['a',5]}", "keys[1]: expected a text, found a number"),
        ("{value:'bytes',keys:['a','']}", "keys[1]: is empty; leave it out"),
        ("{value:'bytes',keys:'a,,b'}", "keys[1]: is empty; remove the comma too much"),
        ("{value:'bytes',keys:',a'}", "keys[0]: is empty; remove the comma too much"),
        ("{value:'bytes',keys:'\(String(repeating: "a,", count: 33))'}", "keys: at most 32 items are possible"),
        ("{value:'bytes',values:'\(String(repeating: "a,", count: 17))'}", "values: at most 16 items are possible"),
        ("{value:'bytes',filter:['a=1']}", "filter: expected a text, found a list"),
        ("{value:'bytes',filter:'\(String(repeating: "a", count: 65_537))'}", "filter: is longer than 65536 bytes"),
        ("{value:'bytes',n:'many'}", "n: expected a number, found \"many\""),
        ("{value:'bytes',n:''}", "n: expected a number, found \"\""),
        ("{value:'bytes',n:'0x10'}", "n: expected a number, found \"0x10\""),
        ("{value:'bytes',n:true}", "n: expected a number, found true or false"),
        ("{value:'bytes',n:5.5}", "n: expected a whole number of flows"),
        ("{value:'bytes',t:'inf'}", "t: expected a number, found \"inf\""),
        ("{value:'bytes',t:{}}", "t: expected a number, found an object"),
        ("{value:'bytes',log:'yes'}", "log: expected true or false, found \"yes\""),
        ("{value:'bytes',dropped:1}", "dropped: expected true or false, found a number"),
        ("{value:'bytes',fs:''}", "fs: expected a separator of 1 to 64 bytes; leave fs out for a comma"),
        (
            "{value:'bytes',aggMode:'max'}",
            "aggMode: expected \"AGENT\" or \"edge\", or no aggMode at all, found \"max\""
        ),
        ("{value:'bytes',ipfixCollectors:[{}]}", "ipfixCollectors[0]: expected a text, found an object"),
    ]

    @Test(arguments: refusals.indices)
    func saysWhatToChange(index: Int) {
        let (body, message) = FlowDefinitionTests.refusals[index]
        #expect(refusal(.flow, body) == message)
    }

    /// The words are the flow language's.
    @Test func syntaxIsCheckedToo() {
        #expect(refusal(.flow, "{value:'bytes',filter:'ipprotocol='}").hasPrefix("filter, character 11: expected "))
        #expect(refusal(.flow, "{value:'bytes',filter:'(ipprotocol=6'}").hasPrefix("filter, character 0: expected "))
        #expect(refusal(.flow, "{keys:'nosuch:ipsource',value:'bytes'}").hasPrefix("keys, character 0: expected "))
        #expect(refusal(.flow, "{value:'ipsource'}").hasPrefix("value, character 0: expected "))
    }
}

@Suite struct ThresholdDefinitionTests {
    static let bodies: [(String, String)] = [
        (
            #"{"metric":"srcdst","value":1250000,"byFlow":true,"timeout":1,"filter":{"ifspeed":["1000000000"]}}"#,
            #"{"metric":"srcdst","value":1250000,"byFlow":true,"timeout":1,"filter":{"ifspeed":["1000000000"]}}"#
        ),
        ("{metric:'load_one',value:'4'}", #"{"metric":"load_one","value":4,"byFlow":false,"timeout":0}"#),
        (
            "{metric:'a',value:-1,timeout:'0.2',byFlow:'true',filter:{os:'linux',cpus:2,host:['web*','db*'],x:[true]}}",
            #"{"metric":"a","value":-1,"byFlow":true,"timeout":0.2,"#
                + #""filter":{"os":["linux"],"cpus":["2"],"host":["web*","db*"],"x":["true"]}}"#
        ),
        ("{metric:'a',value:0,timeout:0,filter:null,t:5}", #"{"metric":"a","value":0,"byFlow":false,"timeout":0}"#),
        (
            "{metric:'a',value:0,filter:{ifspeed:[10000000000]}}",
            #"{"metric":"a","value":0,"byFlow":false,"timeout":0,"filter":{"ifspeed":["10000000000"]}}"#
        ),
    ]

    @Test(arguments: bodies.indices)
    func isShownWithItsDefaults(index: Int) throws {
        let (body, shown) = ThresholdDefinitionTests.bodies[index]
        #expect(try shownAgain(.threshold, body) == shown)
        #expect(try Definition(.threshold, json: json(shown)) == Definition(.threshold, json: json(body)))
    }

    @Test func hasItsParts() throws {
        let body = "{metric:'a',value:2,timeout:0.2,filter:{b:['1','2'],c:'*'}}"
        let threshold = try ThresholdDefinition(json: json(body))
        #expect(
            threshold
                == ThresholdDefinition(
                    metric: "a", value: 2,
                    filter: [.init(name: "b", patterns: ["1", "2"]), .init(name: "c", patterns: ["*"])], timeout: 0.2))
        #expect(try ThresholdDefinition(json: json("{metric:'a',value:2,timeout:0}")).timeout == nil)
    }

    static let refusals: [(String, String)] = [
        ("5", "expected an object such as {\"metric\":\"load_one\",\"value\":4}, found a number"),
        ("{value:1}", "metric: missing; expected the name of a metric or of a flow definition"),
        ("{metric:'a'}", "value: missing; expected the level, a number"),
        ("{metric:'a',value:'high'}", "value: expected a number, found \"high\""),
        ("{metric:'max:load_one',value:1}", "metric: a threshold tests every data source by itself; remove \"max:\""),
        ("{metric:'a',value:1,timeout:-1}", "timeout: expected seconds from 0 to 31536000"),
        ("{metric:'a',value:1,timeout:1e300}", "timeout: expected seconds from 0 to 31536000"),
        ("{metric:'a',value:1,filter:'x=1'}",
            "filter: expected an object such as {\"ifspeed\":[\"1000000000\"]}, found a text"),
        ("{metric:'a',value:1,filter:{x:[]}}", "filter.x: expected at least one pattern; \"*\" matches every value"),
        ("{metric:'a',value:1,filter:{'a b':[['y']]}}", "filter.\"a b\"[0]: expected a text, found a list"),
        ("{metric:'a',value:1,filter:{x:null}}", "filter.x: expected a text, found null"),
        ("{metric:'a',value:1,filter:{x:[\(String(repeating: "1,", count: 257))]}}",
            "filter.x: at most 256 patterns are possible"),
        (
            "{metric:'a',value:1,filter:{\((0..<257).map { "x\($0):1," }.joined())}}",
            "filter: at most 256 names are possible"
        ),
        (
            "{metric:'a',value:1,filter:{x:['y','\(String(repeating: "z", count: 1025))']}}",
            "filter.x[1]: is longer than 1024 bytes"
        ),
        ("{metric:'a',value:1,byFlow:0}", "byFlow: expected true or false, found a number"),
    ]

    @Test(arguments: refusals.indices)
    func saysWhatToChange(index: Int) {
        let (body, message) = ThresholdDefinitionTests.refusals[index]
        #expect(refusal(.threshold, body) == message)
    }
}

@Suite struct LabelledListTests {
    static let groups: [(String, String)] = [
        ("{}", "{}"), ("{a:[]}", #"{"a":[]}"#),
        (#"{"private":["10.0.0.0/8","fc00::/7"],"external":["0.0.0.0/0","::/0"]}"#,
            #"{"private":["10.0.0.0/8","FC00::/7"],"external":["0.0.0.0/0","::/0"]}"#),
        ("{a:['10.0.0.1/24','10.0.0.1','2001:DB8::1/32','2001:db8:0::1','1.2.3.4/32']}",
            #"{"a":["10.0.0.0/24","10.0.0.1","2001:DB8::/32","2001:DB8::1","1.2.3.4"]}"#),
        ("{a_SEP_b:'10.0.0.1, 10.0.0.2,'}", #"{"a_SEP_b":["10.0.0.1","10.0.0.2"]}"#),
    ]

    @Test(arguments: groups.indices)
    func groupsAreShownMasked(index: Int) throws {
        let (body, shown) = LabelledListTests.groups[index]
        #expect(try shownAgain(.group, body) == shown)
        #expect(try Definition(.group, json: json(shown)) == Definition(.group, json: json(body)))
    }

    static let groupRefusals: [(String, String)] = [
        ("[]", "expected an object such as {\"private\":[\"10.0.0.0/8\"]}, found a list"),
        ("{a:true}", "a: expected a list of texts, found true or false"),
        ("{a:{b:[]}}", "a: expected a list of texts, found an object"),
        ("{a:['10.0.0.0/8','10.0.0.0/33']}",
            "a[1]: expected an address or a prefix such as 10.0.0.0/8 or FC00::/7, found \"10.0.0.0/33\""),
        ("{a:['::/129']}", "a[0]: expected an address or a prefix such as 10.0.0.0/8 or FC00::/7, found \"::/129\""),
        ("{'':'leaf1'}", "\"\"[0]: expected an address or a prefix such as 10.0.0.0/8 or FC00::/7, found \"leaf1\""),
        ("{a:5}", "a: expected an address or a prefix such as 10.0.0.0/8 or FC00::/7, found \"5\""),
        ("{a:[null]}", "a[0]: expected a text, found null"),
    ]

    @Test(arguments: groupRefusals.indices)
    func saysWhichPrefixIsWrong(index: Int) {
        let (body, message) = LabelledListTests.groupRefusals[index]
        #expect(refusal(.group, body) == message)
    }

    @Test func mapsKeepExactTexts() throws {
        let shown = try shownAgain(.map, "{web:['80',443,'a,b'],acme:'001122AABBCC'}")
        #expect(shown == #"{"web":["80","443","a,b"],"acme":["001122AABBCC"]}"#)
        let map = try ValueMapDefinition(json: json("{web:[80,443],secure:['443',22],none:[]}"))
        #expect(map.labels.map(\.label) == ["web", "secure", "none"])
        #expect(map.valueCount == 4)
        let long = String(repeating: "z", count: 1025)
        #expect(refusal(.map, "{web:['\(long)']}") == "web[0]: is longer than 1024 bytes")
        #expect(refusal(.map, "{web:'80,\(long)'}") == "web[1]: is longer than 1024 bytes")
        #expect(refusal(.map, "{\(long):[]}").hasSuffix(": is longer than 1024 bytes"))
        #expect(refusal(.map, "{web:null}") == "web: expected a list of texts, found null")
        #expect(refusal(.map, "'x'") == "expected an object such as {\"web\":[\"80\",\"443\"]}, found a text")
    }

    @Test func prefixTextsAreStrict() {
        let texts = [
            "", "/", "10.0.0.0/", "10.0.0.0/+8", "10.0.0.0/-1", "10.0.0/8", "10.0.0.0/8/8", "1:2/3", "::/0128", "a/8",
        ]
        for text in texts {
            #expect(AddressPrefix(text) == nil, "\(text)")
        }
    }

    /// Against clearing bit by bit.
    @Test func hostBitsAreCleared() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let groups = (0..<8).map { _ in UInt16.random(in: 0...UInt16.max, using: &random) }
            let length = Int.random(in: 0...128, using: &random)
            let kept = groups.enumerated().map { index, group in
                (0..<16).reduce(UInt16(0)) { sum, bit in
                    index * 16 + bit < length ? sum | (group & (0x8000 >> UInt16(bit))) : sum
                }
            }
            let text = { (groups: [UInt16]) in groups.map { String($0, radix: 16) }.joined(separator: ":") }
            let masked = AddressPrefix("\(text(groups))/\(length)")
            #expect(masked == AddressPrefix("\(text(kept))/\(length)"), "seed \(seed)")
            #expect(masked?.address.description == AddressPrefix(text(kept))?.description, "seed \(seed)")

            let bytes = groups.prefix(4).map { $0 & 255 }
            let shortLength = length % 33
            let keptBytes = bytes.enumerated().map { index, byte in
                (0..<8).reduce(UInt16(0)) { sum, bit in
                    index * 8 + bit < shortLength ? sum | (byte & (0x80 >> UInt16(bit))) : sum
                }
            }
            let dotted = { (bytes: [UInt16]) in bytes.map(String.init).joined(separator: ".") }
            let prefix = try #require(AddressPrefix("\(dotted(bytes))/\(shortLength)"))
            #expect(prefix.address.description == dotted(keptBytes), "seed \(seed)")
            #expect(AddressPrefix(prefix.description) == prefix)
        }
    }
}
