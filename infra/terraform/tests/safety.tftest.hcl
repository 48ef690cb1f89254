# Each relation of safety.tf refuses what it is there to refuse. The run of a relation is named after it, and varies what
# that relation needs to be broken, and no other: make prove-infra takes the relations out one by one to see.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package = { zip_path = "tests/fixtures/package.zip" }
  model   = { path = "tests/fixtures/model" }
}

run "the_defaults_and_the_largest_record_that_fits_keep_every_relation" {
  command = plan
  variables {
    stream = { max_record_kib = 4607 }
  }

  assert {
    condition     = output.capacity_plan.workers == 1 && output.capacity_plan.wcu_per_worker == 35
    error_message = "one environment should have the 35 usable units of the default table"
  }
}

# ------------------------------------------------------------------------------------------------ hard: the plan is refused
run "c0_fewer_environments_than_an_emulator_has_lanes_are_refused" {
  command = plan
  variables {
    emulator = true
    consumer = { reserved_concurrency = 1 }
  }
  expect_failures = [terraform_data.safety]
}

run "c0a_more_environments_than_lanes_are_refused" {
  command = plan
  variables {
    consumer = { reserved_concurrency = 5 }
  }
  expect_failures = [terraform_data.safety]
}

run "c0b_a_reservation_beyond_the_account_is_refused" {
  command = plan
  variables {
    load = { account_concurrency = 100 }
  }
  expect_failures = [terraform_data.safety]
}

run "s1_a_share_below_one_result_a_second_is_refused" {
  command = plan
  variables {
    table    = { write_capacity = 1 }
    consumer = { batch_size = 1 }
    load     = { records_per_s = 0.1 }
  }
  expect_failures = [terraform_data.safety]
}

run "s2_a_batch_that_does_not_fit_the_time_out_is_refused" {
  command = plan
  variables {
    load = { classify_ms_per_record = 200 }
  }
  expect_failures = [terraform_data.safety]
}

run "s2a_a_reserve_that_leaves_too_little_time_is_refused" {
  command = plan
  variables {
    consumer = { deadline_reserve_s = 15 }
  }
  expect_failures = [terraform_data.safety]
}

run "s3_a_stream_that_forgets_before_lambda_gives_up_is_refused" {
  command = plan
  variables {
    stream = { retention_hours = 24 }
  }
  expect_failures = [terraform_data.safety]
}

run "s4_a_record_that_always_hangs_until_others_expire_is_refused" {
  command = plan
  variables {
    consumer = { timeout_s = 900 }
  }
  expect_failures = [terraform_data.safety]
}

run "s5_a_record_that_fits_no_event_is_refused" {
  command = plan
  variables {
    stream = { max_record_kib = 4608 }
  }
  expect_failures = [terraform_data.safety]
}

run "s6_a_backlog_that_expires_before_it_is_worked_off_is_refused" {
  command = plan
  variables {
    load = { tolerated_outage_h = 20 }
  }
  expect_failures = [terraform_data.safety]
}

run "s7_claims_that_expire_before_they_can_be_put_back_are_refused" {
  command = plan
  variables {
    storage = { claims_days = 16 }
  }
  expect_failures = [terraform_data.safety]
}

run "v3_snapstart_on_an_older_python_is_refused" {
  command = plan
  variables {
    features = { snap_start = true }
    consumer = { runtime = "python3.11" }
  }
  expect_failures = [terraform_data.safety]
}

run "m1_a_damaged_model_is_refused" {
  command = plan
  variables {
    model = { path = "tests/fixtures/damaged-model" }
  }
  expect_failures = [aws_s3_object.model_file]
}

# ------------------------------------------------------------------------------------------------ soft: a warning
run "s5b_batches_larger_than_an_event_are_warned_of" {
  command = plan
  variables {
    load = { avg_record_bytes = 25000 }
  }
  expect_failures = [check.s5b_full_batches_fit_an_event]
}

run "k1_a_table_without_head_room_is_warned_of" {
  command = plan
  variables {
    load = { records_per_s = 28.5, tolerated_outage_h = 1 }
  }
  expect_failures = [check.k1_head_room]
}

run "k2_a_peak_beyond_the_shards_is_warned_of" {
  command = plan
  variables {
    load = { peak_records_per_s = 500 }
  }
  expect_failures = [check.k2_shards_take_the_peak]
}

run "k3_many_readers_without_fan_out_are_warned_of" {
  command = plan
  variables {
    stream = { other_consumers = 2 }
  }
  expect_failures = [check.k3_readers_share_a_shard]
}

run "k4_a_ceiling_that_is_only_a_target_is_warned_of" {
  command = plan
  variables {
    table = { billing_mode = "PAY_PER_REQUEST" }
  }
  expect_failures = [check.k4_the_ceiling_holds]
}

run "k5_retries_used_up_by_a_short_outage_are_warned_of" {
  command = plan
  variables {
    consumer = { max_retries = 10 }
  }
  expect_failures = [check.k5_retries_outlast_an_outage]
}

run "k6_capacity_that_nobody_can_use_is_warned_of" {
  command = plan
  variables {
    table = { max_write_capacity = 1000 }
  }
  expect_failures = [check.k6_what_the_table_grows_to_can_be_written]
}

run "a1_alarms_in_the_wrong_order_are_warned_of" {
  command = plan
  variables {
    consumer = { max_record_age_s = 600, batch_size = 1, max_retries = 1 }
    load     = { tolerated_outage_h = 0.01, dependency_outage_h = 0.01 }
  }
  expect_failures = [check.a1_alarms_come_in_order]
}

run "a2_metadata_of_records_that_are_gone_is_warned_of" {
  command = plan
  variables {
    failure_destination = "sqs"
    stream              = { retention_hours = 25 }
  }
  expect_failures = [check.a2_time_to_fetch_what_sqs_names]
}

# ------------------------------------------------------------------------------------------------ ranges: the variable is refused
run "v1_v2_values_out_of_range_are_refused" {
  command = plan
  variables {
    table   = { write_capacity = 300 }
    package = { zip_path = "tests/fixtures/package.zip", unzipped_bytes = 262144001 }
    model   = { version = "latest" }
    stream  = { shards = 1.5 }
  }
  # Each of the four has to refuse, or the run fails.
  expect_failures = [var.table, var.package, var.model, var.stream]
}

run "v4_a_canary_without_a_stable_version_is_refused" {
  command = plan
  variables {
    consumer = { canary_weight = 0.1 }
  }
  expect_failures = [var.consumer]
}

run "endless_retries_are_refused" {
  command = plan
  variables {
    consumer = { max_retries = -1 }
  }
  expect_failures = [var.consumer]
}

run "an_endless_age_is_refused" {
  command = plan
  variables {
    consumer = { max_record_age_s = -1 }
  }
  expect_failures = [var.consumer]
}

run "a_start_at_a_timestamp_is_refused" {
  command = plan
  variables {
    consumer = { starting_position = "AT_TIMESTAMP" }
  }
  expect_failures = [var.consumer]
}

run "a_function_without_a_model_is_refused" {
  command = plan
  variables {
    model = {}
  }
  expect_failures = [var.model]
}

