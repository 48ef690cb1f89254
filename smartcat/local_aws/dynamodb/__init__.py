"""Write capacity of DynamoDB tables, enforced in front of moto."""
