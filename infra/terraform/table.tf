# The table of results, its capacity, and the table of corrections, which the function has no right on.

resource "aws_dynamodb_table" "results" {
  #checkov:skip=CKV_AWS_28:point-in-time recovery is on unless features.pitr says otherwise; the value is behind local.on
  #checkov:skip=CKV2_AWS_16:the table scales by aws_appautoscaling_target.table, made by for_each, which the check does not see
  name         = local.names.table
  billing_mode = var.table.billing_mode
  hash_key     = "document_id"

  # Where capacity is ignored below these are what the table begins with.
  read_capacity               = local.provisioned_table ? var.table.read_capacity : null
  write_capacity              = local.provisioned_table ? var.table.write_capacity : null
  deletion_protection_enabled = local.on.delete_guard

  attribute {
    name = "document_id"
    type = "S"
  }

  ttl {
    enabled        = true
    attribute_name = var.table.ttl_attribute
  }

  point_in_time_recovery {
    enabled = local.on.pitr
  }

  dynamic "server_side_encryption" {
    for_each = local.on.customer_kms_key ? [1] : []
    content {
      enabled     = true
      kms_key_arn = aws_kms_key.this[0].arn
    }
  }

  dynamic "on_demand_throughput" {
    for_each = local.provisioned_table ? [] : [1]
    content {
      max_read_request_units  = var.table.max_read_capacity
      max_write_request_units = var.table.max_write_capacity
    }
  }

  lifecycle {
    # ignore_changes cannot depend on a variable. Capacity is therefore always ignored here and, on AWS, always held by the
    # scalable target below, whose two ends meet where autoscaling is off. Switching it never replaces the table.
    ignore_changes = [read_capacity, write_capacity]
  }
}

locals {
  # Application Auto Scaling is what holds the capacity; emulators lack it.
  scaled = var.emulator || !local.provisioned_table ? {} : {
    Write = { least = var.table.write_capacity, most = local.on.autoscaling ? var.table.max_write_capacity : var.table.write_capacity }
    Read  = { least = var.table.read_capacity, most = local.on.autoscaling ? var.table.max_read_capacity : var.table.read_capacity }
  }
}

resource "aws_appautoscaling_target" "table" {
  for_each = local.scaled

  service_namespace  = "dynamodb"
  resource_id        = "table/${aws_dynamodb_table.results.name}"
  scalable_dimension = "dynamodb:table:${each.key}CapacityUnits"
  min_capacity       = each.value.least
  max_capacity       = each.value.most
}

resource "aws_appautoscaling_policy" "table" {
  for_each = local.scaled

  name               = "${local.prefix}-${lower(each.key)}-capacity"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.table[each.key].service_namespace
  resource_id        = aws_appautoscaling_target.table[each.key].resource_id
  scalable_dimension = aws_appautoscaling_target.table[each.key].scalable_dimension

  target_tracking_scaling_policy_configuration {
    target_value       = var.table.target_utilization
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "DynamoDB${each.key}CapacityUtilization"
    }
  }
}

# What people said of documents. Nothing else holds it, so it is guarded as the results are.
resource "aws_dynamodb_table" "corrections" {
  #checkov:skip=CKV_AWS_28:point-in-time recovery is on unless features.pitr says otherwise; the value is behind local.on
  name                        = local.names.corrections
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "document_id"
  range_key                   = "corrected_at"
  deletion_protection_enabled = local.on.delete_guard

  attribute {
    name = "document_id"
    type = "S"
  }

  attribute {
    name = "corrected_at"
    type = "S"
  }

  point_in_time_recovery {
    enabled = local.on.pitr
  }

  dynamic "server_side_encryption" {
    for_each = local.on.customer_kms_key ? [1] : []
    content {
      enabled     = true
      kms_key_arn = aws_kms_key.this[0].arn
    }
  }
}
