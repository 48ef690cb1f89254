# How AWS is reached, and who and where we are. Endpoints come from AWS_ENDPOINT_URL and its kin, which the provider reads itself.

provider "aws" {
  region = var.region

  # What an emulator cannot do, and what has no environment variable.
  s3_use_path_style           = var.emulator
  skip_credentials_validation = var.emulator
  skip_metadata_api_check     = var.emulator ? "true" : null
  skip_requesting_account_id  = var.emulator

  default_tags {
    # Emulators drop the tags of a stream, which Terraform would then report as a change for ever.
    tags = var.emulator ? {} : local.tags
  }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}
