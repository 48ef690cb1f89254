# One page to look at: lag, table, function, stream, what was put aside, and what the function says of itself.

locals {
  region = data.aws_region.current.region

  # title, metrics as CloudWatch takes them, and what differs from a line a minute.
  widgets = [
    {
      title = "Lag: age of the oldest record in hand"
      metrics = [
        ["AWS/Lambda", "IteratorAge", "FunctionName", local.names.function, { stat = "Maximum" }],
      ]
      lines = [["warn", local.age_warn_s * 1000], ["critical", local.age_critical_s * 1000]]
    },
    {
      title = "Table: write units a second used and there, refusals"
      metrics = [
        [{ expression = "used / PERIOD(used)", label = "used" }],
        ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", local.names.table, { id = "used", stat = "Sum", visible = false }],
        ["AWS/DynamoDB", "ProvisionedWriteCapacityUnits", "TableName", local.names.table, { stat = "Maximum" }],
        ["AWS/DynamoDB", "WriteThrottleEvents", "TableName", local.names.table, { stat = "Sum", yAxis = "right" }],
      ]
      lines = []
    },
    {
      title = "Function: invocations, errors, throttles"
      metrics = [
        for name in ["Invocations", "Errors", "Throttles"] : ["AWS/Lambda", name, "FunctionName", local.names.function, { stat = "Sum" }]
      ]
      lines = []
    },
    {
      title = "Function: duration"
      metrics = [
        for stat in ["p50", "p99"] : ["AWS/Lambda", "Duration", "FunctionName", local.names.function, { stat = stat, label = stat }]
      ]
      lines = [["time-out", var.consumer.timeout_s * 1000]]
    },
    {
      title = "Stream: records a minute, refusals"
      metrics = [
        ["AWS/Kinesis", "IncomingRecords", "StreamName", local.names.stream, { stat = "Sum" }],
        ["AWS/Kinesis", "WriteProvisionedThroughputExceeded", "StreamName", local.names.stream, { stat = "Sum", yAxis = "right" }],
        ["AWS/Kinesis", "ReadProvisionedThroughputExceeded", "StreamName", local.names.stream, { stat = "Sum", yAxis = "right" }],
      ]
      lines = [["limit of the shards", 60000 * local.shards]]
    },
    {
      title = "Stream: bytes a minute"
      metrics = [
        ["AWS/Kinesis", "IncomingBytes", "StreamName", local.names.stream, { stat = "Sum" }],
      ]
      lines = [["limit of the shards", 60 * 1048576 * local.shards]]
    },
    {
      title = "Put aside: records waiting, age of the oldest"
      metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", local.names.failures, { stat = "Maximum" }],
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.names.failures, { stat = "Maximum", yAxis = "right" }],
      ]
      lines = []
    },
    {
      title = "Documents: accepted, for review, quarantined"
      metrics = [
        for name in ["DocumentsAccepted", "DocumentsForReview", "Quarantined"] : ["smartcat", name, "service", local.prefix, { stat = "Sum" }]
      ]
      lines = []
    },
    {
      title = "Outlook: hours until the oldest record expires"
      metrics = [
        ["smartcat", "HoursToExpiry", "service", local.prefix, { stat = "Minimum" }],
      ]
      lines = [["life of a record", local.record_life_h]]
    },
    {
      title = "Drift: distance from the documents of training"
      metrics = [
        for name in ["LabelMixDistance", "UnknownFeaturesShift", "ConfidenceShift", "ReviewShare"] : ["smartcat", name, "service", local.prefix, { stat = "Average" }]
      ]
      lines = []
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  count = local.on.dashboard ? 1 : 0

  dashboard_name = local.prefix
  dashboard_body = jsonencode({
    widgets = [for place, widget in local.widgets : {
      type   = "metric"
      x      = 12 * (place % 2)
      y      = 6 * floor(place / 2)
      width  = 12
      height = 6
      properties = {
        title       = widget.title
        region      = local.region
        view        = "timeSeries"
        period      = 60
        metrics     = widget.metrics
        annotations = { horizontal = [for line in widget.lines : { label = line[0], value = line[1] }] }
      }
    }]
  })
}
