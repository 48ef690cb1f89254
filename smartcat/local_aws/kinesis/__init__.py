"""Write limits of Kinesis shards, enforced in front of moto."""
