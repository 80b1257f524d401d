# What the machine itself may do in the account.

locals {
  dumps   = "postgres/"
  mirror  = "files/"
  backups = aws_s3_bucket.private["backups"].arn
  buckets_of_files = var.files_bucket_prefix == null ? [] : [
    for name in ["airflow-logs", "ge-artifacts", "kpi-runs", "mlflow-artifacts"] :
    "arn:${data.aws_partition.current.partition}:s3:::${var.files_bucket_prefix}${name}"
  ]
}

resource "aws_iam_role" "platform" {
  name_prefix = "${var.name}-"
  description = "The machine that runs the platform"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.${data.aws_partition.current.dns_suffix}" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_instance_profile" "platform" {
  name_prefix = "${var.name}-"
  role        = aws_iam_role.platform.name
}

# Amazon's own policy for this would also let it read every parameter of the account.
resource "aws_iam_role_policy" "session_manager" {
  # checkov:skip=CKV_AWS_290:These actions know no resource and no condition.
  # checkov:skip=CKV_AWS_355:These actions know no resource.
  name = "session-manager"
  role = aws_iam_role.platform.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ]
      Resource = "*"
    }]
  })
}

# It writes and reads backups. It deletes mirrored files alone, and no version of anything: whoever
# takes over the machine cannot take the backups.
resource "aws_iam_role_policy" "backups" {
  name = "backups"
  role = aws_iam_role.platform.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:ListBucket", "s3:GetBucketLocation"]
        Resource = local.backups
      },
      {
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"]
        Resource = ["${local.backups}/${local.dumps}*", "${local.backups}/${local.mirror}*"]
      },
      {
        Effect   = "Allow"
        Action   = "s3:DeleteObject"
        Resource = "${local.backups}/${local.mirror}*"
      },
    ]
  })
}

# The platform's own buckets, where they are on S3 and no service has a key: the job `buckets` makes
# them, and their files come and go.
resource "aws_iam_role_policy" "files" {
  count = var.files_bucket_prefix == null ? 0 : 1

  name = "files"
  role = aws_iam_role.platform.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect = "Allow"
        Action = [
          "s3:CreateBucket",
          "s3:GetBucketLocation",
          "s3:GetLifecycleConfiguration",
          "s3:ListBucket",
          "s3:ListBucketMultipartUploads",
          "s3:PutLifecycleConfiguration",
        ]
        Resource = local.buckets_of_files
      },
      {
        Effect = "Allow"
        Action = [
          "s3:AbortMultipartUpload",
          "s3:DeleteObject",
          "s3:GetObject",
          "s3:ListMultipartUploadParts",
          "s3:PutObject",
        ]
        Resource = [for bucket in local.buckets_of_files : "${bucket}/*"]
      },
      {
        Effect   = "Allow"
        Action   = "s3:ListAllMyBuckets"
        Resource = "*"
      },
    ]
  })
}
