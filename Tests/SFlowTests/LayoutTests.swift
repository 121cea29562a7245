// The tables against the hot path's constants, and against the sizes that the formats are known to have.

import Bytes
import SFlow
import Testing

@Suite struct LayoutTests {
    /// Bytes of the records of fixed size, all fields included.
    static let flowSizes: [(Tag, Int)] = [
        (Tag(0, 2), 24), (Tag(0, 3), 32), (Tag(0, 4), 56), (Tag(0, 1001), 16), (Tag(0, 1011), 4), (Tag(0, 1017), 16),
        (Tag(0, 1018), 16), (Tag(0, 1019), 8), (Tag(0, 1020), 8), (Tag(0, 1021), 24), (Tag(0, 1022), 24),
        (Tag(0, 1023), 32), (Tag(0, 1024), 32), (Tag(0, 1025), 56), (Tag(0, 1026), 56), (Tag(0, 1027), 4),
        (Tag(0, 1028), 4), (Tag(0, 1029), 4), (Tag(0, 1030), 4), (Tag(0, 1031), 40), (Tag(0, 1032), 48),
        (Tag(0, 1033), 12), (Tag(0, 1036), 4), (Tag(0, 1039), 4), (Tag(0, 1040), 4), (Tag(0, 1043), 8),
        (Tag(0, 2000), 32), (Tag(0, 2002), 12), (Tag(0, 2100), 20), (Tag(0, 2101), 44), (Tag(0, 2102), 20),
        (Tag(0, 2103), 44), (Tag(0, 2208), 92), (Tag(0, 2209), 48), (Tag(0, 2210), 16), (Tag(4413, 1), 4),
        (Tag(43874, 2), 16), (Tag(43874, 3), 8),
    ]

    static let counterSizes: [(Tag, Int)] = [
        (Tag(0, 1), 88), (Tag(0, 2), 52), (Tag(0, 3), 72), (Tag(0, 4), 80), (Tag(0, 5), 28), (Tag(0, 6), 80),
        (Tag(0, 7), 56), (Tag(0, 8), 24), (Tag(0, 9), 64), (Tag(0, 11), 20), (Tag(0, 1001), 28), (Tag(0, 1002), 12),
        (Tag(0, 1003), 52), (Tag(0, 1004), 12), (Tag(0, 2002), 8), (Tag(0, 2003), 80), (Tag(0, 2004), 72),
        (Tag(0, 2005), 52), (Tag(0, 2006), 40), (Tag(0, 2007), 76), (Tag(0, 2008), 100), (Tag(0, 2009), 60),
        (Tag(0, 2010), 28), (Tag(0, 2100), 28), (Tag(0, 2101), 12), (Tag(0, 2102), 16), (Tag(0, 2103), 52),
        (Tag(0, 2104), 40), (Tag(0, 2106), 108), (Tag(0, 2200), 144), (Tag(0, 2201), 60), (Tag(0, 2203), 40),
        (Tag(0, 2204), 140), (Tag(0, 2205), 92), (Tag(0, 2206), 20), (Tag(0, 2207), 24), (Tag(0, 3000), 24),
        (Tag(0, 3001), 12), (Tag(0, 3002), 4), (Tag(0, 3003), 12), (Tag(4413, 1), 8), (Tag(4413, 3), 144),
        (Tag(5703, 1), 48),
    ]

    @Test func identifiersFindTheirLayouts() throws {
        #expect(FlowLayouts.all.count == 70)
        #expect(CounterLayouts.all.count == 50)
        for (index, layout) in FlowLayouts.all.enumerated() {
            let id = try #require(FlowLayoutID(layout.tag), "\(layout.name)")
            #expect(Int(id.index) == index)
            #expect(id.minimumBytes == layout.minimumBytes, "\(layout.name)")
        }
        for (index, layout) in CounterLayouts.all.enumerated() {
            let id = try #require(CounterLayoutID(layout.tag), "\(layout.name)")
            #expect(Int(id.index) == index)
            #expect(id.minimumBytes == layout.minimumBytes, "\(layout.name)")
        }
    }

    @Test func onlyTheTablesHaveIdentifiers() {
        let flow = Set(FlowLayouts.all.map(\.tag))
        let counter = Set(CounterLayouts.all.map(\.tag))
        #expect(flow.count == 70)
        #expect(counter.count == 50)
        for enterprise: UInt32 in [0, 1, 4300, 4413, 5703, 43874, 0xFFFFF] {
            for format: UInt32 in 0...0xFFF {
                let tag = Tag(enterprise, format)
                if (FlowLayoutID(tag) != nil) != flow.contains(tag) { Issue.record("flow \(tag)") }
                if (CounterLayoutID(tag) != nil) != counter.contains(tag) { Issue.record("counter \(tag)") }
            }
        }
    }

    @Test func fixedSizes() throws {
        for (tag, size) in Self.flowSizes {
            let layout = try #require(FlowLayoutID(tag)).layout
            #expect(layout.fields.reduce(0) { $0 + ($1.type.fixedBytes ?? 10000) } == size, "\(layout.name)")
        }
        for (tag, size) in Self.counterSizes {
            let layout = try #require(CounterLayoutID(tag)).layout
            #expect(layout.fields.reduce(0) { $0 + ($1.type.fixedBytes ?? 10000) } == size, "\(layout.name)")
        }
        #expect(CounterLayoutID.hostCPU.minimumBytes == 68)
        #expect(CounterLayoutID.jvmStatistics.minimumBytes == 100)
        #expect(FlowLayoutID.sampledEthernet.minimumBytes == 20)
    }

    @Test func offsetsAndNames() throws {
        let interface = CounterLayoutID.interfaceCounters.layout
        #expect(interface.field(named: "ifInOctets")?.offset == 24)
        #expect(interface.field(named: "ifInOctets")?.meaning == .counter)
        #expect(interface.field(named: "ifPromiscuousMode")?.offset == 84)
        #expect(interface.field(named: "nonsense") == nil)
        let router = FlowLayoutID.extendedRouter.layout
        #expect(router.fields.map(\.offset) == [0, nil, nil])
        for layout in FlowLayouts.all + CounterLayouts.all {
            #expect(Set(layout.fields.map(\.name)).count == layout.fields.count, "\(layout.name)")
        }
    }

    /// The names in the code are those of the tables.
    @Test func namedIdentifiers() {
        #expect(FlowLayoutID.sampledHeader.layout.name == "sampled_header")
        #expect(FlowLayoutID.extendedSwitch.layout.name == "extended_switch")
        #expect(FlowLayoutID.extendedGateway.layout.name == "extended_gateway")
        #expect(FlowLayoutID.extendedIPv6TunnelIngress.layout.name == "extended_ipv6_tunnel_ingress")
        #expect(FlowLayoutID.extendedVNIIngress.layout.name == "extended_vni_ingress")
        #expect(FlowLayoutID.extendedACL.layout.name == "extended_acl")
        #expect(FlowLayoutID.extendedTimestamp.layout.name == "extended_timestamp")
        #expect(FlowLayoutID.extendedTCPInfo.layout.name == "extended_tcp_info")
        #expect(FlowLayoutID.extendedEntities.layout.name == "extended_entities")
        #expect(FlowLayoutID.extendedSocketIPv6.layout.name == "extended_socket_ipv6")
        #expect(CounterLayoutID.interfaceCounters.layout.name == "if_counters")
        #expect(CounterLayoutID.portName.layout.name == "port_name")
        #expect(CounterLayoutID.hostDescription.layout.name == "host_descr")
        #expect(CounterLayoutID.hostNetIO.layout.name == "host_net_io")
        #expect(CounterLayoutID.virtualNetIO.layout.name == "virt_net_io")
        #expect(CounterLayoutID.appWorkers.layout.name == "app_workers")
    }

    @Test func enumerations() {
        #expect(Enumeration.headerProtocol.name(1) == "ethernet")
        #expect(Enumeration.headerProtocol.name(13) == "mpls")
        #expect(Enumeration.headerProtocol.name(18) == "infiniband")
        #expect(Enumeration.headerProtocol.name(0) == nil)
        #expect(Enumeration.headerProtocol.name(UInt32.max) == nil)
        #expect(Enumeration.memcacheCommand.name(16) == "touch")
        #expect(Enumeration.machineType.name(12) == "s390")
        #expect(Enumeration.osName.name(12) == "solaris")
        #expect(Enumeration.applicationStatus.name(10) == "unauthorized")
        #expect(Enumeration.httpMethod.name(8) == "CONNECT")
        #expect(Enumeration.virtualState.name(6) == "crashed")
    }
}
