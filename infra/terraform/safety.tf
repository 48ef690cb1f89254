# The relations between the numbers that keep documents from being lost. Hard ones refuse a plan; soft ones warn.
#
# README.md has them as a table. Each has a run in tests/safety.tftest.hcl that turns green only because of it:
# make prove-infra takes them out one by one and sees the run turn red.

resource "terraform_data" "safety" {
  input = { workers = local.workers, wcu_per_worker = local.wcu_per_worker, batch_s = local.batch_s }

  lifecycle {
    precondition {
      # On AWS a batch without a free environment waits at no cost; on an emulator the wait uses up a retry.
      condition     = local.workers >= local.sized_workers
      error_message = "C0: consumer.reserved_concurrency is ${local.workers}, but ${local.sized_workers} environments are needed to use the table${var.emulator ? ", and on an emulator each lane that finds none loses a retry" : ""}. Leave it null."
    }
    precondition {
      # Each environment holds a share back for itself: shares of those that can never run would go unused.
      condition     = local.workers <= local.lanes
      error_message = "C0a: consumer.reserved_concurrency is ${local.workers}, but no more than ${local.lanes} batches (shards x parallelization_factor) can run at once: the shares of the others would be lost. Leave it null."
    }
    precondition {
      # Lambda keeps 100 for functions without a reservation, and refuses the reservation in the middle of an apply.
      condition     = local.workers <= var.load.account_concurrency - 100
      error_message = "C0b: ${local.workers} reserved environments do not fit an account with ${var.load.account_concurrency}, of which 100 must stay unreserved. Ask AWS for a higher quota, and say so in load.account_concurrency."
    }
    precondition {
      # Below this an environment cannot even write one result a second, and batches never end.
      condition     = local.wcu_per_worker >= var.load.wcu_per_result
      error_message = "S1: each of ${local.workers} environments may write ${local.wcu_per_worker} units a second, less than the ${var.load.wcu_per_result} of one result. Raise table.write_capacity, or take fewer shards or a smaller parallelization_factor."
    }
    precondition {
      # What does not fit the time is given back to the stream, read again and classified again: paid for twice. Above the
      # time-out itself, classifying alone could end an invocation without any progress, which uses up retries.
      condition     = local.batch_s <= 0.8 * var.consumer.timeout_s
      error_message = "S2: a full batch may take ${ceil(local.batch_s)} s, more than 80 % of the time-out of ${var.consumer.timeout_s} s. Make consumer.batch_size smaller, or consumer.timeout_s or table.write_capacity larger; a larger parallelization_factor makes it worse."
    }
    precondition {
      # S2 plans with 80 % of the time-out: the reserve must come out of the other 20.
      condition     = var.consumer.deadline_reserve_s <= 0.2 * var.consumer.timeout_s
      error_message = "S2a: consumer.deadline_reserve_s of ${var.consumer.deadline_reserve_s} s leaves less than 80 % of the time-out of ${var.consumer.timeout_s} s for work."
    }
    precondition {
      # Else Kinesis deletes records before Lambda gives them up, and nobody ever sees them again.
      condition     = var.consumer.max_record_age_s <= local.retention_s - 3600
      error_message = "S3: consumer.max_record_age_s of ${var.consumer.max_record_age_s} s must end an hour before the stream's ${local.retention_s} s of retention: Kinesis would delete records before they reach the failure destination."
    }
    precondition {
      # Not about poison: the function quarantines that itself, and it holds nobody up. This is about what nobody foresaw,
      # a record at which the process dies or hangs until its time-out each time. Retries are many on purpose, since an
      # outage of a dependency uses one each time-out (K5), so it is their product with the time-out that must be bounded:
      # the record has to be given up while the healthy ones behind it have at least half of their life left.
      condition     = local.poison_s <= 0.5 * var.consumer.max_record_age_s
      error_message = "S4: a record that always ends in a time-out holds its shard for ${local.poison_s} s, more than half of the ${var.consumer.max_record_age_s} s that the records behind it live. Lower consumer.max_retries or consumer.timeout_s."
    }
    precondition {
      # An event has 6 MB at most, and a record in it is base64. A record that fits no event can never be delivered.
      condition     = local.largest_event <= local.event_limit
      error_message = "S5: a record of ${var.stream.max_record_kib} KiB makes an event of ${local.largest_event} bytes, more than Lambda's 6 MiB. Keep stream.max_record_kib at 4607 or less; larger documents travel as claims."
    }
    precondition {
      # outage + outage x in / (drain - in) <= age: the backlog must be gone before its oldest record expires.
      condition     = var.load.tolerated_outage_h * 3600 <= var.consumer.max_record_age_s * (1 - var.load.records_per_s / local.drain_rate)
      error_message = "S6: after an outage of ${var.load.tolerated_outage_h} h the backlog cannot be worked off before its records expire: ${var.load.records_per_s} documents a second come in, ${local.drain_rate} can be stored. Raise table.write_capacity or consumer.max_record_age_s (and stream.retention_hours)."
    }
    precondition {
      # A claim on the stream, or quarantined and put back within the time that the failures queue remembers it, needs its object.
      condition     = var.storage.claims_days >= var.stream.retention_hours / 24 + local.redrive_days
      error_message = "S7: claimed documents are deleted after ${var.storage.claims_days} days, but their claims may be on the stream for ${var.stream.retention_hours} hours and wait ${local.redrive_days} days to be put back. Raise storage.claims_days."
    }
    precondition {
      condition     = !local.on.snap_start || contains(["python3.12", "python3.13"], var.consumer.runtime)
      error_message = "V3: SnapStart needs python3.12 or python3.13, not ${var.consumer.runtime}."
    }
  }
}

check "s5b_full_batches_fit_an_event" {
  assert {
    # AWS cuts such batches short, which is only slower; LocalStack fails them.
    condition     = local.event_bytes <= 0.9 * local.event_limit
    error_message = "S5b: a full batch is an event of ${local.event_bytes} bytes, near or above Lambda's 6 MiB: AWS cuts it short, an emulator fails it. Make consumer.batch_size smaller."
  }
}

check "k1_head_room" {
  assert {
    condition     = local.drain_rate >= 1.25 * var.load.records_per_s
    error_message = "K1: ${local.drain_rate} documents a second can be stored, and ${var.load.records_per_s} come in: without a quarter to spare the lag grows at every hiccup."
  }
}

check "k2_shards_take_the_peak" {
  assert {
    # A shard takes 1,000 records and 1 MiB a second.
    condition = (
      var.load.peak_records_per_s <= 800 * local.shards
      && var.load.peak_records_per_s * var.load.avg_record_bytes <= 0.8 * 1048576 * local.shards
    )
    error_message = "K2: ${var.load.peak_records_per_s} records a second of ${var.load.avg_record_bytes} bytes are more than 80 % of what ${local.shards} shards take: producers are throttled. Raise stream.shards."
  }
}

check "k3_readers_share_a_shard" {
  assert {
    condition     = var.stream.other_consumers <= 1 || local.on.enhanced_fan_out
    error_message = "K3: ${var.stream.other_consumers} other readers share each shard's 2 MiB and 5 reads a second with the function. Set features.enhanced_fan_out."
  }
}

check "k4_the_ceiling_holds" {
  assert {
    condition     = local.provisioned_table
    error_message = "K4: with PAY_PER_REQUEST table.max_write_capacity is a target of AWS, not a ceiling. Use PROVISIONED where the bill must not exceed it."
  }
}

check "k5_retries_outlast_an_outage" {
  assert {
    # An outage of DynamoDB or S3 uses one retry each time-out: the function waits until its deadline, and gives the batch back.
    condition     = var.consumer.max_retries * var.consumer.timeout_s >= var.load.dependency_outage_h * 3600
    error_message = "K5: ${var.consumer.max_retries} retries of ${var.consumer.timeout_s} s are used up before an outage of ${var.load.dependency_outage_h} h ends: batches would go to the failure destination, from where smartcat replay has to fetch them."
  }
}

check "k6_what_the_table_grows_to_can_be_written" {
  assert {
    # Environments are sized to the smallest capacity; autoscaling sees no reason to scale beyond what they can use.
    condition     = local.most_usable_wcu <= local.most_of_one * local.workers
    error_message = "K6: ${local.workers} environments write some ${local.most_of_one * local.workers} units a second, less than the ${local.most_usable_wcu} usable ones that the table may grow to. Set consumer.reserved_concurrency (at most ${local.lanes} lanes), raise stream.shards, or lower the capacity."
  }
}

check "a1_alarms_come_in_order" {
  assert {
    condition     = local.age_critical_s > local.age_warn_s
    error_message = "A1: half of consumer.max_record_age_s, ${local.age_critical_s} s, is not above the ${local.age_warn_s} s at which lag is first told of."
  }
}

check "a2_time_to_fetch_what_sqs_names" {
  assert {
    # SQS gets metadata alone: the records must still be on the stream when somebody comes to fetch them.
    condition     = local.failures_to_s3 || local.retention_s - var.consumer.max_record_age_s >= 86400
    error_message = "A2: with failure_destination sqs a given-up record stays on the stream for only ${local.retention_s - var.consumer.max_record_age_s} s: less than a day to fetch it. Raise stream.retention_hours, or use s3."
  }
}
