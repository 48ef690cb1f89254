# A work list of what was put aside: one message for each object in the buckets quarantine and failures. The buckets hold the
# records, the queue their number and age.

resource "aws_sqs_queue" "failures" {
  name                       = local.names.failures
  message_retention_seconds  = local.redrive_days * 86400
  visibility_timeout_seconds = 900
  sqs_managed_sse_enabled    = true
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failures_dead.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "failures_dead" {
  name                      = "${local.names.failures}-dead"
  message_retention_seconds = local.redrive_days * 86400
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue_redrive_allow_policy" "failures_dead" {
  queue_url = aws_sqs_queue.failures_dead.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.arns.failures_queue]
  })
}

resource "aws_sqs_queue_policy" "failures" {
  queue_url = aws_sqs_queue.failures.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "BucketsOfWhatWasPutAside"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = local.arns.failures_queue
      Condition = {
        ArnEquals    = { "aws:SourceArn" = [for role in local.put_aside_in : local.bucket_arns[role]] }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    }]
  })
}

moved {
  from = aws_s3_bucket_notification.failures
  to   = aws_s3_bucket_notification.put_aside["failures"]
}

resource "aws_s3_bucket_notification" "put_aside" {
  for_each = local.put_aside_in

  bucket = aws_s3_bucket.this[each.key].id

  queue {
    queue_arn = aws_sqs_queue.failures.arn
    events    = ["s3:ObjectCreated:*"]
  }

  # S3 tries the queue when it is told of it.
  depends_on = [aws_sqs_queue_policy.failures]
}
