// Memory that the engine handles itself: what is written is what is read, however it grows.

import DatagramBuilding
import SeededRandom
import Testing

@testable import ShardEngine

@Suite struct Slabs {
    @Test func keepTheirElementsWhileTheyGrow() {
        var slab = Slab<UInt64>()
        for number in 0..<1_000 {
            slab.append(UInt64(number))
            slab.prefetch(number)
            slab.prefetch(number + 1)
            slab.prefetch(-1)
        }
        slab[500] &+= 7
        #expect(slab.count == 1_000)
        #expect(slab.indices.allSatisfy { slab[$0] == UInt64($0) + ($0 == 500 ? 7 : 0) })
        slab.append(repeating: 3, count: 0)
        slab.append(repeating: 3, count: 77)
        #expect(slab.count == 1_077 && slab[1_076] == 3 && slab[999] == 999)
    }

    @Test func seriesOfSamplesAreOneCacheLine() {
        #expect(MemoryLayout<SampleSeries>.stride == 64)
    }
}

@Suite struct FlowChunkMemory {
    /// The layout leaves so much for each part.
    @Test func partsFit() {
        #expect(MemoryLayout<FlowTable.Chunk>.size <= 64)
        #expect(MemoryLayout<FlowTable.Entry>.stride == 32)
    }

    /// Sixteen places looked at together, against one after the other.
    @Test(arguments: 0..<8 as Range<UInt64>) func placesAreFoundTogether(seed: UInt64) {
        var random = SeededGenerator(seed: seed), chunks = FlowChunks()
        for _ in 0..<3 { chunks.append() }
        for place in chunks.allPlaces {
            chunks[tag: place] = UInt32.random(in: 0..<4, using: &random) &* 0x4000_0001
            chunks[weight: place] = Double(Int.random(in: 0..<9, using: &random)) / 8
        }
        for chunk in 0..<3 {
            let lines = chunks.lines(of: chunk), places = chunk * FlowChunks.places..<(chunk + 1) * FlowChunks.places
            let least = places.map { chunks[weight: $0] }.min() ?? .nan
            #expect(lines.leastWeight == least, "seed \(seed)")
            for number in 0..<16 {
                let place = places.lowerBound + number
                #expect(lines.places(withWeight: least) >> UInt32(number) & 1 == (chunks[weight: place] == least ? 1 : 0))
                for tag in [0, chunks[tag: place], 7] {
                    let isOne = lines.places(withTag: tag) >> UInt32(number) & 1 == 1
                    #expect(isOne == (chunks[tag: place] == tag), "seed \(seed)")
                }
            }
        }
    }

    @Test func placesAreApart() {
        var chunks = FlowChunks()
        for _ in 0..<20 { chunks.append() }
        for place in chunks.allPlaces {
            chunks[tag: place] = UInt32(place) + 1
            chunks[weight: place] = Double(place) + 2
            chunks[arrival: place] = Int64(place) + 3
            chunks[entry: place] = FlowTable.Entry(error: Double(place) + 4, keyRest: UInt32(place) + 5)
        }
        for chunk in 0..<20 { chunks[chunk].count = Int32(chunk) + 6 }
        for _ in 0..<20 { chunks.append() }
        chunks.prefetch(39)
        chunks.prefetch(40)
        for place in 0..<20 * FlowChunks.places {
            #expect(chunks[tag: place] == UInt32(place) + 1 && chunks[weight: place] == Double(place) + 2)
            #expect(chunks[arrival: place] == Int64(place) + 3)
            #expect(chunks[entry: place].error == Double(place) + 4 && chunks[entry: place].keyRest == UInt32(place) + 5)
        }
        for chunk in 0..<20 { #expect(chunks[chunk].count == Int32(chunk) + 6) }
        for place in 20 * FlowChunks.places..<40 * FlowChunks.places { #expect(chunks[tag: place] == 0) }
    }
}
