// Shapes that several answers share, as OpenAPI schema objects.

enum APISchemas {
    private static let metric = """
        {"type":"object","required":["metricName"],"properties":{\
        "agent":{"type":"string"},"dataSource":{"type":"string"},"metricName":{"type":"string"},\
        "metricValue":{"type":["number","string"]},"metricN":{"type":"integer"},\
        "lastUpdate":{"type":"integer"},"lastUpdateMin":{"type":"integer"},"lastUpdateMax":{"type":"integer"},\
        "quartiles":{"type":"object","additionalProperties":{"type":"number"}}}}
        """
    static let metricArray = #"{"type":"array","items":\#(metric)}"#
    static let table = #"{"type":"array","items":{"type":"array","items":{"oneOf":[\#(metric),{"type":"null"}]}}}"#
}
