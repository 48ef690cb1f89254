# What is asked for only sometimes, and known only after an apply: a canary, a key and a read rate of your own.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package = { zip_path = "tests/fixtures/package.zip" }
  model   = { path = "tests/fixtures/model" }
}

run "a_canary_gets_its_share_of_batches" {
  command = apply
  variables {
    consumer = { stable_version = "6", canary_weight = 0.1 }
  }

  assert {
    condition     = aws_lambda_alias.live.function_version == "6" && aws_lambda_alias.live.routing_config[0].additional_version_weights == tomap({ "7" = 0.1 })
    error_message = "the newest version should get a tenth, and the stable one the rest"
  }
}

run "a_key_and_a_read_rate_of_your_own_are_used_everywhere" {
  command = apply
  variables {
    features    = { customer_kms_key = true, enhanced_fan_out = true }
    alarm_email = "documents@example.org"
  }

  assert {
    condition = alltrue([
      aws_kinesis_stream.documents.kms_key_id == aws_kms_key.this[0].arn,
      aws_dynamodb_table.results.server_side_encryption[0].kms_key_arn == aws_kms_key.this[0].arn,
      aws_dynamodb_table.corrections.server_side_encryption[0].kms_key_arn == aws_kms_key.this[0].arn,
      aws_cloudwatch_log_group.consumer.kms_key_id == aws_kms_key.this[0].arn,
      aws_sns_topic.alarms[0].kms_master_key_id == aws_kms_key.this[0].arn,
    ])
    error_message = "stream, tables, logs and alarms should use the key"
  }
  assert {
    condition = alltrue([for bucket in values(aws_s3_bucket_server_side_encryption_configuration.this) :
    one(one(bucket.rule).apply_server_side_encryption_by_default).kms_master_key_id == aws_kms_key.this[0].arn])
    error_message = "every bucket should use the key"
  }
  assert {
    condition     = aws_lambda_event_source_mapping.documents.event_source_arn == aws_kinesis_stream_consumer.classifier[0].arn
    error_message = "the mapping should read by the registered consumer"
  }
}
