"""The one account and region of local AWS. Constants only."""

ACCOUNT_ID = "123456789012"  # moto's own account for any credentials
REGION = "eu-central-1"
