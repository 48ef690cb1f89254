# Who may do what: the function's role, and policies for producers and operators to attach where they need them.
#
# docs/security.md says why each right is there. A test holds that no action has a wildcard, and that "*" stands for X-Ray alone.

locals {
  read_stream = {
    Sid      = "ReadTheStream"
    Effect   = "Allow"
    Action   = ["kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
    Resource = local.arns.stream
  }
  read_as_consumer = {
    Sid      = "ReadAsRegisteredConsumer"
    Effect   = "Allow"
    Action   = ["kinesis:DescribeStreamConsumer", "kinesis:SubscribeToShard"]
    Resource = "${local.arns.stream}/consumer/${local.names.function}:*"
  }
  write_results = {
    Sid      = "WriteResults"
    Effect   = "Allow"
    Action   = ["dynamodb:DescribeTable", "dynamodb:PartiQLInsert", "dynamodb:PutItem"]
    Resource = local.arns.table
  }
  # Which version is stored, and nothing of what it says.
  read_versions = {
    Sid      = "ReadVersions"
    Effect   = "Allow"
    Action   = ["dynamodb:BatchGetItem"]
    Resource = local.arns.table
    Condition = {
      "ForAllValues:StringEquals" = { "dynamodb:Attributes" = ["document_id", "model_version", "sequence_number", "sub_sequence_number", "version"] }
      StringEquals                = { "dynamodb:Select" = "SPECIFIC_ATTRIBUTES" }
    }
  }
  read_model = {
    Sid      = "ReadModels"
    Effect   = "Allow"
    Action   = ["s3:GetObject"]
    Resource = "${local.bucket_arns.artifacts}/${var.model.prefix}versions/*"
  }
  list_models = {
    Sid       = "ListModels"
    Effect    = "Allow"
    Action    = ["s3:ListBucket"]
    Resource  = local.bucket_arns.artifacts
    Condition = { StringLike = { "s3:prefix" = "${var.model.prefix}versions/*" } }
  }
  read_claims = {
    Sid      = "ReadClaimedDocuments"
    Effect   = "Allow"
    Action   = ["s3:GetObject"]
    Resource = "${local.bucket_arns.claims}/${local.claims_prefix}*"
  }
  # Without it S3 answers 403 for what is missing, and the record waits in vain instead of being quarantined.
  list_claims = {
    Sid      = "TellMissingClaimsFromForbiddenOnes"
    Effect   = "Allow"
    Action   = ["s3:ListBucket"]
    Resource = local.bucket_arns.claims
  }
  put_aside = {
    Sid      = "PutAside"
    Effect   = "Allow"
    Action   = ["s3:PutObject"]
    Resource = [for prefix in [local.quarantine_prefix, local.given_up_prefix] : "${local.bucket_arns.failures}/${prefix}*"]
  }
  # Lambda looks at the bucket when it is made the failure destination.
  list_failures = {
    Sid      = "CheckTheFailureDestination"
    Effect   = "Allow"
    Action   = ["s3:ListBucket"]
    Resource = local.bucket_arns.failures
  }
  send_failures = {
    Sid      = "NameGivenUpBatches"
    Effect   = "Allow"
    Action   = ["sqs:SendMessage"]
    Resource = local.arns.failures_queue
  }
  write_logs = {
    Sid      = "WriteLogs"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = "${local.arns.log_group}:*"
  }
  trace = {
    Sid      = "Trace"
    Effect   = "Allow"
    Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
    Resource = "*" # X-Ray knows no resources
  }
  use_key = {
    Sid      = "UseTheKey"
    Effect   = "Allow"
    Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
    Resource = one(aws_kms_key.this[*].arn)
  }

  # Each statement as text, since they differ in shape and an HCL list wants one.
  consumer_statements = concat(
    [
      jsonencode(local.read_stream), jsonencode(local.write_results), jsonencode(local.read_versions), jsonencode(local.read_model), jsonencode(local.list_models),
      jsonencode(local.read_claims), jsonencode(local.list_claims), jsonencode(local.put_aside), jsonencode(local.write_logs),
    ],
    local.on.enhanced_fan_out ? [jsonencode(local.read_as_consumer)] : [],
    local.failures_to_s3 ? [jsonencode(local.list_failures)] : [jsonencode(local.send_failures)],
    local.on.tracing ? [jsonencode(local.trace)] : [],
    local.on.customer_kms_key ? [jsonencode(local.use_key)] : [],
  )
}

resource "aws_iam_role" "consumer" {
  name        = local.names.function
  description = "What ${local.names.function} may do"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "consumer" {
  name = "consumer"
  role = aws_iam_role.consumer.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.consumer_statements : jsondecode(statement)]
  })
}

# ------------------------------------------------------------------------------------------------ for people and producers
locals {
  use_key_statement = local.on.customer_kms_key ? [jsonencode(local.use_key)] : []

  producer_statements = concat([
    jsonencode({
      Sid      = "FillTheStream"
      Effect   = "Allow"
      Action   = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords"]
      Resource = local.arns.stream
    }),
    jsonencode({
      Sid      = "StoreLargeDocuments"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = "${local.bucket_arns.claims}/${local.claims_prefix}*"
    }),
  ], local.use_key_statement)

  operator_statements = concat([
    jsonencode({
      Sid    = "ReadAndEraseResults"
      Effect = "Allow"
      Action = [
        "dynamodb:BatchGetItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan",
      ]
      Resource = local.arns.table
    }),
    jsonencode({
      Sid      = "Correct"
      Effect   = "Allow"
      Action   = ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:Query", "dynamodb:Scan"]
      Resource = local.arns.corrections
    }),
    jsonencode({
      Sid      = "List"
      Effect   = "Allow"
      Action   = ["s3:ListBucket", "s3:ListBucketVersions"]
      Resource = [local.bucket_arns.artifacts, local.bucket_arns.claims, local.bucket_arns.failures]
    }),
    jsonencode({
      Sid      = "ReplayAndErase"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject"]
      Resource = ["${local.bucket_arns.failures}/*", "${local.bucket_arns.claims}/*"]
    }),
    jsonencode({
      Sid      = "PutBack"
      Effect   = "Allow"
      Action   = ["kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:PutRecord", "kinesis:PutRecords"]
      Resource = local.arns.stream
    }),
    jsonencode({
      Sid      = "PublishModels"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject"]
      Resource = "${local.bucket_arns.artifacts}/${var.model.prefix}*"
    }),
    jsonencode({
      Sid    = "ServeModels"
      Effect = "Allow"
      Action = [
        "lambda:GetAlias", "lambda:GetFunctionConfiguration", "lambda:InvokeFunction", "lambda:ListAliases", "lambda:PublishVersion",
        "lambda:UpdateAlias", "lambda:UpdateFunctionConfiguration",
      ]
      Resource = [local.arns.function, "${local.arns.function}:*"]
    }),
    jsonencode({
      Sid      = "WorkOffTheFailuresQueue"
      Effect   = "Allow"
      Action   = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:PurgeQueue", "sqs:ReceiveMessage"]
      Resource = local.arns.failures_queue
    }),
  ], local.use_key_statement)
}
