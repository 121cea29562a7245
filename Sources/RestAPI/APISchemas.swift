// Shapes that several answers share, as OpenAPI schema objects.

enum APISchemas {
    private static let metric = """
        {"type":"object","required":["metricName"],"properties":{\
        "agent":{"type":"string"},"dataSource":{"type":"string"},"metricName":{"type":"string"},\
        "metricValue":{"type":["number","string"]},"metricN":{"type":"integer"},\
        "lastUpdate":{"type":"integer"},"lastUpdateMin":{"type":"integer"},"lastUpdateMax":{"type":"integer"},\
        "quartiles":{"type":"object","additionalProperties":{"type":"number"}}}}
        """
    static let eventArray = """
        {"type":"array","items":{"type":"object",\
        "required":["eventID","timestamp","thresholdID","metric","threshold","value","agent","dataSource"],\
        "properties":{"eventID":{"type":"integer"},"timestamp":{"type":"integer"},"thresholdID":{"type":"string"},\
        "metric":{"type":"string"},"threshold":{"type":"number"},"value":{"type":"number"},"agent":{"type":"string"},\
        "dataSource":{"type":"string"},"flowKey":{"type":"string"},\
        "values":{"type":"array","items":{"type":"number"}}}}}
        """
    static let flowRecordArray = """
        {"type":"array","items":{"type":"object",\
        "required":["flowID","name","flowKeys","value","start","end","agent","dataSource"],\
        "properties":{"flowID":{"type":"integer"},"name":{"type":"string"},"flowKeys":{"type":"string"},\
        "value":{"type":"number"},"values":{"type":"array","items":{"type":"number"}},"start":{"type":"integer"},\
        "end":{"type":"integer"},"agent":{"type":"string"},"dataSource":{"type":"string"}}}}
        """
    static let topologyNode = """
        {"type":"object","required":["status","links"],"properties":{"agent":{"type":"string"},\
        "hostName":{"type":"string"},"status":{"type":"string"},"links":{"type":"array","items":{"type":"string"}},\
        "tags":{"type":"object"}}}
        """
    static let topologyLink = """
        {"type":"object","required":["node1","port1","node2","port2","status"],"properties":{\
        "node1":{"type":"string"},"port1":{"type":"string"},"agent1":{"type":"string"},"ifindex1":{"type":"string"},\
        "node2":{"type":"string"},"port2":{"type":"string"},"agent2":{"type":"string"},"ifindex2":{"type":"string"},\
        "status":{"type":"string"},"tags":{"type":"object"}}}
        """
    static let topologyPort = """
        {"type":"object","required":["agent","ifindex","node","class"],"properties":{"agent":{"type":"string"},\
        "ifindex":{"type":"string"},"ifname":{"type":"string"},"node":{"type":"string"},"port":{"type":"string"},\
        "class":{"type":"string"},"link":{"type":"string"},"remotenode":{"type":"string"},\
        "remoteport":{"type":"string"}}}
        """
    static let hostLocation = """
        {"type":"object","required":["mac","agent","ifindex","lastUpdate"],"properties":{"mac":{"type":"string"},\
        "ouiname":{"type":"string"},"node":{"type":"string"},"port":{"type":"string"},"agent":{"type":"string"},\
        "ifindex":{"type":"string"},"vlan":{"type":"integer"},"ipaddress":{"type":"string"},\
        "ip6address":{"type":"string"},"agg_attachedaggid":{"type":"integer"},\
        "agg_partneropersystemid":{"type":"string"},"lastUpdate":{"type":"integer"}}}
        """
    static let metricArray = #"{"type":"array","items":\#(metric)}"#
    static let table = #"{"type":"array","items":{"type":"array","items":{"oneOf":[\#(metric),{"type":"null"}]}}}"#
}
