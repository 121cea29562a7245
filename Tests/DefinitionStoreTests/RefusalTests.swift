// Directories that cannot be used, and changes that cannot be kept.

import DataFiles
import DefinitionStore
import Definitions
import Foundation
import Synchronization
import Testing

@Suite struct RefusalTests {
    @Test func aFileIsNoDirectory() throws {
        let scratch = try Scratch()
        try scratch.write("file", "x")
        #expect(failure { _ = try DefinitionStore(directory: scratch.path + "/file") }
            == StoreError(.notADirectory, "cannot use the data directory \(scratch.path)/file: Not a directory"))
        #expect(failure { _ = try DefinitionStore(directory: scratch.path + "/file/deeper") }
            == StoreError(.notADirectory, "cannot make the directory \(scratch.path)/file/deeper: Not a directory"))
        #expect(try scratch.text("file") == "x")
        for path in ["", "a\u{0}b"] {
            #expect(failure { _ = try DefinitionStore(directory: path) }?.message
                == "the path of the data directory is empty or has a zero byte")
        }
        let long = scratch.path + "/" + String(repeating: "x", count: 300)
        #expect(failure { _ = try DefinitionStore(directory: long) }?.message
            == "cannot make the directory \(long): File name too long")
    }

    @Test func oneStoreADirectory() throws {
        let scratch = try Scratch()
        let first = try DefinitionStore(directory: scratch.path)
        #expect(failure { _ = try DefinitionStore(directory: scratch.path) }
            == StoreError(.inUse, "the data directory \(scratch.path) is in use by another process; give each its own"))
        try first.save(.empty, kinds: [.flow])
    }

    @Test func aDirectoryIsFreeAgainAfterwards() throws {
        let scratch = try Scratch()
        for _ in 0..<3 { _ = try DefinitionStore(directory: scratch.path) }
        #expect(try load(scratch.path).messages.isEmpty)
    }

    /// Many stores in directories of their own, and many savers of one store, at once.
    @Test func storesWorkSideBySide() async throws {
        let scratch = try Scratch()
        let set = try definitions(everything)
        let path = scratch.path
        let shared = try DefinitionStore(directory: path + "/shared")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<8 {
                group.addTask {
                    let store = try DefinitionStore(directory: path + "/own-\(index)")
                    for _ in 0..<5 {
                        try store.save(set, kinds: DefinitionKind.allCases)
                        try shared.save(set, kinds: DefinitionKind.allCases)
                        #expect(try store.load(reservedMetricNames: []).set == set)
                        #expect(try shared.load(reservedMetricNames: []).set == set)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try shared.load(reservedMetricNames: []).messages.isEmpty)
        #expect(scratch.names.count == 9)
    }

    @Test func aFailedChangeLeavesTheOldFile() throws {
        let scratch = try Scratch()
        let store = try DefinitionStore(directory: scratch.path)
        let set = try definitions(everything)
        try store.save(set, kinds: [.flow])
        // A directory in the way of the temporary file.
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/flows.json.new", withIntermediateDirectories: false)
        #expect(failure { try store.save(.empty, kinds: [.flow]) }
            == StoreError(.system, "cannot write \(scratch.path)/flows.json: Is a directory"))
        #expect(try store.load(reservedMetricNames: []).set.names(of: .flow) == ["tcp"])
    }

    @Test func aDirectoryThatIsGoneRefuses() throws {
        let scratch = try Scratch()
        let store = try DefinitionStore(directory: scratch.path + "/d")
        try FileManager.default.removeItem(atPath: scratch.path + "/d")
        #expect(failure { try store.save(.empty, kinds: [.map]) }
            == StoreError(.notFound, "cannot write \(scratch.path)/d/maps.json: No such file or directory"))
    }

    @Test(.enabled(if: geteuid() != 0, "root may write everywhere: skipped"))
    func withoutTheRightToWrite() throws {
        let scratch = try Scratch()
        try scratch.write("flows.json", "{}")
        defer { chmod(scratch.path, 0o755) }
        chmod(scratch.path, 0o555)
        #expect(failure { _ = try DefinitionStore(directory: scratch.path) }
            == StoreError(.notPermitted, "cannot use the data directory \(scratch.path): Permission denied"))
        #expect(failure { _ = try DefinitionStore(directory: scratch.path + "/new") }
            == StoreError(.notPermitted, "cannot make the directory \(scratch.path)/new: Permission denied"))
        chmod(scratch.path, 0o755)
        chmod(scratch.path + "/flows.json", 0)
        #expect(try load(scratch.path).messages == [
            "\(scratch.path)/flows.json: cannot be read: Permission denied; moved to flows.json.damaged-1, "
                + "going on without its definitions"
        ])
    }
}

/// A file system of 64 KiB, unmounted with the last reference; nil without the right to mount.
private final class TinyDisk {
    let scratch: Scratch

    init?() throws {
        scratch = try Scratch()
        guard mount("tmpfs", scratch.path, "tmpfs", 0, "size=64k") == 0 else { return nil }
    }

    deinit { umount2(scratch.path, 2) }
}

private let mayMount = ((try? TinyDisk()) ?? nil) != nil

@Suite(.enabled(if: mayMount, "no right to mount a small tmpfs: skipped"))
struct FullDiskTests {
    @Test func aFullDiskRefusesTheChangeAndKeepsTheOld() throws {
        let disk = try #require(try TinyDisk())
        let path = disk.scratch.path
        let old = try definitions(everything)
        do {
            let store = try DefinitionStore(directory: path)
            try store.save(old, kinds: DefinitionKind.allCases)
            let large = try old.applying(
                .put(name: "large", Definition(.map, json: .object(values(count: 20_000)))), reservedMetricNames: [])
            #expect(failure { try store.save(large, kinds: [.map]) }
                == StoreError(.diskFull, "cannot write \(path)/maps.json: No space left on device"))
            #expect(!disk.scratch.names.contains("maps.json.new"))
            // What fits still works.
            let small = try old.applying(.delete(.map, name: "ports"), reservedMetricNames: [])
            try store.save(small, kinds: [.map])
            #expect(try store.load(reservedMetricNames: []).set == small)
        }
        // Not a byte left: files are read, a damaged one is moved, nothing new is kept.
        _ = FileManager.default.createFile(atPath: path + "/filler", contents: nil)
        if let filler = FileHandle(forWritingAtPath: path + "/filler") {
            while (try? filler.write(contentsOf: Data(count: 4096))) != nil {}
        }
        #expect(try load(path).set.names(of: .flow) == ["tcp"])
        #expect(failure { try DefinitionStore(directory: path).save(old, kinds: [.map]) }?.reason == .diskFull)
        #expect(failure { _ = try DefinitionStore(directory: path + "/a/b") }?.reason == nil)
    }

    private func values(count: Int) -> JSONObject {
        var object = JSONObject()
        object.set("label", .array((0..<count).map { .string(String($0)) }))
        return object
    }
}
