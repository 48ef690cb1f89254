# Names, switches, and the arithmetic of capacity: the numbers that safety.tf checks and that the function is told.

locals {
  prefix  = "${var.name}-${var.environment}"
  account = data.aws_caller_identity.current.account_id

  names = {
    stream      = "${local.prefix}-documents"
    table       = "${local.prefix}-results"
    corrections = "${local.prefix}-corrections"
    function    = "${local.prefix}-classifier"
    failures    = "${local.prefix}-failures"
  }
  # Names of buckets are one for all accounts.
  buckets = { for role in ["artifacts", "quarantine", "failures", "claims"] : role => "${local.prefix}-${role}-${local.account}" }

  tags = merge({ Application = var.name, Environment = var.environment, ManagedBy = "Terraform" }, var.tags)

  # Made from names, not read from resources: so policies are whole in a plan, and tests can read them there.
  region_and_account = "${data.aws_region.current.region}:${local.account}"
  aws                = "arn:${data.aws_partition.current.partition}"
  arns = {
    stream         = "${local.aws}:kinesis:${local.region_and_account}:stream/${local.names.stream}"
    table          = "${local.aws}:dynamodb:${local.region_and_account}:table/${local.names.table}"
    corrections    = "${local.aws}:dynamodb:${local.region_and_account}:table/${local.names.corrections}"
    function       = "${local.aws}:lambda:${local.region_and_account}:function:${local.names.function}"
    failures_queue = "${local.aws}:sqs:${local.region_and_account}:${local.names.failures}"
    log_group      = "${local.aws}:logs:${local.region_and_account}:log-group:/aws/lambda/${local.names.function}"
  }
  bucket_arns = { for role, bucket in local.buckets : role => "${local.aws}:s3:::${bucket}" }

  # ---------------------------------------------------------------------------------------------- switches
  feature_defaults = var.emulator ? {
    alarms           = true, dashboard = true, autoscaling = false, customer_kms_key = false, tracing = false, snap_start = false,
    enhanced_fan_out = false, esm_metrics = false, pitr = true, delete_guard = false
    } : {
    alarms           = true, dashboard = true, autoscaling = true, customer_kms_key = false, tracing = true, snap_start = false,
    enhanced_fan_out = false, esm_metrics = true, pitr = true, delete_guard = true
  }
  on = { for name, default in local.feature_defaults : name => coalesce(var.features[name], default) }

  provisioned_stream = var.stream.mode == "PROVISIONED"
  provisioned_table  = var.table.billing_mode == "PROVISIONED"
  failures_to_s3     = var.failure_destination == "s3"
  put_aside_in       = toset(["quarantine", "failures"])

  # ---------------------------------------------------------------------------------------------- capacity
  shards = local.provisioned_stream ? var.stream.shards : var.stream.max_shards
  lanes  = local.shards * var.consumer.parallelization_factor

  # With autoscaling the minimum counts: scaling answers only after minutes.
  ceiling_wcu = local.provisioned_table ? var.table.write_capacity : var.table.max_write_capacity
  usable_wcu  = local.ceiling_wcu * var.table.target_utilization / 100

  # As many environments as can write what the table takes: one alone writes some 400 units a second, and a lane asleep
  # in a running function is paid for, while an invocation that waits in Lambda is not (docs/decisions/0006). Emulators
  # count such a wait as a failed attempt, so there no lane may ever have to wait.
  sized_workers = var.emulator ? local.lanes : min(local.lanes, ceil(1.25 * local.usable_wcu / local.most_of_one))
  workers       = coalesce(var.consumer.reserved_concurrency, local.sized_workers)

  # Each environment's share. With SMARTCAT_ENVIRONMENTS the function follows the table's real capacity from its first
  # batch on, which is more than this as long as target_utilization is below 100; the relations are checked with the lower figure.
  wcu_per_worker = floor(local.usable_wcu / local.workers * 100) / 100
  burst_wcu      = floor(900 * ceil(local.ceiling_wcu / 1000) / local.workers * 100) / 100
  drain_rate     = local.usable_wcu / var.load.wcu_per_result

  # What the table may grow to, and what an environment writes at most, by experience.
  most_usable_wcu = (!local.provisioned_table || local.on.autoscaling ? var.table.max_write_capacity : var.table.write_capacity) * var.table.target_utilization / 100
  most_of_one     = 400

  # ---------------------------------------------------------------------------------------------- times and sizes
  # max(): a share of 0 is for S1 to report, not for a division.
  batch_s = var.load.cold_start_s + var.consumer.batch_size * var.load.documents_per_record * (
    var.load.classify_ms_per_record / 1000 + var.load.wcu_per_result / max(local.wcu_per_worker, 0.01)
  )
  # A batch at which the function always dies is halved, which uses no retries, until one record is left.
  poison_s = (ceil(log(var.consumer.batch_size, 2)) + var.consumer.max_retries + 1) * var.consumer.timeout_s

  retention_s    = var.stream.retention_hours * 3600
  record_life_h  = min(local.retention_s, var.consumer.max_record_age_s) / 3600
  redrive_days   = 14 # the longest that SQS keeps a message of the failures queue
  queue_old_s    = 7 * 86400
  event_limit    = 6 * 1024 * 1024
  event_bytes    = var.consumer.batch_size * (ceil(var.load.avg_record_bytes * 4 / 3) + 600)
  largest_event  = ceil(var.stream.max_record_kib * 1024 * 4 / 3) + 600
  age_warn_s     = max(300, 4 * (var.consumer.batching_window_s + var.consumer.timeout_s))
  age_critical_s = floor(var.consumer.max_record_age_s / 2)

  # ---------------------------------------------------------------------------------------------- model
  manifest      = var.model.path == null ? null : jsondecode(file("${var.model.path}/manifest.json"))
  model_in_path = try(local.manifest.model_version, null)
  model_version = coalesce(var.model.version, local.model_in_path)
  # Those that the manifest names, and nothing else that lies in the directory: as smartcat model publish has it.
  model_files = { for name, file in try(local.manifest.files, {}) : name => file.sha256 }
  models_url  = "s3://${local.buckets.artifacts}/${var.model.prefix}"

  # ---------------------------------------------------------------------------------------------- what the function is told
  quarantine_prefix = "quarantine/"
  given_up_prefix   = "aws/lambda/" # Lambda's own choice
  claims_prefix     = "claims/"

  function_environment = merge(
    {
      SMARTCAT_TABLE                    = local.names.table
      SMARTCAT_QUARANTINE_BUCKET        = local.buckets.quarantine
      SMARTCAT_QUARANTINE_PREFIX        = local.quarantine_prefix
      SMARTCAT_CLAIMS_BUCKET            = local.buckets.claims
      SMARTCAT_CLAIMS_PREFIX            = local.claims_prefix
      SMARTCAT_MODEL                    = "${local.models_url}versions/${local.model_version}/"
      SMARTCAT_ENGINE                   = var.consumer.engine
      SMARTCAT_WRITE_UNITS_PER_SECOND   = tostring(local.wcu_per_worker)
      SMARTCAT_ENVIRONMENTS             = tostring(local.workers)
      SMARTCAT_BURST_UNITS_PER_SECOND   = tostring(local.burst_wcu)
      SMARTCAT_DEADLINE_RESERVE_SECONDS = tostring(var.consumer.deadline_reserve_s)
      SMARTCAT_RETENTION_HOURS          = tostring(local.record_life_h)
      POWERTOOLS_SERVICE_NAME           = local.prefix
      POWERTOOLS_METRICS_NAMESPACE      = "smartcat"
      POWERTOOLS_LOG_LEVEL              = var.consumer.log_level
    },
    var.table.ttl_days == null ? {} : { SMARTCAT_RESULT_TTL_DAYS = tostring(var.table.ttl_days) },
    var.model.shadow_version == null ? {} : {
      SMARTCAT_SHADOW_MODEL = "${local.models_url}versions/${var.model.shadow_version}/"
    },
  )
}
