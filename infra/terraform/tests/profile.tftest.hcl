# What is switched on where, and what the numbers come to: on AWS, on an emulator, and with each option.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package = { zip_path = "tests/fixtures/package.zip" }
  model   = { path = "tests/fixtures/model" }
}

run "on_aws_everything_that_guards_is_on" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.results.deletion_protection_enabled && aws_dynamodb_table.results.point_in_time_recovery[0].enabled
    error_message = "the table should be guarded against deletion and recoverable"
  }
  assert {
    condition     = !aws_s3_bucket.this["failures"].force_destroy && !aws_kinesis_stream.documents.enforce_consumer_deletion
    error_message = "nothing that holds documents should be destroyed by force"
  }
  assert {
    condition     = aws_lambda_function.consumer.tracing_config[0].mode == "Active"
    error_message = "invocations should be traced"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 13 && length(aws_cloudwatch_composite_alarm.data_at_risk) == 1
    error_message = "there should be 13 alarms, and one that pages"
  }
  assert {
    condition     = aws_appautoscaling_target.table["Write"].min_capacity == 50 && aws_appautoscaling_target.table["Write"].max_capacity == 200
    error_message = "the table should scale between its two capacities"
  }
  assert {
    condition     = aws_dynamodb_table.results.hash_key == "document_id" && aws_dynamodb_table.corrections.range_key == "corrected_at"
    error_message = "tables should have the keys that the code writes"
  }
  assert {
    condition     = length(aws_kms_key.this) == 0 && length(aws_kinesis_stream_consumer.classifier) == 0 && length(aws_sns_topic.alarms) == 0
    error_message = "what costs extra should be left to be asked for"
  }
}

run "on_an_emulator_nothing_is_asked_for_that_it_lacks" {
  command = plan
  variables {
    emulator = true
  }

  assert {
    condition     = length(aws_appautoscaling_target.table) == 0 && length(aws_lambda_event_source_mapping.documents.metrics_config) == 0
    error_message = "emulators have neither auto scaling nor metrics of mappings"
  }
  assert {
    condition     = aws_lambda_function.consumer.tracing_config[0].mode == "PassThrough"
    error_message = "emulators have no tracing"
  }
  assert {
    condition     = aws_s3_bucket.this["failures"].force_destroy && !aws_dynamodb_table.results.deletion_protection_enabled
    error_message = "what is on an emulator should be easy to destroy"
  }
  assert {
    condition     = output.capacity_plan.workers == 4 && output.capacity_plan.wcu_per_worker == 8.75
    error_message = "an emulator should have as many environments as lanes"
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 12
    error_message = "the alarm on the mapping's own metrics needs those"
  }
}

run "a_feature_that_is_named_overrides_the_target" {
  command = plan
  variables {
    features = { tracing = false, dashboard = false, alarms = false, autoscaling = false }
  }

  assert {
    condition     = aws_lambda_function.consumer.tracing_config[0].mode == "PassThrough"
    error_message = "tracing was declined"
  }
  assert {
    condition     = length(aws_cloudwatch_dashboard.this) == 0 && length(aws_cloudwatch_metric_alarm.this) == 0 && length(aws_cloudwatch_composite_alarm.data_at_risk) == 0
    error_message = "dashboard and alarms were declined"
  }
  assert {
    condition     = aws_appautoscaling_target.table["Write"].min_capacity == 50 && aws_appautoscaling_target.table["Write"].max_capacity == 50
    error_message = "without autoscaling a target still holds the capacity: its two ends meet"
  }
}

run "environments_are_sized_to_the_table_and_share_it" {
  command = plan
  variables {
    table = { write_capacity = 1000, max_write_capacity = 1000 }
  }

  assert {
    condition     = output.capacity_plan.workers == 3 && output.capacity_plan.lanes == 4 && output.capacity_plan.wcu_per_worker == 233.33
    error_message = "700 usable units need ceil(1.25 x 700 / 400) = 3 of 4 lanes, with a third of them each"
  }
  assert {
    condition     = aws_lambda_function.consumer.reserved_concurrent_executions == 3
    error_message = "as many as share the table should be reserved"
  }
  assert {
    condition     = strcontains(tolist([for q in aws_cloudwatch_metric_alarm.this["throttles"].metric_query : q.expression if q.id == "result"])[0], "running, 0) < 3")
    error_message = "batches that wait while all environments run should not alarm"
  }
}

run "an_on_demand_stream_has_no_shards_to_set_and_lanes_bound_the_environments" {
  command = plan
  variables {
    stream = { mode = "ON_DEMAND", max_shards = 1 }
    table  = { write_capacity = 4000, max_write_capacity = 4000 }
  }

  expect_failures = [check.k6_what_the_table_grows_to_can_be_written]

  assert {
    condition     = aws_kinesis_stream.documents.shard_count == null && output.capacity_plan.lanes == 2
    error_message = "shards should be AWS's, and lanes sized for the most that are planned with"
  }
  assert {
    condition     = output.capacity_plan.workers == 2
    error_message = "one shard with two lanes keeps two environments busy, whatever the table takes"
  }
}

run "a_published_version_is_served_without_an_upload" {
  command = plan
  variables {
    model = { version = "ba9876543210", shadow_version = "0123456789ab", prefix = "" }
  }

  assert {
    condition     = length(aws_s3_object.model_file) == 0 && length(aws_s3_object.model_manifest) == 0
    error_message = "nothing should be uploaded"
  }
  assert {
    condition     = endswith(aws_lambda_function.consumer.environment[0].variables.SMARTCAT_MODEL, "-123456789012/versions/ba9876543210/")
    error_message = "the named version should be pinned"
  }
  assert {
    condition     = endswith(aws_lambda_function.consumer.environment[0].variables.SMARTCAT_SHADOW_MODEL, "/versions/0123456789ab/")
    error_message = "the shadow should be pinned alike"
  }
}

run "a_named_version_beside_a_path_is_the_one_that_serves" {
  command = plan
  variables {
    model = { path = "tests/fixtures/model", version = "ba9876543210" }
  }

  assert {
    condition     = length(aws_s3_object.model_file) == 1 && output.model_version == "ba9876543210"
    error_message = "what was uploaded should stay while another version serves"
  }
}

run "one_apply_gives_a_system_that_serves_a_model_and_never_waits_for_a_bad_record" {
  command = plan
  variables {
    storage = { claims_days = 40 }
  }

  assert {
    condition     = aws_lambda_function.consumer.environment[0].variables.SMARTCAT_MODEL == "s3://smartcat-dev-artifacts-123456789012/models/versions/0123456789ab/"
    error_message = "the setting should name the folder of the version"
  }
  assert {
    condition     = aws_s3_object.model_file["0123456789ab/weights.bin"].key == "models/versions/0123456789ab/weights.bin"
    error_message = "files should lie where smartcat model publish puts them"
  }
  assert {
    condition     = aws_s3_object.model_manifest["0123456789ab"].key == "models/versions/0123456789ab/manifest.json"
    error_message = "the manifest should lie beside the files"
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.documents.bisect_batch_on_function_error
      && aws_lambda_event_source_mapping.documents.function_response_types == toset(["ReportBatchItemFailures"])
      && aws_lambda_event_source_mapping.documents.maximum_retry_attempts == 100
      && aws_lambda_event_source_mapping.documents.maximum_record_age_in_seconds == 86400
    )
    error_message = "the mapping should halve, take partial answers, and give up in the end"
  }
  assert {
    condition     = !contains(keys(aws_s3_bucket_versioning.this), "claims")
    error_message = "an erased document should leave no older version"
  }
  assert {
    condition     = one([for rule in aws_s3_bucket_lifecycle_configuration.this["claims"].rule : rule.expiration[0].days if rule.id == "expire"]) == 40
    error_message = "claims should expire after 40 days"
  }
  assert {
    condition     = !contains([for rule in aws_s3_bucket_lifecycle_configuration.this["artifacts"].rule : rule.id], "expire")
    error_message = "models should never expire"
  }
}
