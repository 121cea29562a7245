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
    static let metricArray = #"{"type":"array","items":\#(metric)}"#
    static let table = #"{"type":"array","items":{"type":"array","items":{"oneOf":[\#(metric),{"type":"null"}]}}}"#
}
