# Rights: what the function, producers and operators may do, and above all what they may not.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  package = { zip_path = "tests/fixtures/package.zip" }
  model   = { path = "tests/fixtures/model" }
}

run "no_action_is_a_wildcard_and_only_tracing_is_for_every_resource" {
  command = plan
  variables {
    features = { enhanced_fan_out = true }
  }

  assert {
    condition = alltrue(flatten([for policy in [aws_iam_role_policy.consumer.policy, output.producer_policy_json, output.operator_policy_json] :
      [for statement in jsondecode(policy).Statement :
    [for action in statement.Action : can(regex("^[a-z0-9]+:[A-Za-z]+$", action))]]]))
    error_message = "every action should be named in full"
  }
  assert {
    condition = alltrue(flatten([for policy in [aws_iam_role_policy.consumer.policy, output.producer_policy_json, output.operator_policy_json] :
      [for statement in jsondecode(policy).Statement :
    statement.Resource == "*" ? alltrue([for action in statement.Action : startswith(action, "xray:")]) : true]]))
    error_message = "only X-Ray, which knows no resources, may be allowed for all"
  }
  assert {
    condition     = length(output.operator_policy_json) <= 6144
    error_message = "a managed policy has at most 6,144 characters"
  }
}

run "rights_follow_what_was_chosen" {
  command = plan
  variables {
    failure_destination = "sqs"
    features            = { tracing = false }
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.consumer.policy, "sqs:SendMessage") && !strcontains(aws_iam_role_policy.consumer.policy, "CheckTheFailureDestination")
    error_message = "the right should follow the destination"
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.consumer.policy, "\"*\"")
    error_message = "no statement should be for all resources"
  }
}

run "nobody_may_do_more_than_the_job_needs" {
  command = plan

  assert {
    condition     = !strcontains(aws_iam_role_policy.consumer.policy, "corrections")
    error_message = "a classification must never overwrite what a person said"
  }
  assert {
    condition     = !can(regex("Delete|:GetItem|Query|Scan|Update|PutRecord", aws_iam_role_policy.consumer.policy))
    error_message = "the function writes results, deletes nothing, and fills no stream"
  }

  assert {
    condition = [
      for statement in jsondecode(aws_iam_role_policy.consumer.policy).Statement : statement.Condition.StringEquals["dynamodb:Select"]
      if contains(statement.Action, "dynamodb:BatchGetItem")
    ] == ["SPECIFIC_ATTRIBUTES"]
    error_message = "the function reads of results which version they are, and nothing else"
  }
  assert {
    condition = [for statement in jsondecode(aws_iam_role_policy.consumer.policy).Statement : statement.Resource if statement.Sid == "PutAside"][0] == [
      "arn:aws:s3:::smartcat-dev-failures-123456789012/quarantine/*", "arn:aws:s3:::smartcat-dev-failures-123456789012/aws/lambda/*",
    ]
    error_message = "poison and given-up batches have one prefix each"
  }
  assert {
    condition = !anytrue(flatten([for statement in jsondecode(aws_iam_role_policy.consumer.policy).Statement :
    [for resource in flatten([statement.Resource]) : strcontains(resource, "failures") && contains(statement.Action, "s3:GetObject")]]))
    error_message = "what was put aside is for operators"
  }
  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.consumer.policy).Statement : statement if statement.Sid == "TellMissingClaimsFromForbiddenOnes"][0].Action == ["s3:ListBucket"]
    error_message = "without s3:ListBucket a missing claim would wait in vain"
  }
  assert {
    condition     = !can(regex("Get|Delete|dynamodb|lambda", output.producer_policy_json))
    error_message = "producers should not read, delete, or touch results"
  }
  assert {
    condition     = alltrue([for policy in values(aws_s3_bucket_policy.this) : strcontains(policy.policy, "aws:SecureTransport")])
    error_message = "every bucket should"
  }
  assert {
    condition     = alltrue([for block in values(aws_s3_bucket_public_access_block.this) : block.block_public_acls && block.block_public_policy && block.ignore_public_acls && block.restrict_public_buckets])
    error_message = "no bucket may ever be public"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_policy.failures.policy).Statement[0].Condition.ArnEquals["aws:SourceArn"] == "arn:aws:s3:::smartcat-dev-failures-123456789012"
    error_message = "the queue should take messages of the failures bucket alone"
  }
}
