# The function, the alias that the stream invokes, and the mapping between the two.

# Before the function, which would else make one that is kept for ever.
resource "aws_cloudwatch_log_group" "consumer" {
  name              = "/aws/lambda/${local.names.function}"
  retention_in_days = var.consumer.log_retention_days
  kms_key_id        = local.on.customer_kms_key ? aws_kms_key.this[0].arn : null
}

resource "aws_lambda_function" "consumer" {
  #checkov:skip=CKV_AWS_116:a dead letter queue is for asynchronous invocations; the mapping has a failure destination
  #checkov:skip=CKV_AWS_117:it needs no network of yours, and in one it would need endpoints for every service it calls
  #checkov:skip=CKV_AWS_272:the package is built and uploaded by whoever applies this; signing would trust the same person
  function_name = local.names.function
  description   = "Classifies documents from ${local.names.stream} into ${local.names.table}"
  role          = aws_iam_role.consumer.arn

  handler           = "stream_processor.handler.handler"
  runtime           = var.consumer.runtime
  architectures     = [var.consumer.architecture]
  s3_bucket         = aws_s3_object.package.bucket
  s3_key            = aws_s3_object.package.key
  s3_object_version = aws_s3_object.package.version_id
  source_code_hash  = filebase64sha256(var.package.zip_path)

  memory_size                    = var.consumer.memory_mb
  timeout                        = var.consumer.timeout_s
  reserved_concurrent_executions = local.workers
  publish                        = true
  kms_key_arn                    = local.on.customer_kms_key ? aws_kms_key.this[0].arn : null

  environment {
    variables = local.function_environment
  }

  logging_config {
    log_format = "JSON"
    log_group  = aws_cloudwatch_log_group.consumer.name
    # POWERTOOLS_LOG_LEVEL chooses the lines. Lambda takes a line without a level, as those of metrics are, for INFO: a
    # stricter filter here would drop every metric of the function.
    application_log_level = var.consumer.log_level == "DEBUG" ? "DEBUG" : "INFO"
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = local.on.tracing ? "Active" : "PassThrough"
  }

  dynamic "snap_start" {
    for_each = local.on.snap_start ? [1] : []
    content {
      apply_on = "PublishedVersions"
    }
  }

  # Rights first, or it starts without them; the model first, or it refuses to start.
  depends_on = [
    aws_cloudwatch_log_group.consumer,
    aws_iam_role_policy.consumer,
    aws_s3_object.model_file,
    aws_s3_object.model_manifest,
    terraform_data.safety,
  ]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "The version that documents meet"
  function_name    = aws_lambda_function.consumer.function_name
  function_version = coalesce(var.consumer.stable_version, aws_lambda_function.consumer.version)

  dynamic "routing_config" {
    # Each batch by chance; a retry may meet the other version, which is safe, since results overwrite themselves.
    for_each = var.consumer.canary_weight > 0 ? [1] : []
    content {
      additional_version_weights = { (aws_lambda_function.consumer.version) = var.consumer.canary_weight }
    }
  }
}

resource "aws_lambda_event_source_mapping" "documents" {
  event_source_arn = local.on.enhanced_fan_out ? aws_kinesis_stream_consumer.classifier[0].arn : aws_kinesis_stream.documents.arn
  function_name    = aws_lambda_alias.live.arn

  starting_position                  = var.consumer.starting_position
  batch_size                         = var.consumer.batch_size
  maximum_batching_window_in_seconds = var.consumer.batching_window_s
  parallelization_factor             = var.consumer.parallelization_factor
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = var.consumer.max_retries
  maximum_record_age_in_seconds      = var.consumer.max_record_age_s
  function_response_types            = ["ReportBatchItemFailures"]

  destination_config {
    on_failure {
      destination_arn = local.failures_to_s3 ? aws_s3_bucket.this["failures"].arn : aws_sqs_queue.failures.arn
    }
  }

  dynamic "metrics_config" {
    for_each = local.on.esm_metrics ? [1] : []
    content {
      metrics = ["EventCount"]
    }
  }

  lifecycle {
    # It matters to a new mapping alone, and changing it would make a new one, which reads the stream from there again.
    ignore_changes = [starting_position]
  }

  depends_on = [terraform_data.safety, aws_iam_role_policy.consumer, aws_s3_bucket_notification.put_aside]
}
