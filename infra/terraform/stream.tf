# The stream that documents travel on.

resource "aws_kinesis_stream" "documents" {
  name             = local.names.stream
  shard_count      = local.provisioned_stream ? var.stream.shards : null
  retention_period = var.stream.retention_hours
  encryption_type  = "KMS"
  kms_key_id       = local.on.customer_kms_key ? aws_kms_key.this[0].arn : "alias/aws/kinesis"
  # Emulators give nothing back for it, which would show as a change for ever: only where it is not AWS's default.
  max_record_size_in_kib    = var.stream.max_record_kib > 1024 ? var.stream.max_record_kib : null
  enforce_consumer_deletion = !local.on.delete_guard

  stream_mode_details {
    stream_mode = var.stream.mode
  }
}

# A read rate of its own for the function, where several readers share the stream (K3).
resource "aws_kinesis_stream_consumer" "classifier" {
  count = local.on.enhanced_fan_out ? 1 : 0

  name       = local.names.function
  stream_arn = aws_kinesis_stream.documents.arn
}
