# What may be chosen. Units are in the names; what one value demands of another is in safety.tf.

variable "name" {
  description = "First part of every name: 3 to 26 small letters, digits and hyphens. Buckets are called name-environment-role-account."
  type        = string
  default     = "smartcat"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,24}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 26 characters: small letters, digits and hyphens, with a letter first and no hyphen last."
  }
}

variable "environment" {
  description = "Second part of every name, such as dev or prod: 2 to 10 small letters and digits."
  type        = string
  default     = "dev"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9]{2,10}$", var.environment))
    error_message = "environment must be 2 to 10 small letters and digits."
  }
}

variable "region" {
  description = "AWS region; null takes the one of the environment or the AWS profile."
  type        = string
  default     = null
}

variable "emulator" {
  description = "True where AWS is emulated (LocalStack): leaves out what emulators lack, and has as many environments as lanes."
  type        = bool
  default     = false
  nullable    = false
}

variable "features" {
  description = "Parts switched on or off; null keeps the default of the target, AWS or an emulator (locals.tf)."
  type = object({
    alarms           = optional(bool)
    dashboard        = optional(bool)
    autoscaling      = optional(bool)
    customer_kms_key = optional(bool)
    tracing          = optional(bool)
    snap_start       = optional(bool)
    enhanced_fan_out = optional(bool)
    esm_metrics      = optional(bool)
    pitr             = optional(bool)
    delete_guard     = optional(bool)
  })
  default  = {}
  nullable = false
}

variable "tags" {
  description = "Tags for everything, beside Application, Environment and ManagedBy."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "stream" {
  description = <<-EOT
    The Kinesis stream.
    mode: PROVISIONED, or ON_DEMAND, where AWS chooses the shards.
    shards: number of shards, 1 to 500; with ON_DEMAND not used.
    max_shards: with ON_DEMAND, the number of shards that everything is sized for, 1 to 500.
    retention_hours: hours the stream keeps a record, 24 to 8760.
    max_record_kib: largest record in KiB, 1024 to 10240.
    other_consumers: readers of the stream beside this function.
  EOT
  type = object({
    mode            = optional(string, "PROVISIONED")
    shards          = optional(number, 2)
    max_shards      = optional(number, 8)
    retention_hours = optional(number, 72)
    max_record_kib  = optional(number, 1024)
    other_consumers = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["PROVISIONED", "ON_DEMAND"], var.stream.mode)
    error_message = "stream.mode must be PROVISIONED or ON_DEMAND."
  }
  validation {
    condition = alltrue([for n in [var.stream.shards, var.stream.max_shards] :
    n >= 1 && n <= 500 && floor(n) == n])
    error_message = "stream.shards and stream.max_shards must be whole numbers from 1 to 500."
  }
  validation {
    condition     = var.stream.retention_hours >= 24 && var.stream.retention_hours <= 8760 && floor(var.stream.retention_hours) == var.stream.retention_hours
    error_message = "stream.retention_hours must be a whole number from 24 to 8760."
  }
  validation {
    condition     = var.stream.max_record_kib >= 1024 && var.stream.max_record_kib <= 10240 && floor(var.stream.max_record_kib) == var.stream.max_record_kib
    error_message = "stream.max_record_kib must be a whole number from 1024 to 10240."
  }
  validation {
    condition     = var.stream.other_consumers >= 0 && floor(var.stream.other_consumers) == var.stream.other_consumers
    error_message = "stream.other_consumers must be a whole number, 0 or more."
  }
}

variable "consumer" {
  description = <<-EOT
    The function and its event source mapping.
    runtime, architecture: what the package was built for: smartcat package --python, --arch.
    memory_mb: 128 to 10240; 1769 MB are one whole processor.
    timeout_s: seconds an invocation may take, 1 to 900.
    deadline_reserve_s: seconds before that in which no new work is begun, 0 to 600.
    engine: auto, compiled or sklearn.
    reserved_concurrency: environments; null sizes them to the table.
    batch_size: records a batch, 1 to 10000. batching_window_s: seconds to wait for a full one, 1 to 300.
    parallelization_factor: batches of one shard at the same time, 1 to 10.
    max_retries: 0 to 10000. max_record_age_s: 60 to 604800. Neither may be endless.
    starting_position: TRIM_HORIZON or LATEST; where a new mapping begins.
    log_retention_days, log_level: of the function's log.
    stable_version, canary_weight: with a weight above 0 (at most 0.5), the newest version gets that share of batches
    and stable_version the rest; a weight of 0 with a stable_version keeps that version serving.
  EOT
  type = object({
    runtime                = optional(string, "python3.13")
    architecture           = optional(string, "x86_64")
    memory_mb              = optional(number, 1769)
    timeout_s              = optional(number, 60)
    deadline_reserve_s     = optional(number, 2)
    engine                 = optional(string, "auto")
    reserved_concurrency   = optional(number)
    batch_size             = optional(number, 200)
    batching_window_s      = optional(number, 2)
    parallelization_factor = optional(number, 2)
    max_retries            = optional(number, 100)
    max_record_age_s       = optional(number, 86400)
    starting_position      = optional(string, "TRIM_HORIZON")
    log_retention_days     = optional(number, 30)
    log_level              = optional(string, "INFO")
    stable_version         = optional(string)
    canary_weight          = optional(number, 0)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13"], var.consumer.runtime)
    error_message = "consumer.runtime must be python3.11, python3.12 or python3.13."
  }
  validation {
    condition     = contains(["x86_64", "arm64"], var.consumer.architecture)
    error_message = "consumer.architecture must be x86_64 or arm64."
  }
  validation {
    condition     = contains(["auto", "compiled", "sklearn"], var.consumer.engine)
    error_message = "consumer.engine must be auto, compiled or sklearn."
  }
  validation {
    condition     = var.consumer.memory_mb >= 128 && var.consumer.memory_mb <= 10240 && floor(var.consumer.memory_mb) == var.consumer.memory_mb
    error_message = "consumer.memory_mb must be a whole number from 128 to 10240."
  }
  validation {
    condition     = var.consumer.timeout_s >= 1 && var.consumer.timeout_s <= 900 && floor(var.consumer.timeout_s) == var.consumer.timeout_s
    error_message = "consumer.timeout_s must be a whole number from 1 to 900."
  }
  validation {
    condition     = var.consumer.deadline_reserve_s >= 0 && var.consumer.deadline_reserve_s <= 600
    error_message = "consumer.deadline_reserve_s must be from 0 to 600."
  }
  validation {
    condition     = var.consumer.reserved_concurrency == null ? true : var.consumer.reserved_concurrency >= 1 && floor(var.consumer.reserved_concurrency) == var.consumer.reserved_concurrency
    error_message = "consumer.reserved_concurrency must be a whole number, 1 or more, or null."
  }
  validation {
    condition     = var.consumer.batch_size >= 1 && var.consumer.batch_size <= 10000 && floor(var.consumer.batch_size) == var.consumer.batch_size
    error_message = "consumer.batch_size must be a whole number from 1 to 10000."
  }
  validation {
    # AWS asks for a window of at least 1 s for batches above 10, and its own defaults break that: 1 or more avoids the question.
    condition     = var.consumer.batching_window_s >= 1 && var.consumer.batching_window_s <= 300 && floor(var.consumer.batching_window_s) == var.consumer.batching_window_s
    error_message = "consumer.batching_window_s must be a whole number from 1 to 300."
  }
  validation {
    condition     = var.consumer.parallelization_factor >= 1 && var.consumer.parallelization_factor <= 10 && floor(var.consumer.parallelization_factor) == var.consumer.parallelization_factor
    error_message = "consumer.parallelization_factor must be a whole number from 1 to 10."
  }
  validation {
    # AWS takes -1 for endless: then a record that always kills the function holds its shard until it expires.
    condition     = var.consumer.max_retries >= 0 && var.consumer.max_retries <= 10000 && floor(var.consumer.max_retries) == var.consumer.max_retries
    error_message = "consumer.max_retries must be a whole number from 0 to 10000; endless retries (-1) are refused on purpose."
  }
  validation {
    condition     = var.consumer.max_record_age_s >= 60 && var.consumer.max_record_age_s <= 604800 && floor(var.consumer.max_record_age_s) == var.consumer.max_record_age_s
    error_message = "consumer.max_record_age_s must be a whole number from 60 to 604800; an endless age (-1) is refused on purpose."
  }
  validation {
    condition     = contains(["TRIM_HORIZON", "LATEST"], var.consumer.starting_position)
    error_message = "consumer.starting_position must be TRIM_HORIZON or LATEST."
  }
  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.consumer.log_retention_days)
    error_message = "consumer.log_retention_days must be one that CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.consumer.log_level)
    error_message = "consumer.log_level must be DEBUG, INFO, WARNING or ERROR."
  }
  validation {
    condition     = var.consumer.canary_weight >= 0 && var.consumer.canary_weight <= 0.5
    error_message = "consumer.canary_weight must be from 0 to 0.5."
  }
  validation {
    condition     = var.consumer.canary_weight == 0 || var.consumer.stable_version != null
    error_message = "V4: consumer.canary_weight above 0 needs consumer.stable_version, the version that gets the other batches."
  }
  validation {
    condition     = var.consumer.stable_version == null ? true : can(regex("^[1-9][0-9]*$", var.consumer.stable_version))
    error_message = "consumer.stable_version must be the number of a published version of the function, or null."
  }
}

variable "package" {
  description = <<-EOT
    The function's zip, as smartcat package builds it.
    zip_path: where it is.
    unzipped_bytes: its unzipped size, as smartcat package --json says; 0 if not known. Lambda's bound is checked against it.
  EOT
  type = object({
    zip_path       = string
    unzipped_bytes = optional(number, 0)
  })
  nullable = false

  validation {
    condition     = fileexists(var.package.zip_path)
    error_message = "package.zip_path must name the zip that smartcat package built."
  }
  validation {
    condition     = var.package.unzipped_bytes >= 0 && var.package.unzipped_bytes <= 262144000
    error_message = "V2: package.unzipped_bytes must be at most 262144000, the 250 MB that Lambda takes."
  }
}

variable "model" {
  description = <<-EOT
    The model that the function serves.
    path: a model directory; Terraform uploads it as smartcat model publish does. null uploads nothing.
    version: a version published before; null takes the one in path. At least one of the two is needed.
    shadow_version: a published version that is scored beside it and decides nothing; null for none.
    prefix: where in the artifacts bucket models are; empty, or with a slash at the end.
  EOT
  type = object({
    path           = optional(string)
    version        = optional(string)
    shadow_version = optional(string)
    prefix         = optional(string, "models/")
  })
  nullable = false

  validation {
    condition     = var.model.path != null || var.model.version != null
    error_message = "model.path must name a model directory, or model.version a published version."
  }
  validation {
    condition     = var.model.path == null ? true : can(jsondecode(file("${var.model.path}/manifest.json")).model_version)
    error_message = "model.path must be a model directory, with a manifest.json that names its version (smartcat train --out)."
  }
  validation {
    condition = alltrue([for v in [var.model.version, var.model.shadow_version] :
    v == null ? true : can(regex("^[0-9a-f]{12}$", v))])
    error_message = "model.version and model.shadow_version must be 12 digits of 0-9 and a-f, as smartcat model list shows them."
  }
  validation {
    condition     = can(regex("^([A-Za-z0-9_.=-]+/)*$", var.model.prefix))
    error_message = "model.prefix must be empty, or folders that end with a slash."
  }
}

variable "table" {
  description = <<-EOT
    The table of results.
    billing_mode: PROVISIONED, or PAY_PER_REQUEST, where max_write_capacity is a target and no ceiling.
    write_capacity, max_write_capacity: write units a second; without and with autoscaling at its most. Up to 40000.
    read_capacity, max_read_capacity: the same for reading.
    target_utilization: percent of the capacity that is planned to be used, 20 to 90.
    ttl_attribute: the attribute that says when an item expires; the function writes expires_at.
    ttl_days: days after arrival when a result expires; null for never.
  EOT
  type = object({
    billing_mode       = optional(string, "PROVISIONED")
    write_capacity     = optional(number, 50)
    max_write_capacity = optional(number, 200)
    read_capacity      = optional(number, 5)
    max_read_capacity  = optional(number, 20)
    target_utilization = optional(number, 70)
    ttl_attribute      = optional(string, "expires_at")
    ttl_days           = optional(number)
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(["PROVISIONED", "PAY_PER_REQUEST"], var.table.billing_mode)
    error_message = "table.billing_mode must be PROVISIONED or PAY_PER_REQUEST."
  }
  validation {
    condition     = 1 <= var.table.write_capacity && var.table.write_capacity <= var.table.max_write_capacity && var.table.max_write_capacity <= 40000
    error_message = "V1: table.write_capacity must be at least 1 and at most table.max_write_capacity, and that at most 40000."
  }
  validation {
    condition     = 1 <= var.table.read_capacity && var.table.read_capacity <= var.table.max_read_capacity && var.table.max_read_capacity <= 40000
    error_message = "V1: table.read_capacity must be at least 1 and at most table.max_read_capacity, and that at most 40000."
  }
  validation {
    condition = alltrue([for n in [var.table.write_capacity, var.table.max_write_capacity, var.table.read_capacity, var.table.max_read_capacity] :
    floor(n) == n])
    error_message = "The capacities of table must be whole numbers."
  }
  validation {
    condition     = var.table.target_utilization >= 20 && var.table.target_utilization <= 90
    error_message = "table.target_utilization must be from 20 to 90 percent."
  }
  validation {
    condition     = var.table.ttl_attribute == "expires_at"
    error_message = "table.ttl_attribute must be expires_at: that is the attribute the function writes."
  }
  validation {
    condition     = var.table.ttl_days == null ? true : var.table.ttl_days > 0 && var.table.ttl_days <= 36500
    error_message = "table.ttl_days must be above 0 and at most 36500, or null."
  }
}

variable "storage" {
  description = <<-EOT
    How long S3 keeps what it was given.
    claims_days: documents too large for the stream, in days since they were stored.
    failures_days: quarantined and given-up records, in days.
    noncurrent_days: overwritten and deleted objects of versioned buckets, in days.
  EOT
  type = object({
    claims_days     = optional(number, 30)
    failures_days   = optional(number, 90)
    noncurrent_days = optional(number, 7)
  })
  default  = {}
  nullable = false

  validation {
    condition = alltrue([for n in [var.storage.claims_days, var.storage.failures_days, var.storage.noncurrent_days] :
    n >= 1 && n <= 3650 && floor(n) == n])
    error_message = "The days of storage must be whole numbers from 1 to 3650."
  }
}

variable "load" {
  description = <<-EOT
    Your numbers: what the relations of safety.tf are checked against. Nothing is built from them.
    records_per_s: documents a second, on average. peak_records_per_s: records of the stream a second, at most.
    documents_per_record: documents in a record of the stream; above 1 where producers aggregate. S2 alone reads it.
    avg_record_bytes: bytes of a record of the stream.
    wcu_per_result: write units of a result, its bytes / 1024 rounded up.
    classify_ms_per_record: milliseconds to classify a document.
    cold_start_s: seconds a cold start takes, the model included.
    tolerated_outage_h: hours that the function may stand still without a record being lost.
    dependency_outage_h: hours that DynamoDB or S3 may be away without a batch being given up.
    account_concurrency: the account's quota of concurrent executions in this region.
  EOT
  type = object({
    records_per_s          = optional(number, 20)
    peak_records_per_s     = optional(number, 60)
    documents_per_record   = optional(number, 1)
    avg_record_bytes       = optional(number, 4096)
    wcu_per_result         = optional(number, 1)
    classify_ms_per_record = optional(number, 5)
    cold_start_s           = optional(number, 10)
    tolerated_outage_h     = optional(number, 8)
    dependency_outage_h    = optional(number, 1)
    account_concurrency    = optional(number, 1000)
  })
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for n in values(var.load) : n > 0])
    error_message = "Every number of load must be above 0."
  }
}

variable "failure_destination" {
  description = "Where the mapping puts batches that it gives up: s3 keeps the records, sqs only says which ones they were."
  type        = string
  default     = "s3"
  nullable    = false

  validation {
    condition     = contains(["s3", "sqs"], var.failure_destination)
    error_message = "failure_destination must be s3 or sqs."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics that are told of alarms."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:[a-z-]+:sns:", arn))])
    error_message = "alarm_topic_arns must be ARNs of SNS topics."
  }
}

variable "alarm_email" {
  description = "An address that is told of alarms, by a topic made for it; AWS asks it to confirm. null for none."
  type        = string
  default     = null

  validation {
    condition     = var.alarm_email == null ? true : can(regex("^[^@ ]+@[^@ ]+$", var.alarm_email))
    error_message = "alarm_email must be an e-mail address, or null."
  }
}
