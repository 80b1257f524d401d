# What disappears from the buckets by itself, and when.

resource "aws_s3_bucket_lifecycle_configuration" "backups" {
  bucket = aws_s3_bucket.private["backups"].id

  # Dumps are made every night; each is a file of its own.
  rule {
    id     = "old-dumps"
    status = "Enabled"

    filter {
      prefix = local.dumps
    }

    expiration {
      days = var.backup_retention_days
    }
  }

  # Files are mirrored: what is current stays however old it is, what was replaced or deleted goes.
  rule {
    id     = "replaced-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.backup_retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.private]
}

resource "aws_s3_bucket_lifecycle_configuration" "transfers" {
  bucket = aws_s3_bucket.private["transfers"].id

  # Ansible deletes them itself, unless it is ended in the middle.
  rule {
    id     = "forgotten"
    status = "Enabled"

    filter {}

    expiration {
      days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
