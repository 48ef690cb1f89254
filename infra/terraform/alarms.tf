# When somebody has to look: 13 alarms, and one that pages. What to do about each is in docs/runbook.md, under its name.

locals {
  runbook       = "docs/runbook.md"
  alarm_actions = concat(var.alarm_topic_arns, aws_sns_topic.alarms[*].arn)

  of_function   = { FunctionName = local.names.function }
  of_mapping    = { EventSourceMappingUUID = aws_lambda_event_source_mapping.documents.uuid }
  of_stream     = { StreamName = local.names.stream }
  of_table      = { TableName = local.names.table }
  of_queue      = { QueueName = local.names.failures }
  one_per_batch = local.workers >= local.lanes

  # rule: how many of the last periods must be beyond the threshold. A metric, or metrics and an expression over them.
  alarms = merge(
    {
      "iterator-age-warn" = {
        says   = "The oldest record in hand is older than a few slow or repeated batches explain: the function falls behind."
        metric = { namespace = "AWS/Lambda", name = "IteratorAge", stat = "Maximum", dimensions = local.of_function }
        above  = local.age_warn_s * 1000, period = 60, rule = [5, 5]
      }
      "iterator-age-crit" = {
        says   = "Half of the records' life is over: the other half is left to act before Lambda gives them up."
        metric = { namespace = "AWS/Lambda", name = "IteratorAge", stat = "Maximum", dimensions = local.of_function }
        above  = local.age_critical_s * 1000, period = 60, rule = [3, 3]
      }
      "consumer-stopped" = {
        says = "Documents come in and nothing is invoked: IteratorAge is silent then."
        metrics = {
          incoming    = { namespace = "AWS/Kinesis", name = "IncomingRecords", stat = "Sum", dimensions = local.of_stream }
          invocations = { namespace = "AWS/Lambda", name = "Invocations", stat = "Sum", dimensions = local.of_function }
        }
        expression = "IF(FILL(incoming, 0) > 0 AND FILL(invocations, 0) == 0, 1, 0)"
        above      = 0, period = 300, rule = [3, 3]
      }
      "failures-waiting" = {
        says   = "Records were quarantined or given up, and wait to be looked at and put back."
        metric = { namespace = "AWS/SQS", name = "ApproximateNumberOfMessagesVisible", stat = "Maximum", dimensions = local.of_queue }
        above  = 0, period = 300, rule = [1, 1]
      }
      "failures-old" = {
        says   = "Nobody has looked at a record that was put aside for half the time that the queue remembers it."
        metric = { namespace = "AWS/SQS", name = "ApproximateAgeOfOldestMessage", stat = "Maximum", dimensions = local.of_queue }
        above  = local.queue_old_s, period = 300, rule = [1, 1]
      }
      "errors" = {
        says   = "Invocations fail again and again. One crash is repeated by Lambda; more is a defect, a setting or a model."
        metric = { namespace = "AWS/Lambda", name = "Errors", stat = "Sum", dimensions = local.of_function }
        above  = 0, period = 300, rule = [2, 3]
      }
      "throttles" = {
        says = "Batches wait for an environment although not all that are reserved run: the account's concurrency is used up."
        # With fewer environments than lanes a wait is by design while all of them run (docs/decisions/0006).
        metrics = {
          throttles = { namespace = "AWS/Lambda", name = "Throttles", stat = "Sum", dimensions = local.of_function }
          running   = { namespace = "AWS/Lambda", name = "ConcurrentExecutions", stat = "Maximum", dimensions = local.of_function }
        }
        expression = local.one_per_batch ? "IF(FILL(throttles, 0) > 0 AND FILL(running, 0) >= 0, 1, 0)" : "IF(FILL(throttles, 0) > 0 AND FILL(running, 0) < ${local.workers}, 1, 0)"
        above      = 0, period = 60, rule = [3, 5]
      }
      "duration" = {
        says   = "Invocations come near their time-out, which would throw away what they have done of a batch."
        metric = { namespace = "AWS/Lambda", name = "Duration", stat = "Maximum", dimensions = local.of_function }
        # Up to its reserve an invocation works on purpose, so 90 % of a minute is an ordinary backlog.
        above = max(0.9 * var.consumer.timeout_s, var.consumer.timeout_s - var.consumer.deadline_reserve_s / 2) * 1000, period = 300, rule = [2, 3]
      }
      "write-throttles" = {
        says   = "The table has refused writes for minutes: something else writes to it, or the function believes it has more than it has."
        metric = { namespace = "AWS/DynamoDB", name = "WriteThrottleEvents", stat = "Sum", dimensions = local.of_table }
        above  = 10, period = 60, rule = [10, 15]
      }
      "producer-throttles" = {
        says   = "Shards refuse records: producers lose time, and without retries records."
        metric = { namespace = "AWS/Kinesis", name = "WriteProvisionedThroughputExceeded", stat = "Sum", dimensions = local.of_stream }
        above  = 0, period = 60, rule = [3, 5]
      }
      "reader-throttles" = {
        says   = "Shards refuse reads: too many readers share them."
        metric = { namespace = "AWS/Kinesis", name = "ReadProvisionedThroughputExceeded", stat = "Sum", dimensions = local.of_stream }
        above  = 0, period = 60, rule = [10, 15]
      }
    },
    local.provisioned_table ? {
      "write-ratio" = {
        says = "The table has been used to its capacity for a quarter of an hour: raise it, or accept the lag."
        metrics = {
          consumed    = { namespace = "AWS/DynamoDB", name = "ConsumedWriteCapacityUnits", stat = "Sum", dimensions = local.of_table }
          provisioned = { namespace = "AWS/DynamoDB", name = "ProvisionedWriteCapacityUnits", stat = "Maximum", dimensions = local.of_table }
        }
        # The provisioned capacity is not reported every minute.
        expression = "100 * (FILL(consumed, 0) / PERIOD(consumed)) / FILL(provisioned, REPEAT)"
        above      = 90, period = 60, rule = [12, 15]
      }
    } : {},
    local.on.esm_metrics ? {
      "records-dropped" = {
        says   = "Records left the pipeline: too old, or out of retries."
        metric = { namespace = "AWS/Lambda", name = "DroppedEventCount", stat = "Sum", dimensions = local.of_mapping }
        above  = 0, period = 60, rule = [1, 1]
      }
    } : {},
  )
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for name, alarm in local.alarms : name => alarm if local.on.alarms }

  alarm_name        = "${local.prefix}-${each.key}"
  alarm_description = "${each.value.says} ${local.runbook}#${each.key}"

  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  datapoints_to_alarm = each.value.rule[0]
  evaluation_periods  = each.value.rule[1]
  # A stream without records reports nothing, and that is no breach.
  treat_missing_data = "notBreaching"

  namespace   = try(each.value.metric.namespace, null)
  metric_name = try(each.value.metric.name, null)
  statistic   = try(each.value.metric.stat, null)
  dimensions  = try(each.value.metric.dimensions, null)
  period      = can(each.value.metric) ? each.value.period : null

  dynamic "metric_query" {
    for_each = try(each.value.metrics, {})
    content {
      id          = metric_query.key
      return_data = false
      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        stat        = metric_query.value.stat
        dimensions  = metric_query.value.dimensions
        period      = each.value.period
      }
    }
  }

  dynamic "metric_query" {
    for_each = can(each.value.expression) ? [each.value.expression] : []
    content {
      id          = "result"
      expression  = metric_query.value
      label       = each.key
      return_data = true
    }
  }

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}

# The one that pages.
resource "aws_cloudwatch_composite_alarm" "data_at_risk" {
  count = local.on.alarms ? 1 : 0

  alarm_name        = "${local.prefix}-data-at-risk"
  alarm_description = "Documents may be lost, or have been put aside, if nobody acts. ${local.runbook}#data-at-risk"
  alarm_rule = join(" OR ", [for name in ["iterator-age-crit", "consumer-stopped", "failures-waiting"] :
  "ALARM(\"${aws_cloudwatch_metric_alarm.this[name].alarm_name}\")"])

  alarm_actions = local.alarm_actions
  ok_actions    = local.alarm_actions
}

resource "aws_sns_topic" "alarms" {
  count = var.alarm_email == null ? 0 : 1

  name              = "${local.prefix}-alarms"
  kms_master_key_id = local.on.customer_kms_key ? aws_kms_key.this[0].arn : null
}

resource "aws_sns_topic_subscription" "alarms" {
  count = var.alarm_email == null ? 0 : 1

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = var.alarm_email
}
