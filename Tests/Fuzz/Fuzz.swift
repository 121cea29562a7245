// The fuzzer: libFuzzer mutates inputs, guided by the code that each one reaches, and every parser of hostile bytes must
// survive all of them. A target of its own, present only when FUZZ is set in the environment, because it is compiled
// with the sanitizers' instrumentation. `Tests/run.sh --only fuzz` builds and runs it.
//
// An input's first byte chooses the parser, the rest is what the parser gets. To add a parser: a letter below, a function
// in a file beside this one, an input or two in corpus.py.

import Glibc

/// 0: the input was used. -1: no parser has this letter, and libFuzzer forgets the input.
private func run(_ input: [UInt8]) -> CInt {
    guard let letter = input.first else { return -1 }
    let body = Array(input.dropFirst())
    switch letter {
    case UInt8(ascii: "d"): fuzzDatagram(body)
    case UInt8(ascii: "s"): fuzzShard(body)
    case UInt8(ascii: "p"): fuzzPacket(body)
    case UInt8(ascii: "f"): fuzzCaptureFile(body)
    case UInt8(ascii: "m"): fuzzMoments(body)
    case UInt8(ascii: "w"): fuzzMessage(body)
    case UInt8(ascii: "n"): fuzzSnapshot(body)
    case UInt8(ascii: "c"): fuzzConfigurationFile(body)
    case UInt8(ascii: "q"): fuzzQueryText(body)
    case UInt8(ascii: "l"): fuzzFlowLanguage(body)
    case UInt8(ascii: "j"): fuzzDefinition(body)
    case UInt8(ascii: "k"): fuzzPackedKey(body)
    default: return -1
    }
    return 0
}

/// What a parser promises beside not to trap. Ends the process, which libFuzzer reports with the input.
func check(_ condition: Bool, _ promise: String) {
    if !condition { fatalError("broken promise: \(promise)") }
}

@main
enum Fuzz {
    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, { bytes, count in
            run(Array(UnsafeRawBufferPointer(start: bytes, count: count)))
        }))
    }
}

private typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
private typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

/// libFuzzer as a library (llvm.org/docs/LibFuzzer.html, "Using libFuzzer as a library"). Its own `main` cannot be used:
/// the package manager gives executables another entry point.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<Arguments>, _ callback: Callback
) -> CInt
