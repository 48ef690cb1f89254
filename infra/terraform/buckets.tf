# Four buckets: artifacts (the zip and the models), quarantine (rejected records), failures (given-up batches), claims (large
# documents). Quarantine and failures are two, so that what the one refuses the other still takes (docs/decisions/0027).

locals {
  # Claims are never overwritten by anything else: their keys are hashes. Old versions would only outlive an erasure.
  versioned = toset(["artifacts", "quarantine", "failures"])
  expiring = {
    quarantine = var.storage.failures_days
    failures   = var.storage.failures_days
    claims     = var.storage.claims_days
  }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:access logs need one more bucket, and say little: what reads these are a function and operators, seen by CloudTrail
  #checkov:skip=CKV_AWS_144:records live for days and models are published from elsewhere; nothing here needs another region
  #checkov:skip=CKV2_AWS_62:only quarantine and failures have somebody to notify (failures.tf)
  #checkov:skip=CKV_AWS_21:claims are not versioned on purpose (see local.versioned); the others are
  for_each = local.buckets

  bucket        = each.value
  force_destroy = !local.on.delete_guard
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.versioned

  bucket = aws_s3_bucket.this[each.key].id
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id
  rule {
    bucket_key_enabled = local.on.customer_kms_key
    apply_server_side_encryption_by_default {
      sse_algorithm     = local.on.customer_kms_key ? "aws:kms" : "AES256"
      kms_master_key_id = local.on.customer_kms_key ? aws_kms_key.this[0].arn : null
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EncryptedConnectionsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.bucket_arns[each.key], "${local.bucket_arns[each.key]}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  # S3 refuses both at the same time.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"
    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    # Models are as old as they are: nothing of the artifacts expires but what was overwritten or deleted.
    for_each = contains(local.versioned, each.key) ? [1] : []
    content {
      id     = "noncurrent"
      status = "Enabled"
      filter {}
      # What is left of an object once its last version is gone.
      expiration {
        expired_object_delete_marker = true
      }
      noncurrent_version_expiration {
        noncurrent_days           = var.storage.noncurrent_days
        newer_noncurrent_versions = each.key == "artifacts" ? 10 : null
      }
    }
  }

  dynamic "rule" {
    for_each = { for role, days in local.expiring : role => days if role == each.key }
    content {
      id     = "expire"
      status = "Enabled"
      filter {}
      expiration {
        days = rule.value
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

# ------------------------------------------------------------------------------------------------ what is in artifacts
resource "aws_s3_object" "package" {
  bucket      = aws_s3_bucket.this["artifacts"].id
  key         = "function/package.zip"
  source      = var.package.zip_path
  source_hash = filesha256(var.package.zip_path)

  # The function asks for a version of the object, which there is only once the bucket has versions.
  depends_on = [aws_s3_bucket_versioning.this, aws_s3_bucket_server_side_encryption_configuration.this]
}

# The layout, names and checksums of smartcat model publish, so that smartcat model list, promote and rollback know it.
resource "aws_s3_object" "model_file" {
  for_each = { for name, sha256 in local.model_files : "${local.model_in_path}/${name}" => { name = name, sha256 = sha256 } }

  bucket             = aws_s3_bucket.this["artifacts"].id
  key                = "${var.model.prefix}versions/${each.key}"
  source             = "${var.model.path}/${each.value.name}"
  source_hash        = each.value.sha256
  checksum_algorithm = "SHA256"
  content_type       = "application/octet-stream"

  lifecycle {
    # Another version is whole before the function asks for it, and the old one there until then.
    create_before_destroy = true
    precondition {
      condition     = filesha256("${var.model.path}/${each.value.name}") == each.value.sha256
      error_message = "M1: ${each.value.name} of the model in model.path is not what its manifest says. Train or copy the model again."
    }
  }

  depends_on = [aws_s3_bucket_versioning.this, aws_s3_bucket_server_side_encryption_configuration.this]
}

# Last: a version is published once its manifest is there.
resource "aws_s3_object" "model_manifest" {
  for_each = var.model.path == null ? toset([]) : toset([local.model_in_path])

  bucket             = aws_s3_bucket.this["artifacts"].id
  key                = "${var.model.prefix}versions/${each.key}/manifest.json"
  source             = "${var.model.path}/manifest.json"
  source_hash        = filesha256("${var.model.path}/manifest.json")
  checksum_algorithm = "SHA256"
  content_type       = "application/json"

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [aws_s3_object.model_file]
}
