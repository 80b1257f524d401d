# Everything that has to outlive the machine: its own volume, and backups in a bucket.

resource "aws_ebs_volume" "data" {
  # checkov:skip=CKV_AWS_189:Amazon's key encrypts as well; a lost key of our own would lose the data.
  availability_zone = aws_subnet.public.availability_zone
  type              = "gp3"
  size              = var.data_volume_gb
  encrypted         = true

  tags = { Name = "${var.name}-data" }

  lifecycle {
    # No change of any variable deletes data: docs/hosted.md tells how to do it on purpose.
    prevent_destroy = true
  }
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.platform.id

  # A volume is not pulled from under a running database.
  stop_instance_before_detaching = true
}

locals {
  buckets = {
    # Dumps and files: every version is kept for a while, whatever the machine does.
    backups = { versioning = "Enabled" }
    # What Ansible hands over by Session Manager: it may hold passwords, so no version is kept.
    transfers = { versioning = "Disabled" }
  }
}

resource "aws_s3_bucket" "private" {
  # checkov:skip=CKV_AWS_18:Who reads them is CloudTrail's to tell, for accounts that pay for it.
  # checkov:skip=CKV_AWS_21:Backups have versions, transfers must not; terraform/tests sees to both.
  # checkov:skip=CKV_AWS_144:A second region would double the costs of a platform on one machine.
  # checkov:skip=CKV_AWS_145:Amazon's key keeps no less secret than one of ours at a dollar a month.
  # checkov:skip=CKV2_AWS_62:Nobody waits for events; the backup itself tells when it fails.
  for_each = local.buckets

  bucket_prefix = "${var.name}-${each.key}-"

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_public_access_block" "private" {
  for_each = local.buckets

  bucket                  = aws_s3_bucket.private[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "private" {
  for_each = local.buckets

  bucket = aws_s3_bucket.private[each.key].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "private" {
  for_each = local.buckets

  bucket = aws_s3_bucket.private[each.key].id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_versioning" "private" {
  for_each = local.buckets

  bucket = aws_s3_bucket.private[each.key].id

  versioning_configuration {
    status = local.buckets[each.key].versioning
  }
}

resource "aws_s3_bucket_policy" "tls_only" {
  for_each = local.buckets

  bucket = aws_s3_bucket.private[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyEncryptedConnections"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.private[each.key].arn, "${aws_s3_bucket.private[each.key].arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "NoOldEncryption"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [aws_s3_bucket.private[each.key].arn, "${aws_s3_bucket.private[each.key].arn}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.private]
}
