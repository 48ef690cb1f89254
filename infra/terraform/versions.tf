# Which Terraform and which provider. One provider, no modules from a registry: little to trust, and little to break.

terraform {
  # Tested with 1.11. The S3 backend locks by itself from 1.10 on (backend.tf.example).
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.30, < 7.0"
    }
  }
}
