# Which Terraform and which provider. One provider, no modules from a registry: little to trust, and little to break.

terraform {
  # 1.9: validations may refer to other variables. 1.10: the S3 backend locks by itself (backend.tf.example).
  # `terraform test` needs 1.11, which nothing else here does.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.30, < 7.0"
    }
  }
}
